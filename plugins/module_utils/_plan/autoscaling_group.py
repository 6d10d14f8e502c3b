# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about an Auto Scaling Group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_faults import sizes
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import AutoScalingGroup, named
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, InvalidOptions
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.autoscaling_parts import parts
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.autoscaling_parts import settled as settled_parts
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

KIND = "autoscaling group"
NEEDED = ("launch_template", "subnet_ids", "min_size", "max_size")


def plan(want: AutoScalingGroup | None, have: AutoScalingGroup | None, params: Mapping[str, Any]) -> Plan:
    """A group that is being deleted already counts as gone; a new one of its name is made once it is."""
    there = have if have and not have.leaving else None
    if want is None:
        return compare(KIND, there.name, None, there) if there else ()
    if there is None:
        _refuse_half(want)
        made = compare(KIND, want.name, completed(want, None), None)
        return (*(replace(change, have=have) for change in made), *parts(want, None))
    want = completed(want, there)
    there = _with_propagation(there, want)
    return (*compare(KIND, want.name, keep_tags(want, there, params["purge_tags"]), there), *parts(want, there))


def completed(want: AutoScalingGroup, have: AutoScalingGroup | None) -> AutoScalingGroup:
    """``want`` with what follows from it: the template in full, and the capacity that the sizes allow."""
    if have is None:
        return replace(want, desired_capacity=_either(want.desired_capacity, want.min_size))
    template = UNSET if want.template_stays else named(want.launch_template, have)
    return replace(want, launch_template=template, desired_capacity=_capacity(want, have))


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
