"""Warm pools: what a request leaves out stays, -1 takes the most away, and a group has to be there. None has instances:
those of this region start at once."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import EmptyResult

from local_region.control.auto_scaling.groups import named
from local_region.control.patching import around

MEMBERS = ("MinSize", "MaxGroupPreparedCapacity", "PoolState", "InstanceReusePolicy")
DEFAULTS = {"MinSize": 0, "PoolState": "Stopped"}


@around(AutoScalingResponse, "put_warm_pool")
def put(original: Any, self: Any) -> Any:
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    given = {member: self._get_param(member) for member in MEMBERS if self._get_param(member) is not None}
    pool = {**DEFAULTS, **(group.warm_pool or {}), **given}
    if pool.get("MaxGroupPreparedCapacity") == -1:
        del pool["MaxGroupPreparedCapacity"]
    group.warm_pool = pool
    return EmptyResult()


@around(AutoScalingResponse, "delete_warm_pool")
def delete(original: Any, self: Any) -> Any:
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    if group.warm_pool is None:
        raise ValidationError(f"No warm pool found for Auto Scaling group {group.name}")
    group.warm_pool = None
    return EmptyResult()


FakeAutoScalingGroup.warm_pool_size = property(lambda group: None if group.warm_pool is None else 0)
