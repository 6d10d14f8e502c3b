"""PutNotificationConfiguration and its like, none of which moto has. Nothing is sent to a topic."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult

from local_region.control.auto_scaling.groups import named

TYPES = frozenset(
    f"autoscaling:{event}"
    for event in (
        "EC2_INSTANCE_LAUNCH",
        "EC2_INSTANCE_LAUNCH_ERROR",
        "EC2_INSTANCE_TERMINATE",
        "EC2_INSTANCE_TERMINATE_ERROR",
        "TEST_NOTIFICATION",
    )
)


def _put(self: Any) -> Any:
    """ "This configuration overwrites any existing configuration": of the same topic."""
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    types = self._get_param("NotificationTypes", [])
    if unknown := set(types) - TYPES:
        raise ValidationError(f"Unknown notification types: {', '.join(sorted(unknown))}")
    group.notifications[self._get_param("TopicARN")] = list(types)
    return EmptyResult()


def _describe(self: Any) -> Any:
    """Each type of each topic by itself. A group that isn't there has none."""
    groups = self.autoscaling_backend.autoscaling_groups
    names = self._get_param("AutoScalingGroupNames", []) or list(groups)
    told = [
        {"AutoScalingGroupName": name, "TopicARN": topic, "NotificationType": kind}
        for name in names
        if name in groups
        for topic, types in groups[name].notifications.items()
        for kind in types
    ]
    return ActionResult({"NotificationConfigurations": told})


def _delete(self: Any) -> Any:
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    group.notifications.pop(self._get_param("TopicARN"), None)
    return EmptyResult()


AutoScalingResponse.put_notification_configuration = _put
AutoScalingResponse.describe_notification_configurations = _describe
AutoScalingResponse.delete_notification_configuration = _delete
