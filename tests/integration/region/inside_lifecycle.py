"""A program like inside.py: standby, detaching and attaching, lifecycle hooks."""

from __future__ import annotations

from typing import Any

from tests.integration.region.regions import refused, state
from tests.integration.region.scaling import BACKEND, Scaling, main, scenarios

ABANDON, CONTINUE = "ABANDON", "CONTINUE"


def standby(region: Scaling) -> None:
    name = region.in_zone("a")
    call = {**BACKEND, "InstanceIds": [name]}
    shrink = {**call, "ShouldDecrementDesiredCapacity": True}
    refused(lambda: region.autoscaling.enter_standby(**shrink), "ValidationError")  # below the minimum size
    region.update(MinSize=1)
    (activity,) = region.autoscaling.enter_standby(**shrink)["Activities"]
    assert activity["Description"] == f"Moving EC2 instance to Standby: {name}"
    assert activity["Cause"].endswith("in response to a user request, shrinking the capacity from 2 to 1.")
    assert (activity["StatusCode"], activity["Progress"]) == ("InProgress", 50)
    assert region.members()[name]["LifecycleState"] == "EnteringStandby"
    assert region.health()[name] == "draining"
    region.run(lambda: region.members()[name]["LifecycleState"] == "Standby")
    region.ec2.stop_instances(InstanceIds=[name])  # its health is not checked
    region.wait(30)
    assert region.members()[name]["LifecycleState"] == "Standby"
    assert region.group()["DesiredCapacity"] == 1
    region.ec2.start_instances(InstanceIds=[name])
    region.run(lambda: state(region.ec2, name) == "running")
    (activity,) = region.autoscaling.exit_standby(**call)["Activities"]
    assert (activity["StatusCode"], activity["Progress"]) == ("PreInService", 30)
    assert activity["Cause"].endswith("increasing the capacity from 1 to 2.")
    assert region.members()[name]["LifecycleState"] == "Pending"
    region.run(region.settled)
    region.autoscaling.enter_standby(**call, ShouldDecrementDesiredCapacity=False)
    region.run(lambda: sorted(region.states()) == ["InService", "InService", "Standby"])  # it is replaced
    refused(lambda: region.autoscaling.enter_standby(**shrink), "ValidationError")  # is in Standby already


def detaching_and_attaching(region: Scaling) -> None:
    name = region.in_zone("a")
    call = {**BACKEND, "InstanceIds": [name]}
    (activity,) = region.autoscaling.detach_instances(**call, ShouldDecrementDesiredCapacity=False)["Activities"]
    assert activity["Description"] == f"Detaching EC2 instance: {name}"
    region.run(lambda: region.settled() and name not in region.members())
    assert state(region.ec2, name) == "running"
    region.autoscaling.attach_instances(**call)
    region.run(region.settled)
    assert name in region.members()
    assert region.group()["DesiredCapacity"] == 3
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=4)
    refused(lambda: region.autoscaling.attach_instances(**call), "ValidationError")  # beyond the maximum size


def _hook(region: Scaling, transition: str, name: str = "hook", **options: Any) -> None:
    wish = {"LifecycleTransition": f"autoscaling:EC2_INSTANCE_{transition}", "HeartbeatTimeout": 60, **options}
    region.autoscaling.put_lifecycle_hook(**BACKEND, LifecycleHookName=name, **wish)


def _complete(region: Scaling, instance: str, result: str, name: str = "hook") -> None:
    call = {"LifecycleHookName": name, "LifecycleActionResult": result, "InstanceId": instance}
    region.autoscaling.complete_lifecycle_action(**BACKEND, **call)


def _waiting(region: Scaling, before: Any) -> str:
    """The new instance, once it waits."""
    region.run(lambda: "Pending:Wait" in region.states())
    (name,) = [each for each in region.members() if each not in before]
    return name


def a_launch_waits_for_its_hook(region: Scaling) -> None:
    before = region.members()
    _hook(region, "LAUNCHING", DefaultResult=ABANDON)
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=3)
    new = _waiting(region, before)
    assert region.activities()[0]["StatusCode"] == "MidLifecycleAction"
    region.wait(30)
    assert region.members()[new]["LifecycleState"] == "Pending:Wait"
    assert new not in region.health()
    _complete(region, new, CONTINUE)
    region.run(region.settled)
    told = refused(lambda: _complete(region, new, CONTINUE), "ValidationError")
    assert told == f"No active Lifecycle Action found with instance ID {new}"


def an_abandoned_launch_is_tried_again(region: Scaling) -> None:
    before = region.members()
    _hook(region, "LAUNCHING", DefaultResult=CONTINUE)
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=3)
    new = _waiting(region, before)
    _complete(region, new, ABANDON)
    region.run(lambda: new not in region.members())
    assert any(each["StatusCode"] == "Cancelled" for each in region.activities())
    again = _waiting(region, before)
    region.wait(40)
    call = {"LifecycleHookName": "hook", "InstanceId": again}
    region.autoscaling.record_lifecycle_action_heartbeat(**BACKEND, **call)
    region.wait(40)
    assert region.members()[again]["LifecycleState"] == "Pending:Wait"  # the heartbeat began the time anew
    region.run(region.settled)  # then the default result
    assert again in region.members()


def a_termination_waits_after_draining(region: Scaling) -> None:
    _hook(region, "TERMINATING")
    _hook(region, "TERMINATING", "other")
    gone = region.in_zone("a")
    region.autoscaling.terminate_instance_in_auto_scaling_group(
        InstanceId=gone, ShouldDecrementDesiredCapacity=False
    )  # fmt: skip
    region.run(lambda: region.members()[gone]["LifecycleState"] == "Terminating:Wait")
    assert gone not in region.health()  # drained before the hook
    told = next(each for each in region.activities() if each["Description"].endswith(gone))
    assert told["StatusCode"] == "MidTerminatingLifecycleAction"
    assert state(region.ec2, gone) == "running"
    _complete(region, gone, CONTINUE)
    region.wait(10)
    assert region.members()[gone]["LifecycleState"] == "Terminating:Wait"  # for the other one
    region.autoscaling.delete_lifecycle_hook(**BACKEND, LifecycleHookName="other")
    region.run(lambda: gone not in region.members())


def hooks_are_described(region: Scaling) -> None:
    _hook(region, "LAUNCHING", NotificationMetadata="meta", HeartbeatTimeout=100)
    _hook(region, "LAUNCHING", HeartbeatTimeout=7200)  # changes the one there
    (told,) = region.autoscaling.describe_lifecycle_hooks(**BACKEND)["LifecycleHooks"]
    assert told == {
        "LifecycleHookName": "hook", "AutoScalingGroupName": "backend", "NotificationMetadata": "meta",
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "HeartbeatTimeout": 7200, "GlobalTimeout": 172800,
        "DefaultResult": "ABANDON",
    }  # fmt: skip
    refused(lambda: _hook(region, "LAUNCHING", HeartbeatTimeout=29), "ValidationError")
    refused(lambda: _hook(region, "SLEEPING"), "ValidationError")
    bare = {**BACKEND, "LifecycleHookName": "new"}
    refused(lambda: region.autoscaling.put_lifecycle_hook(**bare), "ValidationError")
    refused(lambda: region.autoscaling.delete_lifecycle_hook(**bare), "ValidationError")
    for number in range(49):
        _hook(region, "TERMINATING", f"hook-{number}")
    refused(lambda: _hook(region, "TERMINATING", "one-more"), "LimitExceeded")


SCENARIOS = scenarios(__name__, globals())


if __name__ == "__main__":
    main(SCENARIOS)
