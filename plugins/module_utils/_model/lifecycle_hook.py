# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A lifecycle hook: where instances of an Auto Scaling Group wait at their launch or termination.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, structure
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Kind, Part
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import number, text

HOOK: structure.Structure = {
    "name": text("LifecycleHookName", required=True),
    "transition": text(
        "LifecycleTransition",
        "autoscaling:EC2_INSTANCE_LAUNCHING",
        "autoscaling:EC2_INSTANCE_TERMINATING",
        required=True,
    ),
    "heartbeat_timeout": number("HeartbeatTimeout"),
    "default_result": text("DefaultResult", "CONTINUE", "ABANDON"),
    "notification_target_arn": text("NotificationTargetARN"),
    "role_arn": text("RoleARN"),
    "notification_metadata": text("NotificationMetadata"),
}
TARGET = "notification_target_arn"


def given(hook: Mapping[str, Any], now: datetime) -> Part:
    """An empty target is none."""
    options = structure.given(HOOK, hook)
    return Part(hook["name"], {option: value or None for option, value in options.items()})


def told(hooks: Sequence[Mapping[str, Any]]) -> list[Part]:
    return [
        Part(hook["LifecycleHookName"], structure.from_api(HOOK, hook), {"global_timeout": hook.get("GlobalTimeout")})
        for hook in hooks
    ]


def to_api(settings: Mapping[str, Any]) -> dict[str, Any]:
    """For PutLifecycleHook and the list of CreateAutoScalingGroup. An empty string takes the target away."""
    request = structure.to_api(HOOK, settings)
    cleared = TARGET in settings and settings[TARGET] is None
    return {**request, "NotificationTargetARN": ""} if cleared else request


def faults(option: str, hook: Mapping[str, Any]) -> checks.Faults:
    role, target = hook.get("role_arn"), hook.get(TARGET)
    found = checks.between(f"{option}.heartbeat_timeout", hook.get("heartbeat_timeout"), 30, 7200, "seconds")
    pattern = r"[A-Za-z0-9\-_/]{1,255}"
    remedy = "Use 1 to 255 letters, digits, hyphens, underscores and slashes"
    found += checks.matches(
        f"{option}.name", hook["name"], pattern, "is not a name that a lifecycle hook takes", remedy
    )
    for each in ("role_arn", "notification_metadata"):
        if hook.get(each) == "":
            remedy = "Give another, or a hook of another name without it"
            found += (Fault(f"{option}.{each}", "", "can't be taken away from a hook", remedy),)
    if target and not role:
        cause = "is given without role_arn"
        found += (Fault(f"{option}.{TARGET}", target, cause, "Give the role that lets the group publish to it"),)
    return found


LIFECYCLE_HOOK = Kind("lifecycle hook", "name", structure.spec(HOOK), given, told, faults, made=("global_timeout",))
