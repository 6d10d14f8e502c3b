"""An instance's way through its group: Pending -> InService -> Terminating -> gone, by way of hooks and draining.

At a launch: lifecycle hooks, then registration in the target groups. At a termination: draining, then lifecycle hooks.
"""

from __future__ import annotations

import time
from typing import Any

from local_region.control.auto_scaling import hooks
from local_region.control.auto_scaling.activities import begin, end, go_on
from local_region.control.auto_scaling.groups import deleting
from local_region.control.auto_scaling.members import LEAVING, LIVE
from local_region.control.moment import Moment

DRAINING = " - Waiting For ELB Connection Draining."


def advance(moment: Moment, group: Any, member: Any) -> None:
    """One step, if the instance can go on."""
    if step := STEPS.get(member.lifecycle_state):
        step(moment, group, member)


def _pending(moment: Moment, group: Any, member: Any) -> None:
    if member.instance.state != "running":
        return
    if not member.admitted and hooks.begin(group, member, hooks.LAUNCH):
        member.lifecycle_state = "Pending:Wait"
        go_on(member.activity, "MidLifecycleAction", 40)
    else:
        _enter_service(member)


def _pending_wait(moment: Moment, group: Any, member: Any) -> None:
    """AWS terminates an instance whose launch hook ends with ABANDON."""
    outcome = hooks.outcome(member, moment.clock.scale)
    if outcome == "CONTINUE":
        member.lifecycle_state = "Pending:Proceed"
    elif outcome == "ABANDON":
        end(member.activity, "Cancelled", "Instance failed to complete user's Lifecycle Action: it was abandoned.")
        retire(group, member, "an instance was taken out of service in response to an abandoned lifecycle action.")


def _pending_proceed(moment: Moment, group: Any, member: Any) -> None:
    _enter_service(member)


def _enter_service(member: Any) -> None:
    member.lifecycle_state, member.in_service_since = "InService", time.monotonic()
    member.actions, member.admitted = {}, True
    end(member.activity)


def retire(group: Any, member: Any, *causes: str) -> Any:
    """Take an instance out of the target groups and let it terminate; the activity."""
    end(member.activity, "Cancelled")
    member.lifecycle_state = "Terminating"
    leave_targets(group, member)
    member.activity = begin(group, f"Terminating EC2 instance: {member.instance.id}", *causes)
    return member.activity


def leave_targets(group: Any, member: Any) -> None:
    target_groups = group.autoscaling_backend.elbv2_backend.target_groups
    for arn in member.registered:
        if arn in target_groups:
            target_groups[arn].deregister([{"Id": member.instance.id}])
    member.registered = set()


def draining(moment: Moment, group: Any, member: Any) -> bool:
    """Whether a target group still waits for the instance's requests; a group that is force-deleted does not wait."""
    if deleting(group):
        return False
    return any(member.instance.id in each.draining for each in moment.backends.elbv2.target_groups.values())


def _terminating(moment: Moment, group: Any, member: Any) -> None:
    if member.instance.state == "running" and draining(moment, group, member):
        go_on(member.activity, "WaitingForELBConnectionDraining", 50)
        member.activity.description = member.activity.description.removesuffix(DRAINING) + DRAINING
        return
    member.activity.description = member.activity.description.removesuffix(DRAINING)
    if member.instance.state == "running" and not deleting(group) and hooks.begin(group, member, hooks.TERMINATE):
        member.lifecycle_state = "Terminating:Wait"
        go_on(member.activity, "MidTerminatingLifecycleAction", 60)
    else:
        _terminating_proceed(moment, group, member)


def _terminating_wait(moment: Moment, group: Any, member: Any) -> None:
    """Both results let the instance terminate; ABANDON only stops the other hooks' actions."""
    if deleting(group) or hooks.outcome(member, moment.clock.scale):
        member.lifecycle_state = "Terminating:Proceed"
        go_on(member.activity, "InProgress", 60)


def _terminating_proceed(moment: Moment, group: Any, member: Any) -> None:
    if member.instance.state == "terminated":
        group.instance_states.remove(member)
        end(member.activity)
    elif member.instance.state != "shutting-down":
        moment.backends.ec2.terminate_instances([member.instance.id])


def _entering_standby(moment: Moment, group: Any, member: Any) -> None:
    if not draining(moment, group, member):
        member.lifecycle_state = "Standby"
        end(member.activity)


def _detaching(moment: Moment, group: Any, member: Any) -> None:
    if not draining(moment, group, member):
        group.instance_states.remove(member)
        end(member.activity)


STEPS = {
    "Pending": _pending,
    "Pending:Wait": _pending_wait,
    "Pending:Proceed": _pending_proceed,
    "Terminating": _terminating,
    "Terminating:Wait": _terminating_wait,
    "Terminating:Proceed": _terminating_proceed,
    "EnteringStandby": _entering_standby,
    "Detaching": _detaching,
}


def attach(moment: Moment, group: Any, suspended: set[str]) -> None:
    """Register each instance in service once in each of the group's target groups; leave those detached.

    What goes into service while "AddToLoadBalancer" is suspended is never registered: "You must register those
    instances manually" (User Guide, "Suspend and resume processes").
    """
    target_groups, own = moment.backends.elbv2.target_groups, set(group.target_group_arns)
    for member in group.instance_states:
        if member.lifecycle_state != "InService":
            continue
        for arn in own - member.registered:
            if "AddToLoadBalancer" in suspended:
                member.registered.add(arn)
            elif arn in target_groups and member.instance.state == "running":
                target_groups[arn].register([{"Id": member.instance.id, "Port": target_groups[arn].port}])
                member.registered.add(arn)
        for arn in member.registered - own:
            if arn in target_groups:
                target_groups[arn].deregister([{"Id": member.instance.id}])
            member.registered.discard(arn)


def in_transition(group: Any) -> bool:
    """Whether an instance is being launched or terminated."""
    return any(
        member.lifecycle_state in LEAVING or member.lifecycle_state in LIVE - {"InService"}
        for member in group.instance_states
    )
