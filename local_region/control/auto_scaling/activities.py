"""What an Auto Scaling group did and why, as DescribeScalingActivities tells it, the newest first."""

from __future__ import annotations

import json
from typing import Any

from moto.autoscaling.models import Activity
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult
from moto.core.utils import utcnow

from local_region.control.patching import around

REMEMBERED = 100  # activities a group


def begin(group: Any, description: str, *causes: str, subnet: Any = None) -> Any:
    """A new activity, in progress. AWS tells each cause with its time: "At 2026-01-30T10:31:50Z an instance ..."."""
    told = "  ".join(cause if cause.startswith("At ") else f"At {stamp()} {cause}" for cause in causes)
    activity = Activity(description, told, group)
    activity.end_time = None
    activity.status_message = None
    activity.auto_scaling_group_arn = group.arn
    if subnet is not None:
        activity.details = json.dumps({"Subnet ID": subnet.id, "Availability Zone": subnet.availability_zone})
    group.activities = [activity, *group.activities][:REMEMBERED]
    return activity


def go_on(activity: Any, status: str, progress: int) -> None:
    """Where an activity that is not over has got to."""
    if activity is not None and activity.end_time is None:
        activity.status_code, activity.progress = status, progress


def end(activity: Any, status: str = "Successful", message: str | None = None) -> None:
    """``status`` is Successful, Failed or Cancelled."""
    if activity is not None and activity.end_time is None:
        activity.status_code, activity.status_message = status, message
        activity.end_time, activity.progress = utcnow(), 100


def stamp() -> str:
    """The time as activities write it."""
    return str(utcnow().strftime("%Y-%m-%dT%H:%M:%SZ"))


@around(AutoScalingResponse, "describe_scaling_activities")
def tell_activities(original: Any, self: Any) -> Any:
    """moto always answers with none."""
    backend, name = self.autoscaling_backend, self._get_param("AutoScalingGroupName")
    groups = [group for group in backend.autoscaling_groups.values() if name in {None, group.name}]
    if self._get_bool_param("IncludeDeletedGroups", False):
        groups += [group for group in getattr(backend, "deleted_groups", []) if name in {None, group.name}]
    wanted = self._get_param("ActivityIds", [])
    found = [each for group in groups for each in group.activities if not wanted or each.activity_id in wanted]
    found.sort(key=lambda each: each.start_time, reverse=True)
    start = int(self._get_param("NextToken") or 0)
    end_ = start + (self._get_int_param("MaxRecords") or REMEMBERED)
    return ActionResult({"Activities": found[start:end_], "NextToken": str(end_) if end_ < len(found) else None})
