"""What an instance refresh waits for, in AWS's words where AWS's documentation and answers show them."""

from __future__ import annotations

import time
from typing import Any

from local_region.control.auto_scaling.members import LIVE
from local_region.control.auto_scaling.refresh_record import Refresh
from local_region.control.moment import Moment
from local_region.control.target_health import health_of
from local_region.world import TargetHealth

AVAILABLE = "Waiting for remaining instances to be available. For example:"


def waiting_for(moment: Moment, group: Any, refresh: Refresh) -> str | None:
    """The first instance that holds the refresh up, and why."""
    told = [each for member in group.instance_states if (each := _of(moment, group, refresh, member))]
    return min(told, default=(0, None))[1]


def _of(moment: Moment, group: Any, refresh: Refresh, member: Any) -> tuple[int, str] | None:
    """(rank, reason): what is ill before what comes, that before what someone has to let go."""
    name, state = member.instance.id, member.lifecycle_state
    old = name in refresh.to_replace
    if state in LIVE and (ill := _ill(moment, group, member)):
        return 0, f"{AVAILABLE} {name} {ill}"
    if state in LIVE - {"InService"}:
        return 1, f"{AVAILABLE} {name} has insufficient data to evaluate its health with Amazon EC2."
    if state == "InService" and not old and not _seen_healthy(moment, group, member):
        return 1, f"{AVAILABLE} {name} has insufficient data to evaluate its health with Elastic Load Balancing."
    if state == "InService" and not old and not _warm(moment, refresh, member):
        return 2, f"Waiting for instances to warm up before continuing. For example: {name} is warming up."
    if old and member.protected_from_scale_in and refresh.preferences.protected == "Wait":
        return 3, f"{AVAILABLE} {name} is protected. Remove instance scale-in protection to continue."
    if old and state == "Standby" and refresh.preferences.standby == "Wait":
        return 3, f"{AVAILABLE} {name} is in Standby. Return the instance to service to continue."
    return None


def _ill(moment: Moment, group: Any, member: Any) -> str | None:
    for health in _targets(moment, group, member):
        if health.state == "unhealthy":
            return f"is unhealthy with Elastic Load Balancing: {health.reason}: {health.description}."
    return f"is unhealthy: {member.unhealthy_because}." if member.health_status == "Unhealthy" else None


def _seen_healthy(moment: Moment, group: Any, member: Any) -> bool:
    return all(health.state in {"healthy", "unused"} for health in _targets(moment, group, member))


def _targets(moment: Moment, group: Any, member: Any) -> list[TargetHealth]:
    if "ELB" not in group.health_check_type:
        return []
    groups = (moment.backends.elbv2.target_groups.get(arn) for arn in group.target_group_arns)
    return [health_of(each, member.instance.id, moment.backends.ec2) for each in groups if each]


def _warm(moment: Moment, refresh: Refresh, member: Any) -> bool:
    served = time.monotonic() - member.in_service_since
    return bool(served >= refresh.preferences.warmup * moment.clock.scale)
