"""Health: EC2's word at once, a target group's after the grace period, a user's by SetInstanceHealth."""

from __future__ import annotations

import time
from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import EmptyResult

from local_region.control.auto_scaling.members import find, live, target_states
from local_region.control.moment import Moment
from local_region.control.patching import around

GONE = "an EC2 health check indicating it has been terminated or stopped"


def check(moment: Moment, group: Any, suspended: set[str]) -> None:
    """Mark the members that EC2 or, after the grace period, a target group finds unhealthy."""
    if "HealthCheck" in suspended:
        return
    for member in live(group):
        grace = float(group.health_check_grace_period or 0) * moment.clock.scale
        member.grace_ends = member.in_service_since + grace
        if gone(member):
            member.health_status, member.unhealthy_because = "Unhealthy", GONE
        elif member.health_status == "Healthy" and _fails_elb(moment, group, member):
            member.health_status, member.unhealthy_because = "Unhealthy", "an ELB system health check failure"


def gone(member: Any) -> bool:
    """Whether EC2 has no running instance (any more)."""
    return member.instance.state not in {"pending", "running"}


def _fails_elb(moment: Moment, group: Any, member: Any) -> bool:
    return (
        member.lifecycle_state == "InService"
        and "ELB" in group.health_check_type
        and time.monotonic() >= member.grace_ends
        and "unhealthy" in target_states(moment, group, member)
    )


@around(AutoScalingResponse, "set_instance_health")
def set_health(original: Any, self: Any) -> Any:
    """ShouldRespectGracePeriod is true by default: within the grace period "Unhealthy" then says nothing."""
    instance, status = self._get_param("InstanceId"), self._get_param("HealthStatus")
    if status not in {"Healthy", "Unhealthy"}:
        raise ValidationError(f"Instance health status {status} is invalid: Valid statuses are [Healthy, Unhealthy]")
    member = find(self.autoscaling_backend, instance)
    respect = self._get_bool_param("ShouldRespectGracePeriod", True)
    if status == "Healthy" or not respect or time.monotonic() >= member.grace_ends:
        member.health_status, member.unhealthy_because = status, "a user health-check"
    return EmptyResult()
