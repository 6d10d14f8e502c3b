# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether a group's instances have to be refreshed, or a refresh that is under way has to end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import mixed_instances
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_template import called, same
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh import (
    GOES_ON,
    REPLACE_ROOT_VOLUME,
    InstanceRefresh,
    to_replace,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

KIND = "instance refresh"


def plan(want: InstanceRefresh | None, have: InstanceRefresh | None, params: Mapping[str, Any]) -> Plan:
    if want is None or have is None:
        return ()
    return {"cancelled": _cancel, "rolled_back": _roll_back}.get(want.state, _refresh)(want, have)


def _refresh(want: InstanceRefresh, have: InstanceRefresh) -> Plan:
    """Where an instance is stale, or the group itself still launches something else."""
    want = replace(want, mixed_instances=mixed_instances.over(want.mixed_instances, have.policy, {}))
    policy = have.policy if want.mixed_instances is UNSET else want.policy
    if have.under_way:
        _refuse_another(want, have)
        return ()
    stale = to_replace(want, have)
    if not stale and same(want.launch_template, have.launch_template) and policy == have.policy:
        return ()
    _refuse_root_volumes(want, have, policy)
    after = {**want.settings(), "replaces": stale}
    return (Change("create", KIND, want.name, {}, after, want, have),)


def _refuse_root_volumes(want: InstanceRefresh, have: InstanceRefresh, policy: Any) -> None:
    """AWS replaces root volumes by the images that the overrides of a mixed instances policy have, and of instances
    that run the wanted launch template."""
    if want.strategy != REPLACE_ROOT_VOLUME:
        return
    overrides = (policy or {}).get("overrides") or []
    images = [each.get("image_id") for each in overrides]
    if not (images and all(images)):
        cause = "needs a policy of mixed instances each of whose overrides has an image_id"
        there = "none" if policy is None else f"{len(images)} overrides, {sum(map(bool, images))} with an image"
        remedy = f"Give mixed_instances with the new images, or use Rolling; autoscaling group {want.name} has {there}"
        raise InvalidOptions((Fault("strategy", want.strategy, cause, remedy),))
    without = {"overrides": [{option: each[option] for option in each if option != "image_id"} for each in overrides]}
    as_if = replace(have, instances=tuple(replace(each, image_id=None) for each in have.instances))
    if others := as_if.stale(want.launch_template, without):
        told = ", ".join(f"{name} runs {what}" for name, what in others.items())
        cause = f"replaces root volumes of instances of {called(want.launch_template)} alone ({told})"
        raise InvalidOptions(
            (Fault("strategy", want.strategy, cause, "Give the version that they run, or use Rolling"),)
        )


def _refuse_another(want: InstanceRefresh, have: InstanceRefresh) -> None:
    """A refresh that is being cancelled brings nobody where it was to go."""
    target = have.target_mixed_instances
    policy = UNSET if want.mixed_instances is UNSET else mixed_instances.over(want.mixed_instances, target, {})
    brings = policy is UNSET or mixed_instances.by_id(policy) == mixed_instances.by_id(target)
    if have.status != "Cancelling" and same(want.launch_template, have.target) and brings:
        return
    progress = f"{have.status}, {have.percentage_complete or 0} % complete"
    raise StackError(
        f"{KIND} of autoscaling group {want.name} to {called(want.launch_template)}: {have.id} to "
        f"{called(have.target)} is under way ({progress}), and AWS does one at a time. "
        "Let it end, or end it (state: cancelled, or rolled_back), and run again."
    )


def _cancel(want: InstanceRefresh, have: InstanceRefresh) -> Plan:
    return _end(want, have) if have.under_way and have.status != "Cancelling" else ()


def _roll_back(want: InstanceRefresh, have: InstanceRefresh) -> Plan:
    if have.status in GOES_ON:
        return _end(want, have)
    if have.status in {"RollbackInProgress", "RollbackSuccessful"}:
        return ()
    last = f"the last one, {have.id}, is {have.status}" if have.id else "there was none"
    raise StackError(
        f"{KIND} of autoscaling group {want.name}: none is under way that could be rolled back ({last}). "
        "Refresh to the version that is to come back (state: present)."
    )


def _end(want: InstanceRefresh, have: InstanceRefresh) -> Plan:
    before = {"state": "under way", "launch_template": have.target}
    return (Change("update", KIND, want.name, before, {"state": want.state}, want, have),)


def given_up(want: InstanceRefresh, seen: InstanceRefresh) -> Plan:
    """While it is waited for: its end, once so many of the new instances have failed that the others would too."""
    if want.state is not UNSET or seen.status not in GOES_ON or not 0 < want.failure_threshold <= len(seen.failed):
        return ()
    many = f"{len(seen.failed)} instance{'s' if len(seen.failed) > 1 else ''}"
    why = (
        f"Given up after {many} of {called(want.launch_template)} ({', '.join(seen.failed)}) failed the health check "
        f"(failure_threshold: {want.failure_threshold})"
    )
    end = "cancelled" if want.auto_rollback is False else "rolled_back"
    before = {"state": "under way", "launch_template": seen.target}
    return (Change("update", KIND, want.name, before, {"state": end, "because": why}, want, seen),)


def settled(want: InstanceRefresh, have: InstanceRefresh | None) -> InstanceRefresh:
    """What will be there, for the facts of check mode."""
    if have is None:
        return want
    policy = mixed_instances.over(want.mixed_instances, have.policy, {})
    return replace(
        have,
        launch_template=have.launch_template if want.launch_template is UNSET else want.launch_template,
        mixed_instances=have.mixed_instances if policy is UNSET else policy,
    )
