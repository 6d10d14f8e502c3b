# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a launch template: a new version only where its launch data differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template import LAUNCH_DATA, LaunchTemplate
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

KIND = "launch template"
VERSIONS = "launch template versions"


def plan(want: LaunchTemplate | None, have: LaunchTemplate | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        return compare(KIND, have.name, None, have) if have else ()
    want = completed(keep_tags(want, have, params["purge_tags"]), have)
    return compare(KIND, want.name, want, have) + prune(want, have, params.get("keep_versions"))


def completed(want: LaunchTemplate, have: LaunchTemplate | None) -> LaunchTemplate:
    """``want`` with the parts of nested options that it leaves alone, and the version that will be the default.

    The newest version is the base: what someone else made of the template is found and, where it differs, put right.
    """
    if have is None:
        return replace(want, default_version=1)
    want = replace(
        want,
        metadata_options=_merged(have.metadata_options, want.metadata_options),
        volumes=_volumes(want.volumes, have.volumes),
    )
    wanted, there = want.settings(), have.settings()
    differs = any(there.get(option) != wanted[option] for option in LAUNCH_DATA & wanted.keys())
    return replace(want, default_version=have.latest_version + 1 if differs else have.latest_version)


def _merged(have: Mapping[str, Any], want: Any) -> Any:
    return UNSET if want is UNSET else {**have, **want}


def _volumes(want: Any, have: Sequence[Mapping[str, Any]]) -> Any:
    if want is UNSET:
        return UNSET
    there = {volume["device_name"]: volume for volume in have}
    return tuple(_volume(volume, there.get(volume["device_name"], {})) for volume in want)


def _volume(want: Mapping[str, Any], have: Mapping[str, Any]) -> dict[str, Any]:
    """What a volume's performance may be depends on its type, so that a new type begins without the old figures."""
    changed = want.get("type") != have.get("type")
    dropped = {"iops", "throughput"} if changed else set()
    if want.get("encrypted") is False:
        dropped.add("kms_key_id")
    return {**{option: value for option, value in have.items() if option not in dropped}, **want}


def prune(want: LaunchTemplate, have: LaunchTemplate | None, keep: int | None) -> Plan:
    """Delete versions older than the ``keep`` newest, but none that is the default or that instances run from."""
    if have is None or keep is None:
        return ()
    newest_first = sorted({*have.versions, want.default_version}, reverse=True)
    spared = {want.default_version, *have.versions_in_use}
    old = sorted(set(newest_first[keep:]) - spared)
    return (Change("delete", VERSIONS, want.name, {"versions": old}, {}, None, have),) if old else ()


def settled(want: LaunchTemplate, have: LaunchTemplate | None) -> LaunchTemplate:
    """The new version's number is known before it is made: EC2 counts on from the newest."""
    want = completed(want, have)
    made = have is None or want.default_version > have.latest_version
    description = want.version_description if made or have is None else have.version_description
    after = settle(want, have)
    return replace(after, latest_version=want.default_version, version_description=description)
