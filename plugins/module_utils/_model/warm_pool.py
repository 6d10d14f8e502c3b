# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A warm pool: instances beside an Auto Scaling Group that are prepared before they are needed.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutWarmPool.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, structure
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Part
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import number, one, switch, text
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

POOL: structure.Structure = {
    "min_size": number("MinSize"),
    "max_group_prepared_capacity": number("MaxGroupPreparedCapacity"),
    "pool_state": text("PoolState", "Stopped", "Running", "Hibernated"),
    "instance_reuse_policy": one("InstanceReusePolicy", {"reuse_on_scale_in": switch("ReuseOnScaleIn")}),
}
OPTIONS: dict[str, Any] = {"warm_pool": {"type": "dict", "options": structure.spec(POOL)}}
CAPACITY = "max_group_prepared_capacity"
NONE = -1  # takes the capacity away
# What AWS takes of a new pool, and what the absence of a member means.
DEFAULTS = {
    "min_size": 0,
    CAPACITY: None,
    "pool_state": "Stopped",
    "instance_reuse_policy": {"reuse_on_scale_in": False},
}
LEAVING = "PendingDelete"


def from_params(group: str, pool: Mapping[str, Any] | None) -> Any:
    """None where there shall be no pool."""
    if pool is None:
        return UNSET
    options = structure.given(POOL, pool)
    if options.get(CAPACITY) == NONE:
        options[CAPACITY] = None
    return Part(group, options) if options else None


def from_api(group: Mapping[str, Any]) -> Part | None:
    """From the group that DescribeAutoScalingGroups tells. A pool that is being deleted counts as gone."""
    pool = group.get("WarmPoolConfiguration")
    if not pool or pool.get("Status") == LEAVING:
        return None
    options = {**DEFAULTS, **structure.from_api(POOL, pool)}
    if options[CAPACITY] == NONE:
        options[CAPACITY] = None
    return Part(group["AutoScalingGroupName"], options, {"size": group.get("WarmPoolSize", 0)})


def leaving(group: Mapping[str, Any]) -> bool:
    return (group.get("WarmPoolConfiguration") or {}).get("Status") == LEAVING


def before(group: str) -> Part:
    """What stands for a pool that has to be gone before the next one is made."""
    return Part(group, DEFAULTS, {"status": LEAVING})


def whole(want: Part, have: Part | None) -> Part:
    if have:
        return Part(want.name, {**have.options, **want.options}, have.told)
    return Part(want.name, {**DEFAULTS, **want.options}, {"size": 0})


def to_api(want: Part, have: Part | None) -> dict[str, Any]:
    taken = have is not None and have.options[CAPACITY] is not None and want.options[CAPACITY] is None
    return structure.to_api(POOL, {**want.options, **({CAPACITY: NONE} if taken else {})})


def faults(pool: Mapping[str, Any] | None) -> checks.Faults:
    values = pool or {}
    low, most, found = values.get("min_size"), values.get(CAPACITY), []
    if low is not None and low < 0:
        found.append(Fault("warm_pool.min_size", low, "is too small", "Give 0 or more"))
    if most is not None and most < NONE:
        found.append(Fault(f"warm_pool.{CAPACITY}", most, "is too small", "Give 0 or more, or -1 to take it away"))
    return tuple(found)
