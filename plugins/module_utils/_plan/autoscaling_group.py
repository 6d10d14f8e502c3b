# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about an Auto Scaling Group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import autoscaling_settings, mixed_instances
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_faults import reservations, sizes
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import AutoScalingGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_settings import TARGET_GROUP, UNPROTECTED
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_template import named
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.autoscaling_parts import parts
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.autoscaling_parts import settled as settled_parts
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

KIND = "autoscaling group"
PROCESSES = "processes of autoscaling group"
SIZES = ("min_size", "max_size", "desired_capacity")
NEEDED = ("launch_template", "subnet_ids", "min_size", "max_size")


def plan(want: AutoScalingGroup | None, have: AutoScalingGroup | None, params: Mapping[str, Any]) -> Plan:
    """A group that is being deleted already counts as gone; a new one of its name is made once it is."""
    there = have if have and not have.leaving else None
    if want is None:
        return _absent(there, params) if there else ()
    if there is None:
        _refuse_half(want)
        made = compare(KIND, want.name, completed(want, None), None)
        return (*(replace(change, have=have) for change in made), *parts(want, None))
    want = completed(want, there)
    there = _with_propagation(_with_sources(there, want), want)
    changes = compare(KIND, want.name, keep_tags(want, there, params["purge_tags"]), there)
    return _resumed_last(changes, parts(want, there))


def _resumed_last(changes: Plan, parts_of_it: Plan) -> Plan:
    """A group stops processes before anything else changes. What it resumes goes on once its parts have changed too: a
    policy or a scheduled action of before would act on a group that is half what it is to be."""
    held = _held(changes[0]) if changes and parts_of_it else None
    if held is None:
        return (*changes, *parts_of_it)
    (change,) = changes
    option = "suspended_processes"
    last = replace(change, kind=PROCESSES, before={option: held}, after={option: change.after[option]})
    there = {key: value for key, value in change.before.items() if key != option or value != held}
    first = replace(change, before=there, after={key: {**change.after, option: held}[key] for key in there})
    return (*((first,) if there else ()), *parts_of_it, last)


def _held(change: Change) -> list[str] | None:
    """The processes that are suspended until the end, where the change resumes one that is now."""
    there, wanted = (set(each.get("suspended_processes") or ()) for each in (change.before, change.after))
    return sorted(there | wanted) if there - wanted else None


def _absent(have: AutoScalingGroup, params: Mapping[str, Any]) -> Plan:
    """AWS refuses to delete a protected group. Protection is lifted on the way when that is asked for."""
    protection = have.deletion_protection
    if protection not in (UNSET, UNPROTECTED) and params.get("deletion_protection") != UNPROTECTED:
        raise StackError(
            f"{KIND} {have.name}: deletion_protection is {protection}, so it can't be deleted. "
            f"Give deletion_protection: {UNPROTECTED} with state: absent to lift it and delete."
        )
    return compare(KIND, have.name, None, have)


def completed(want: AutoScalingGroup, have: AutoScalingGroup | None) -> AutoScalingGroup:
    """``want`` with what follows from it: the template in full, and the capacity that the sizes allow."""
    if have is None:
        policy = mixed_instances.over(want.mixed_instances, None, {})
        capacity = _either(want.desired_capacity, want.min_size)
        return replace(want, mixed_instances=policy, desired_capacity=capacity, **_nested(want, None))
    ids = have.template_ids or {}
    want = _left_to_actions(want)
    template = UNSET if want.template_stays else named(want.launch_template, have.launch_template, ids)
    there = None if have.mixed_instances is UNSET else have.mixed_instances
    policy = UNSET if want.template_stays else mixed_instances.over(want.mixed_instances, there, ids)
    _refuse_without_template(policy, template, have)
    return replace(
        want,
        launch_template=template,
        mixed_instances=policy,
        desired_capacity=_capacity(want, have),
        **_nested(want, have),
    )


def _left_to_actions(want: AutoScalingGroup) -> AutoScalingGroup:
    """A size that a scheduled action sets is, in a group that is there, what the last one of them made it."""
    actions = want.scheduled_actions or ()
    scheduled = [size for size in SIZES if any(action.options.get(size) is not None for action in actions)]
    left: dict[str, Any] = dict.fromkeys(scheduled, UNSET)
    return replace(want, **left)


def _nested(want: AutoScalingGroup, have: AutoScalingGroup | None) -> dict[str, Any]:
    """The structures that are given, with what they don't give of those that are there."""
    given = [option for option in autoscaling_settings.NESTED if getattr(want, option) is not UNSET]
    whole = {
        option: autoscaling_settings.over(option, getattr(want, option), getattr(have, option, None) or {})
        for option in given
    }
    if wrong := reservations(whole.get("capacity_reservation_specification")):
        raise InvalidOptions(wrong)
    return whole


def _refuse_without_template(policy: Any, template: Any, have: AutoScalingGroup) -> None:
    if policy and template is UNSET and have.launch_template is None:
        cause = f"is missing: autoscaling group {have.name} has no launch template that its mixed instances could have"
        raise InvalidOptions((Fault("launch_template", None, cause, "Give launch_template too"),))


def _either(first: Any, second: Any) -> Any:
    return second if first is UNSET else first


def _capacity(want: AutoScalingGroup, have: AutoScalingGroup) -> Any:
    """Left to whoever scales the group, but for new bounds: AWS moves it just inside them, and the plan says so."""
    smallest, largest = _either(want.min_size, have.min_size), _either(want.max_size, have.max_size)
    desired = None if want.desired_capacity is UNSET else want.desired_capacity
    wrong = sizes(smallest, largest, desired)
    if wrong:
        raise InvalidOptions(wrong)
    inside = max(smallest, min(largest, have.desired_capacity))
    return want.desired_capacity if desired is not None or inside == have.desired_capacity else inside


def _with_sources(have: AutoScalingGroup, want: AutoScalingGroup) -> AutoScalingGroup:
    """AWS tells target groups among the traffic sources too: they are left to target_group_arns where it is given."""
    if want.target_group_arns is UNSET or have.traffic_sources is UNSET:
        return have
    others = tuple(each for each in have.traffic_sources if each["type"] != TARGET_GROUP)
    return replace(have, traffic_sources=others)


def _with_propagation(have: AutoScalingGroup, want: AutoScalingGroup) -> AutoScalingGroup:
    """Whether those tags that are wanted and there are propagated as wanted; of the others it is no matter."""
    flags = {have.propagated[key] for key in want.tags or () if key in have.propagated}
    same = flags <= {want.propagate_tags}
    return replace(have, propagate_tags=want.propagate_tags if same else not want.propagate_tags)


def _refuse_half(want: AutoScalingGroup) -> None:
    missing = [option for option in NEEDED if getattr(want, option) is UNSET]
    if missing:
        cause = f"is missing, and there is no autoscaling group {want.name} yet"
        raise InvalidOptions(tuple(Fault(option, None, cause, f"Give {option} to make one") for option in missing))


def settled(want: AutoScalingGroup, have: AutoScalingGroup | None) -> AutoScalingGroup:
    """What will be there, for the facts of check mode."""
    there = have if have and not have.leaving else None
    whole = settle(completed(want, there), there)
    return replace(whole, **settled_parts(want, there))
