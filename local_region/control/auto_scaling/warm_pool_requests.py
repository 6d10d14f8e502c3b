"""Warm pools: what a request leaves out stays, -1 takes the most away, and a group has to be there. One that is deleted
goes after a while, and is refused everything until then. None has instances: those of this region start at once."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import FakeAutoScalingGroup
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import EmptyResult

from local_region.control.auto_scaling.groups import named
from local_region.control.moment import Moment
from local_region.control.patching import around

MEMBERS = ("MinSize", "MaxGroupPreparedCapacity", "PoolState", "InstanceReusePolicy")
DEFAULTS = {"MinSize": 0, "PoolState": "Stopped"}
LEAVING = {"Status": "PendingDelete"}


@around(AutoScalingResponse, "put_warm_pool")
def put(original: Any, self: Any) -> Any:
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    _refuse_leaving(group)
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
    _refuse_leaving(group)
    group.warm_pool = {**group.warm_pool, **LEAVING}
    return EmptyResult()


def _leaves(group: Any) -> bool:
    return LEAVING.items() <= (group.warm_pool or {}).items()


def _refuse_leaving(group: Any) -> None:
    if _leaves(group):
        raise ValidationError(f"The warm pool of Auto Scaling group {group.name} is pending deletion")


def turn(moment: Moment, group: Any) -> None:
    if _leaves(group) and moment.clock.over("warm_pool.deleting", group.arn):
        moment.clock.forget("warm_pool.deleting", group.arn)
        group.warm_pool = None


FakeAutoScalingGroup.warm_pool_size = property(lambda group: None if group.warm_pool is None else 0)
