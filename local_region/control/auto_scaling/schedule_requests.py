"""Scheduled actions, which moto knows by their name in all groups. None is carried out here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult

from local_region.control.auto_scaling.cron import following
from local_region.control.auto_scaling.groups import named
from local_region.control.patching import around

OPTIONS = ("MinSize", "MaxSize", "DesiredCapacity", "Recurrence", "TimeZone", "StartTime", "EndTime")


@around(AutoScalingResponse, "put_scheduled_update_group_action")
def put(original: Any, self: Any) -> Any:
    """What is not given of an action that is there stays."""
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    name = self._get_param("ScheduledActionName")
    given = {option: self._get_param(option) for option in OPTIONS if self._get_param(option) is not None}
    given |= {option: _time(given[option]) for option in ("StartTime", "EndTime") if option in given}
    if "StartTime" in given and given["StartTime"] <= datetime.now(UTC):
        raise ValidationError("Given start time is in the past")
    _refuse_equal(group, name, given.get("StartTime"))
    action = {**group.scheduled_actions.get(name, {}), **given}
    if not any(size in action for size in ("MinSize", "MaxSize", "DesiredCapacity")):
        raise ValidationError("At least one of MinSize, MaxSize or DesiredCapacity must be specified.")
    _next_turn(action, given)
    arn = group.arn.replace("autoScalingGroup:", "scheduledUpdateGroupAction:") + f":scheduledActionName/{name}"
    told = {"AutoScalingGroupName": group.name, "ScheduledActionName": name, "ScheduledActionARN": arn}
    group.scheduled_actions[name] = {**action, **told, "Time": action["StartTime"]}
    return EmptyResult()


def _refuse_equal(group: Any, name: str, start: datetime | None) -> None:
    """User Guide, "Scheduled scaling": "A scheduled action must have a unique time value"."""
    others = (action for other, action in group.scheduled_actions.items() if other != name and not _over(action))
    if start and any(action["StartTime"] == start for action in others):
        message = f"A scheduled action with this scheduled start time already exists for group {group.name}"
        raise AutoscalingClientError("AlreadyExists", message)


def _next_turn(action: dict[str, Any], given: dict[str, Any]) -> None:
    """Of a recurring action AWS tells the next turn as its start."""
    if "Recurrence" not in action:
        if "StartTime" not in action:
            raise ValidationError("Either Recurrence or StartTime must be specified.")
        return
    if "StartTime" in given:
        return
    zone = ZoneInfo(action.get("TimeZone") or "UTC")
    try:
        coming = following(action["Recurrence"], datetime.now(zone).replace(tzinfo=None))
    except (ValueError, KeyError) as error:
        raise ValidationError(f"Invalid recurrence: {action['Recurrence']}") from error
    if coming is None:
        raise ValidationError(f"The recurrence {action['Recurrence']} has no time.")
    action["StartTime"] = coming.replace(tzinfo=zone).astimezone(UTC)


def _time(given: Any) -> datetime:
    time = given if isinstance(given, datetime) else datetime.fromisoformat(given)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


@around(AutoScalingResponse, "describe_scheduled_actions")
def describe(original: Any, self: Any) -> Any:
    """Those that haven't run or have not reached their end."""
    name, names = self._get_param("AutoScalingGroupName"), self._get_param("ScheduledActionNames", [])
    groups = [named(self.autoscaling_backend, name)] if name else self.autoscaling_backend.autoscaling_groups.values()
    told = [
        action
        for group in groups
        for action in group.scheduled_actions.values()
        if (not names or action["ScheduledActionName"] in names) and not _over(action)
    ]
    return ActionResult({"ScheduledUpdateGroupActions": told})


def _over(action: dict[str, Any]) -> bool:
    last = action.get("EndTime") if "Recurrence" in action else action["StartTime"]
    return last is not None and last <= datetime.now(UTC)


@around(AutoScalingResponse, "delete_scheduled_action")
def delete(original: Any, self: Any) -> Any:
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    name = self._get_param("ScheduledActionName")
    if name not in group.scheduled_actions:
        raise ValidationError(f"Scheduled action name not found: {name}")
    del group.scheduled_actions[name]
    return EmptyResult()
