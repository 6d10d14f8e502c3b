# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How an instance refresh does, in words, and why it did not do what it should."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_instance import Instance
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_template import called
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh import InstanceRefresh
from ansible_collections.ha_stack.aws.plugins.module_utils._model.mixed_instances import current

# State that a run waits for -> how the refresh may end then. Whatever ends it, a refresh that was cancelled is over.
REACHED = {
    "present": frozenset({"Successful"}),
    "cancelled": frozenset({"Cancelled", "Successful", "Failed", "RollbackSuccessful", "RollbackFailed"}),
    "rolled_back": frozenset({"RollbackSuccessful"}),
}
OUTCOMES = {
    "Failed": "failed",
    "Cancelled": "was cancelled",
    "RollbackSuccessful": "was rolled back",
    "RollbackFailed": "failed, and its rollback too",
    "Successful": "succeeded before it was rolled back",
}


def pending(seen: InstanceRefresh) -> str | None:
    """What the refresh that is followed still does. StackError where it ended otherwise than it should."""
    if not seen.followed:
        return None
    if seen.under_way:
        return "; ".join(_progress(seen))
    if seen.status in REACHED[seen.goal]:
        return None
    raise StackError(why(seen))


def _progress(seen: InstanceRefresh) -> Iterator[str]:
    """While it rolls back, AWS counts the percentage down again, and tells how many instances it had not come to."""
    done, left = seen.percentage_complete or 0, seen.instances_to_update or 0
    how = f"{done} % complete, {_instances(left)} to update"
    if seen.status == "RollbackInProgress":
        new = [each for each in seen.instances if current(each, seen.target or {}, seen.target_mixed_instances)]
        how = f"{done} % to roll back, {_instances(len(new))} of it left"
    yield f"instance refresh {seen.id} to {called(seen.target)} is {seen.status}, {how}{_said(seen.status_reason)}"
    if seen.rollback_reason:
        yield f"it rolls back{_said(seen.rollback_reason)}"
    if seen.latest:
        yield f"newest activity: {seen.latest}"
    yield from seen.evidence


def _instances(count: int) -> str:
    return f"{count} instance{'' if count == 1 else 's'}"


def _said(reason: str | None) -> str:
    return f": {reason.rstrip('.')}" if reason else ""


def why(seen: InstanceRefresh) -> str:
    """How it ended and AWS's reasons, the health checks that were seen to fail, what the group did, what to do."""
    how = OUTCOMES.get(str(seen.status), str(seen.status))
    parts = [
        f"instance refresh {seen.id} of autoscaling group {seen.name} to {called(seen.target)} {how}"
        f"{_said(seen.status_reason)}"
    ]
    if seen.rollback_reason:
        parts.append(f"Reason of the rollback{_said(seen.rollback_reason)}")
    parts += seen.evidence or ("No health check was seen to fail while this run watched",)
    if seen.activities:
        parts.append(f"What the group did: {'; '.join(seen.activities)}")
    return f"{'. '.join(part.rstrip('.') for part in parts)}. {_now(seen)}"


def _now(seen: InstanceRefresh) -> str:
    if seen.status == "RollbackSuccessful":
        return f"Every instance runs {called(seen.launch_template)} again. Correct what failed, and run again."
    old = f"New instances are launched from {called(seen.launch_template)}, and those that are there may be of both."
    return f"{old} Run again, or refresh to the version that is to stay."


def failing(instance: Instance, checks: Mapping[str, str]) -> str | None:
    """Which of the instance's health checks fails, and with which code; None while none does.

    ``checks``: target group ARN -> its health check in words.
    """
    targets: Mapping[str, Mapping[str, Any]] = instance.target_health or {}
    failed = {arn: target for arn, target in targets.items() if target["state"] == "unhealthy"}
    if not failed and instance.health_status != "Unhealthy":
        return None
    told = [f"it fails {checks[arn]}" for arn in failed if arn in checks]
    version = f"version {instance.launch_template_version}"
    console = f"aws ec2 get-console-output --latest --output text --instance-id {instance.id}"
    return f"{instance} ({'; '.join([version, *told])}; what it said: {console})"


def check(group: Mapping[str, Any]) -> str:
    """The health check of a TargetGroup of DescribeTargetGroups, in words."""
    port = group.get("HealthCheckPort")
    where = group.get("Port") if port == "traffic-port" else port
    wanted = ", ".join(str(code) for code in group.get("Matcher", {}).values())
    path = f" GET {group['HealthCheckPath']}" if group.get("HealthCheckPath") else ""
    return f"{group.get('HealthCheckProtocol')}{path} on port {where}" + (
        f", which has to answer {wanted}" if wanted else ""
    )
