"""StartInstanceRefresh, Describe-, Cancel- and Rollback-: moto has none of them."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.responses import AutoScalingResponse
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

from local_region.control.auto_scaling import refresh_rollback
from local_region.control.auto_scaling.groups import named
from local_region.control.auto_scaling.launch import resolve
from local_region.control.auto_scaling.refresh_preferences import Preferences, preferences
from local_region.control.auto_scaling.refresh_record import Refresh, active

NONE_ACTIVE = "No in progress or pending Instance Refresh found for Auto Scaling group"
PAGE = 50


def _start(self: Any) -> Any:
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    if active(group):
        message = "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh."
        raise AutoscalingClientError("InstanceRefreshInProgress", message)
    strategy = self._get_param("Strategy") or "Rolling"
    if strategy != "Rolling":
        raise ValidationError(f"Strategy {strategy}: this region has no root volumes to replace. Use Rolling.")
    wished = preferences(group, self._get_param("Preferences") or {})
    desired = _desired(group, self._get_param("DesiredConfiguration"))
    _refuse_launch_configuration(group, wished, desired)
    _refuse_rollback(self, group, wished, desired)
    _refuse_alarms(self, wished)
    original = frozenset(member.instance.id for member in group.instance_states)
    group.refresh = Refresh(group.name, wished, desired, original=original)
    group.refreshes = [group.refresh, *group.refreshes]
    return ActionResult({"InstanceRefreshId": group.refresh.id})


def _desired(group: Any, given: dict[str, Any] | None) -> dict[str, Any] | None:
    """The desired configuration with the template's id and name both, as AWS tells it."""
    if not given:
        return None
    if bool(given.get("LaunchTemplate")) == bool(given.get("MixedInstancesPolicy")):
        raise ValidationError("DesiredConfiguration must contain either LaunchTemplate or MixedInstancesPolicy.")
    try:
        source = resolve(group.ec2_backend, given)
        source.resolved()
    except ServiceException as error:
        message = f"You must use a valid fully-formed launch template. {error.message}"
        raise ValidationError(message) from error
    told = {"LaunchTemplateId": source.template.id, "LaunchTemplateName": source.template.name}
    told["Version"] = source.version
    if given.get("LaunchTemplate"):
        return {"LaunchTemplate": told}
    policy = dict(given["MixedInstancesPolicy"])
    policy["LaunchTemplate"] = {**policy["LaunchTemplate"], "LaunchTemplateSpecification": told}
    return {"MixedInstancesPolicy": policy}


def _refuse_launch_configuration(group: Any, wished: Preferences, desired: dict[str, Any] | None) -> None:
    """User Guide, "Use an instance refresh with skip matching": not with a launch configuration."""
    if wished.skip_matching and not desired and group.ec2_launch_template is None:
        raise ValidationError("SkipMatching is not supported for an Auto Scaling group with a launch configuration.")


def _refuse_rollback(request: Any, group: Any, wished: Preferences, desired: dict[str, Any] | None) -> None:
    if wished.auto_rollback and (cause := refresh_rollback.impossible(group, desired)):
        raise ValidationError(f"AutoRollback is not supported: {cause}")


def _refuse_alarms(request: Any, wished: Preferences) -> None:
    """User Guide: an alarm that is in the state INSUFFICIENT_DATA or ALARM refuses the start."""
    alarms = cloudwatch_backends[request.current_account][request.region].alarms
    for name in wished.alarms:
        if name not in alarms:
            raise ValidationError(f"The CloudWatch alarm {name} does not exist.")
        if alarms[name].state_value != "OK":
            state = alarms[name].state_value
            raise ValidationError(f"The CloudWatch alarm {name} is in state {state}: it must be in state OK.")


def _describe(self: Any) -> Any:
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    ids = self._get_param("InstanceRefreshIds") or []
    found = [each for each in group.refreshes if not ids or each.id in ids]
    start = self._get_param("NextToken") or "0"
    if not start.isdigit():
        raise AutoscalingClientError("InvalidNextToken", f"The NextToken value {start} is not valid.")
    end = int(start) + (self._get_int_param("MaxRecords") or PAGE)
    told = [each.described() for each in found[int(start) : end]]
    return ActionResult({"InstanceRefreshes": told, "NextToken": str(end) if end < len(found) else None})


def _active(request: Any) -> tuple[Any, Refresh]:
    group = named(request.autoscaling_backend, request._get_param("AutoScalingGroupName"))
    refresh = active(group)
    if refresh is None or refresh.status == "Cancelling":
        raise AutoscalingClientError("ActiveInstanceRefreshNotFound", f"{NONE_ACTIVE} {group.name}")
    return group, refresh


def _cancel(self: Any) -> Any:
    """A rollback too is cancelled. What was replaced stays; the group keeps the configuration last saved on it."""
    _, refresh = _active(self)
    refresh.status, refresh.reason = "Cancelling", "Cancellation due to user request."
    refresh.waits = self._get_bool_param("WaitForTransitioningInstances", True)
    return ActionResult({"InstanceRefreshId": refresh.id})


def _rollback(self: Any) -> Any:
    group, refresh = _active(self)
    if refresh.status == "RollbackInProgress":
        raise AutoscalingClientError("ActiveInstanceRefreshNotFound", f"{NONE_ACTIVE} {group.name}")
    if cause := refresh_rollback.impossible(group, refresh.desired):
        raise AutoscalingClientError(
            "IrreversibleInstanceRefresh", f"The instance refresh can't be rolled back: {cause}"
        )
    refresh_rollback.begin(group, refresh, "Rollback was initiated by a user request.")
    return ActionResult({"InstanceRefreshId": refresh.id})


AutoScalingResponse.start_instance_refresh = _start
AutoScalingResponse.describe_instance_refreshes = _describe
AutoScalingResponse.cancel_instance_refresh = _cancel
AutoScalingResponse.rollback_instance_refresh = _rollback
