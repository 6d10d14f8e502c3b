"""PutLifecycleHook and its like; CompleteLifecycleAction and RecordLifecycleActionHeartbeat, which moto lacks."""

from __future__ import annotations

import time
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import LifecycleHook
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult

from local_region.control.auto_scaling.groups import named
from local_region.control.auto_scaling.hooks import GLOBAL_TIMEOUT, LAUNCH, TERMINATE, Action
from local_region.control.patching import around

RESULTS = ("CONTINUE", "ABANDON")
MOST = 50  # hooks a group
# What a request changes on a hook: its name there and moto's.
OPTIONS = {
    "LifecycleTransition": "lifecycle_transition",
    "HeartbeatTimeout": "heartbeat_timeout",
    "DefaultResult": "default_result",
    "RoleARN": "role_arn",
    "NotificationTargetARN": "notification_target_arn",
    "NotificationMetadata": "notification_metadata",
}


def put(group: Any, wished: dict[str, Any]) -> None:
    """Create the hook, or change what ``wished`` names of it."""
    _refuse(wished)
    hooks, name = group.autoscaling_backend.lifecycle_hooks, wished["LifecycleHookName"]
    hook = hooks.get(f"{group.name}_{name}")
    if hook is None:
        if not wished.get("LifecycleTransition"):
            raise ValidationError("LifecycleTransition must be specified for a new lifecycle hook.")
        if sum(each.auto_scaling_group_name == group.name for each in hooks.values()) >= MOST:
            message = f"You have reached the limit of {MOST} lifecycle hooks for the Auto Scaling group {group.name}."
            raise AutoscalingClientError("LimitExceeded", message)
        hook = hooks[f"{group.name}_{name}"] = LifecycleHook(name, group.name, None, None, None)
        hook.role_arn = hook.notification_target_arn = None
    for option, attribute in OPTIONS.items():
        if wished.get(option) is not None:
            setattr(hook, attribute, wished[option] or None)
    hook.heartbeat_timeout = int(hook.heartbeat_timeout)
    hook.global_timeout = min(GLOBAL_TIMEOUT, 100 * hook.heartbeat_timeout)


def _refuse(wished: dict[str, Any]) -> None:
    if wished.get("LifecycleTransition") not in {None, LAUNCH, TERMINATE}:
        raise ValidationError(f"Lifecycle transition {wished['LifecycleTransition']} is invalid.")
    if wished.get("DefaultResult") not in {None, *RESULTS}:
        raise ValidationError(f"Default result {wished['DefaultResult']} is invalid: it must be CONTINUE or ABANDON.")
    timeout = wished.get("HeartbeatTimeout")
    if timeout is not None and not 30 <= int(timeout) <= 7200:
        raise ValidationError(f"Heartbeat timeout {timeout} is invalid: it must be between 30 and 7200 seconds.")


@around(AutoScalingResponse, "put_lifecycle_hook")
def put_hook(original: Any, self: Any) -> Any:
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    put(group, {name: self._get_param(name) for name in ("LifecycleHookName", *OPTIONS)})
    return EmptyResult()


@around(AutoScalingResponse, "describe_lifecycle_hooks")
def describe_hooks(original: Any, self: Any) -> Any:
    named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    return original(self)


@around(AutoScalingResponse, "delete_lifecycle_hook")
def delete_hook(original: Any, self: Any) -> Any:
    """ "If there are any outstanding lifecycle actions, they are completed first (ABANDON for launching instances,
    CONTINUE for terminating instances)." """
    group = named(self.autoscaling_backend, self._get_param("AutoScalingGroupName"))
    name = self._get_param("LifecycleHookName")
    hook = self.autoscaling_backend.lifecycle_hooks.pop(f"{group.name}_{name}", None)
    if hook is None:
        raise ValidationError(f"No Lifecycle Hook found for Auto Scaling group {group.name} with name {name}")
    for member in group.instance_states:
        if name in member.actions and member.actions[name].result is None:
            member.actions[name].result = "ABANDON" if hook.lifecycle_transition == LAUNCH else "CONTINUE"
    return EmptyResult()


def _action(request: Any) -> Action:
    """The action that a request names by its token or by its instance."""
    group = named(request.autoscaling_backend, request._get_param("AutoScalingGroupName"))
    hook, token = request._get_param("LifecycleHookName"), request._get_param("LifecycleActionToken")
    instance = request._get_param("InstanceId")
    for member in group.instance_states:
        action: Action | None = member.actions.get(hook)
        waits = action is not None and action.result is None and member.lifecycle_state.endswith(":Wait")
        if action and waits and (token == action.token if token else instance == member.instance.id):
            return action
    named_by = f"token {token}" if token else f"instance ID {instance}"
    raise ValidationError(f"No active Lifecycle Action found with {named_by}")


def _complete(self: Any) -> Any:
    result = self._get_param("LifecycleActionResult")
    if result not in RESULTS:
        raise ValidationError(f"Lifecycle action result {result} is invalid: it must be CONTINUE or ABANDON.")
    _action(self).result = result
    return ActionResult({})


def _heartbeat(self: Any) -> Any:
    _action(self).heartbeat = time.monotonic()
    return ActionResult({})


AutoScalingResponse.complete_lifecycle_action = _complete
AutoScalingResponse.record_lifecycle_action_heartbeat = _heartbeat
