# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an Auto Scaling Group lacks, in words, and when it will never have it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import DELETED, AutoScalingGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

# Launches that fail with one of these fail for ever: nothing that is being made elsewhere, no capacity that may come
# free and no permission that has yet to spread can help. A missing launch template or security group is not among
# them: AWS answers so too while a new one has not reached all of it.
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-instancelaunchfailure.html
HOPELESS = re.compile(
    r"(image id|AMI ID) \S+ does not exist|InvalidAMIID|Not authorized for images|does not match the architecture|"
    r"key ?pair \S+ does not exist|InvalidKeyPair|Invalid device name|VPCIdNotSpecified|No default VPC",
    re.IGNORECASE,
)

# Taken out of service in response to "an ELB system health check failure", "a user health-check", "an EC2 health check
# indicating it has been terminated or stopped", "an EC2 instance status checks failure".
HEALTH_CHECK = re.compile(r"health.check|status checks?", re.IGNORECASE)
INSTANCE = re.compile(r"\bi-[0-9a-f]+")


def pending(group: AutoScalingGroup) -> str | None:
    if group.leaving:
        return remaining(group)
    if group.warm_pool_leaves:
        return "its warm pool is being deleted"
    if group.ready or group.to_be_refreshed:
        return None
    _give_up(group)
    parts = [_counts(group)]
    parts += [str(instance) for instance in group.instances if not instance.healthy]
    if group.suspended_processes:
        parts.append(f"suspended processes: {', '.join(group.suspended_processes)}")
    parts += [told(activity) for activity in group.activities[:1]]
    return "; ".join(parts)


def remaining(group: AutoScalingGroup) -> str:
    what = "the group is gone, but not its instances" if group.status == DELETED else "the group is being deleted"
    return "; ".join([what, *(f"{instance.id} is {instance.lifecycle_state}" for instance in group.instances)])


def _counts(group: AutoScalingGroup) -> str:
    serving = len(group.in_service)
    if not group.counted:
        return f"{serving} instances are in service, for a desired capacity of {group.desired_capacity}"
    if serving > group.desired_capacity:
        return f"{serving} instances are in service, {group.desired_capacity} wanted"
    healthy = sum(instance.healthy for instance in group.in_service)
    return f"{healthy} of {group.desired_capacity} instances are in service and healthy"


def told(activity: Mapping[str, Any]) -> str:
    """A scaling activity: when, what, and how it went."""
    message = activity.get("StatusMessage")
    started = activity["StartTime"].isoformat(timespec="seconds")
    what = activity.get("Description") or "scaling activity"
    return f"{what} ({activity['StatusCode']}, since {started})" + (f": {message}" if message else "")


def caused(activity: Mapping[str, Any]) -> str | None:
    """An activity that failed or that a health check caused, with the cause; None for another."""
    cause = str(activity.get("Cause") or "")
    if activity["StatusCode"] != "Failed" and not HEALTH_CHECK.search(cause):
        return None
    return f"{told(activity)}. {cause}".rstrip(". ")


def failed(activities: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The instances that these activities launched, and that a health check took out of service again."""
    launched, taken_out = set(), set()
    for activity in activities:
        what = str(activity.get("Description") or "")
        if what.startswith("Launching"):
            launched.update(INSTANCE.findall(what))
        elif HEALTH_CHECK.search(activity.get("Cause") or ""):
            taken_out.update(INSTANCE.findall(what))
    return tuple(sorted(launched & taken_out))


def _give_up(group: AutoScalingGroup) -> None:
    """StackError where waiting is in vain."""
    coming = any(str(instance.lifecycle_state).startswith("Pending") for instance in group.instances)
    difference = group.desired_capacity - group.capacity
    for process, stuck in (
        ("Launch", difference > 0 and not coming),
        ("Terminate", group.counted and difference < 0),
    ):
        if stuck and process in group.suspended_processes:
            raise StackError(
                f"autoscaling group {group.name}: {_counts(group)}, but its process {process} is suspended. "
                "Resume it (suspended_processes), or change desired_capacity."
            )
    for activity in group.failures:
        if HOPELESS.search(activity.get("StatusMessage") or ""):
            raise StackError(
                f"autoscaling group {group.name}: {told(activity)}. It will fail each time. "
                "Correct the launch template, and give the group the new version."
            )
