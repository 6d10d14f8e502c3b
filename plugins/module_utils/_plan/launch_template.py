# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a launch template: a new version only where its launch data differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template import KEEP, LaunchTemplate
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_faults import incomplete
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_whole import equal, whole
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

KIND = "launch template"
VERSIONS = "launch template versions"


def plan(want: LaunchTemplate | None, have: LaunchTemplate | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        return compare(KIND, have.name, None, have) if have else ()
    _refuse_default_of_nothing(want, have)
    want = completed(keep_tags(want, have, params["purge_tags"]), have)
    _refuse_incomplete(want)
    _refuse_groups_by_name(want, have)
    return compare(KIND, want.name, want, have) + prune(want, have, params.get("keep_versions"))


def _refuse_default_of_nothing(want: LaunchTemplate, have: LaunchTemplate | None) -> None:
    if have is None and isinstance(want.default_version, int):
        raise StackError(
            f"{KIND} {want.name}: version {want.default_version} can't become the default, there is no such template. "
            "Make it first, or correct the name."
        )


def _refuse_incomplete(want: LaunchTemplate) -> None:
    if lacking := incomplete(want.settings()):
        raise StackError(f"{KIND} {want.name}: {lacking}")


def _refuse_groups_by_name(want: LaunchTemplate, have: LaunchTemplate | None) -> None:
    """EC2 takes no group by name beside a network interface, and this module looks no id up that is not its own."""
    names = have.data.get("SecurityGroups") if have and have.data else None
    if names and want.network_interfaces and want.security_group_ids is UNSET:
        raise StackError(
            f"{KIND} {want.name}: network_interfaces can't stand beside the security groups {', '.join(names)}, which "
            "the template has by name. Give security_group_ids."
        )


def completed(want: LaunchTemplate, have: LaunchTemplate | None) -> LaunchTemplate:
    """``want`` with the parts of nested options that it leaves alone, its version, and the default version.

    What someone else made of the version that is compared is found and, where it differs, put right in a new one.
    """
    if have is None:
        return replace(whole(want, LaunchTemplate(want.name)), version=1, default_version=1)
    want = whole(want, have)
    version = have.version if equal(have, want) else have.latest_version + 1
    default = {UNSET: version, KEEP: have.default_version}.get(want.default_version, want.default_version)
    return replace(want, version=version, default_version=default)


def prune(want: LaunchTemplate, have: LaunchTemplate | None, keep: int | None) -> Plan:
    """Delete versions older than the ``keep`` newest, but none that is the default or in use."""
    if have is None or keep is None:
        return ()
    newest_first = sorted({*have.versions, want.version}, reverse=True)
    spared = {want.version, want.default_version, *have.versions_in_use}
    old = sorted(set(newest_first[keep:]) - spared)
    return (Change("delete", VERSIONS, want.name, {"versions": old}, {}, None, have),) if old else ()


def settled(want: LaunchTemplate, have: LaunchTemplate | None) -> LaunchTemplate:
    """The new version's number is known before it is made: EC2 counts on from the newest."""
    want = completed(want, have)
    made = have is None or want.version > have.latest_version
    description = want.version_description if made or have is None else have.version_description
    after = settle(want, have)
    latest = want.version if made else after.latest_version
    return replace(after, version=want.version, latest_version=latest, version_description=description)
