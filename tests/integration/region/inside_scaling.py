"""A program like inside.py: Auto Scaling when things fail, against what its User Guide says."""

from __future__ import annotations

import json
from typing import Any

from local_region.control import capacity
from tests.integration.region.inside import outcome
from tests.integration.region.regions import refused, state
from tests.integration.region.scaling import Scaling

BACKEND = {"AutoScalingGroupName": "backend"}
FIRST = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 110}
ABANDON, CONTINUE = "ABANDON", "CONTINUE"


def update(region: Scaling, **options: Any) -> None:
    region.autoscaling.update_auto_scaling_group(**BACKEND, **options)


def in_zone(region: Scaling, zone: str) -> str:
    """One of the instances in the zone."""
    return next(name for name, each in region.members().items() if each["AvailabilityZone"].endswith(zone))


def no_capacity(region: Scaling, zone: str = "us-east-1a") -> str:
    return capacity.refuse(zones=[zone], resources=[region.group()["AutoScalingGroupARN"]])


# --- zones


def another_zone_stands_in(region: Scaling) -> None:
    """ "If the attempt fails, Amazon EC2 Auto Scaling attempts to launch the instances in another Availability Zone
    until it succeeds"; when the zone recovers, instances are launched there before others are terminated."""
    update(region, MaxSize=2)
    token = no_capacity(region)
    region.ec2.terminate_instances(InstanceIds=[in_zone(region, "a")])
    region.run(lambda: region.settled() and region.zones() == ["b", "b"])
    failed = next(each for each in region.activities() if each["StatusCode"] == "Failed")
    assert failed["Description"].startswith("Launching a new EC2 instance.  Status Reason: We currently do not have ")
    assert "sufficient t3.micro capacity in the Availability Zone you requested (us-east-1a)" in failed["StatusMessage"]
    assert failed["StatusMessage"].endswith("Launching EC2 instance failed.")
    assert json.loads(failed["Details"])["Availability Zone"] == "us-east-1a"
    region.wait(60)
    assert region.zones() == ["b", "b"]
    capacity.restore(token)
    most = 0
    for _ in region.seconds(90):
        assert region.healthy() >= 2
        most = max(most, len(region.members()))
        if region.settled() and region.zones() == ["a", "b"]:
            break
    assert region.zones() == ["a", "b"]
    assert most == 3  # "a margin of 10 percent or one instance, whichever is greater", above the maximum
    causes = " ".join(region.causes())
    assert "An instance was launched to aid in balancing the group's zones." in causes
    assert "instances were launched to balance instances in zones us-east-1a with other zones resulting in" in causes


def a_zone_is_lost_and_returns(region: Scaling) -> None:
    """As FIS's AZ scenario does it: the instances stopped and no capacity in the zone."""
    token, lost = no_capacity(region), in_zone(region, "a")
    region.ec2.stop_instances(InstanceIds=[lost])
    region.run(lambda: region.settled() and region.zones() == ["b", "b"])
    assert lost not in region.members()
    assert any("EC2 health check indicating it has been terminated or stopped" in cause for cause in region.causes())
    capacity.restore(token)
    region.run(lambda: region.settled() and region.zones() == ["a", "b"])


def balanced_only_waits_for_its_zone(region: Scaling) -> None:
    update(region, AvailabilityZoneDistribution={"CapacityDistributionStrategy": "balanced-only"})
    token = no_capacity(region)
    region.ec2.terminate_instances(InstanceIds=[in_zone(region, "a")])
    region.wait(60)
    assert region.zones() == ["b"]
    capacity.restore(token)
    region.run(lambda: region.settled() and region.zones() == ["a", "b"])


def suspended_rebalancing(region: Scaling) -> None:
    region.autoscaling.suspend_processes(**BACKEND, ScalingProcesses=["AZRebalance"])
    (told,) = region.group()["SuspendedProcesses"]
    assert told["SuspensionReason"].startswith("User suspended at 2")
    token = no_capacity(region)
    region.ec2.terminate_instances(InstanceIds=[in_zone(region, "a")])
    region.run(lambda: region.settled() and region.zones() == ["b", "b"])
    capacity.restore(token)
    region.wait(120)
    assert region.zones() == ["b", "b"]
    region.autoscaling.resume_processes(**BACKEND, ScalingProcesses=["AZRebalance"])
    region.run(lambda: region.settled() and region.zones() == ["a", "b"])
    refused(lambda: region.autoscaling.suspend_processes(**BACKEND, ScalingProcesses=["Nothing"]), "ValidationError")


def zones_of_the_group_change(region: Scaling) -> None:
    update(region, VPCZoneIdentifier=region.network.subnets[1])
    least = 2
    for _ in region.seconds(90):
        least = min(least, region.healthy())
        if region.settled() and region.zones() == ["b", "b"]:
            break
    assert (region.zones(), least) == (["b", "b"], 2)


# --- health


def unhealthy_is_terminated_first(region: Scaling) -> None:
    """The default: terminate and launch."""
    ill = in_zone(region, "a")
    region.autoscaling.set_instance_health(InstanceId=ill, HealthStatus="Unhealthy", ShouldRespectGracePeriod=False)
    region.run(lambda: ill not in region.members() or region.members()[ill]["LifecycleState"] == "Terminating")
    assert len([each for each in region.states() if each == "InService"]) == 1
    region.run(lambda: region.settled() and ill not in region.members())
    assert region.zones() == ["a", "b"]
    causes = " ".join(region.causes())
    assert "an instance was launched in response to an unhealthy instance needing to be replaced." in causes
    assert "was taken out of service in response to a user health-check." in causes


def with_a_maintenance_policy_a_replacement_comes_first(region: Scaling) -> None:
    update(region, InstanceMaintenancePolicy=FIRST)
    ill = in_zone(region, "a")
    region.autoscaling.set_instance_health(InstanceId=ill, HealthStatus="Unhealthy", ShouldRespectGracePeriod=False)
    for _ in region.seconds(60):
        gone = region.members().get(ill, {"LifecycleState": "gone"})["LifecycleState"] != "InService"
        assert not gone or region.healthy() >= 2
        if gone and region.settled():
            break
    assert ill not in region.members()
    assert len(region.members()) == 2
    lost = in_zone(region, "b")
    region.ec2.terminate_instances(InstanceIds=[lost])  # "immediately replaces instances that are no longer running"
    region.run(lambda: "Terminating" in region.states(), at_most=5)
    region.run(region.settled)


def load_balancer_health_counts_after_the_grace_period(region: Scaling) -> None:
    update(region, LaunchTemplate={"LaunchTemplateId": region.template, "Version": region.version("bad")})
    update(region, DesiredCapacity=3, HealthCheckGracePeriod=30)
    region.run(lambda: "unhealthy" in region.health().values())
    (ill,) = [name for name, each in region.members().items() if each["LaunchTemplate"]["Version"] == "2"]
    region.autoscaling.set_instance_health(InstanceId=ill, HealthStatus="Unhealthy")  # respects the grace period
    region.wait(20)
    assert region.members()[ill]["HealthStatus"] == "Healthy"
    region.run(lambda: ill not in region.members() or region.members()[ill]["HealthStatus"] == "Unhealthy", at_most=20)
    region.run(lambda: any("ELB system health check failure" in cause for cause in region.causes()), at_most=5)
    refused(lambda: region.autoscaling.set_instance_health(InstanceId=ill, HealthStatus="ill"), "ValidationError")


def suspended_health_processes(region: Scaling) -> None:
    region.autoscaling.suspend_processes(**BACKEND, ScalingProcesses=["HealthCheck"])
    first, second = sorted(region.members())
    region.ec2.stop_instances(InstanceIds=[first])
    region.wait(30)
    assert region.members()[first]["HealthStatus"] == "Healthy"
    region.autoscaling.suspend_processes(**BACKEND, ScalingProcesses=["ReplaceUnhealthy"])
    region.autoscaling.resume_processes(**BACKEND, ScalingProcesses=["HealthCheck"])
    region.wait(30)
    assert region.members()[first]["HealthStatus"] == "Unhealthy"
    assert state(region.ec2, first) == "stopped"
    region.autoscaling.suspend_processes(**BACKEND, ScalingProcesses=["Launch"])
    region.autoscaling.resume_processes(**BACKEND, ScalingProcesses=["ReplaceUnhealthy"])
    region.run(lambda: list(region.members()) == [second])
    region.wait(30)
    assert list(region.members()) == [second]
    region.autoscaling.resume_processes(**BACKEND)
    region.run(region.settled)
    region.autoscaling.suspend_processes(**BACKEND, ScalingProcesses=["Terminate"])
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=3)
    region.run(region.settled)
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=2)
    region.wait(30)
    assert len(region.members()) == 3


# --- scaling


def scaling_out_and_in(region: Scaling) -> None:
    """A new instance is registered when it is in service and healthy later; one that goes is drained first."""
    before = region.members()
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=3)
    region.run(lambda: len(region.members()) == 3)
    (new,) = region.members().keys() - before.keys()
    activity = region.activities()[0]
    assert (activity["StatusCode"], activity["Progress"], "EndTime" in activity) == ("PreInService", 30, False)
    assert activity["AutoScalingGroupARN"] == region.group()["AutoScalingGroupARN"]
    assert (
        "a user request explicitly set group desired capacity changing the desired capacity from 2 to 3.  At "
        in (activity["Cause"])
    )
    assert activity["Cause"].endswith("increasing the capacity from 2 to 3.")
    region.run(lambda: new in region.health())
    assert region.members()[new]["LifecycleState"] == "InService"
    assert region.health()[new] == "initial"
    region.run(region.settled)
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=2)
    region.run(lambda: "Terminating" in region.states())
    region.wait(1)
    activity = region.activities()[0]
    assert activity["StatusCode"] == "WaitingForELBConnectionDraining"
    assert activity["Description"].endswith(" - Waiting For ELB Connection Draining.")
    region.run(region.settled)
    assert region.activities()[0]["StatusCode"] == "Successful"
    assert " was selected for termination." in region.activities()[0]["Cause"]


def protection_from_scale_in(region: Scaling) -> None:
    protected = list(region.members())
    region.autoscaling.set_instance_protection(**BACKEND, InstanceIds=protected, ProtectedFromScaleIn=True)
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=3)
    region.run(region.settled)
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=2)
    region.run(region.settled)
    assert sorted(region.members()) == sorted(protected)
    update(region, MinSize=1, DesiredCapacity=1)
    region.wait(30)
    assert sorted(region.members()) == sorted(protected)
    region.ec2.terminate_instances(InstanceIds=protected[:1])  # health comes before protection
    region.run(lambda: list(region.members()) == protected[1:])
    unknown = {**BACKEND, "InstanceIds": ["i-0123456789abcdef0"], "ProtectedFromScaleIn": True}
    refused(lambda: region.autoscaling.set_instance_protection(**unknown), "ValidationError")


def terminating_without_replacement(region: Scaling) -> None:
    name = in_zone(region, "a")
    call = {"InstanceId": name, "ShouldDecrementDesiredCapacity": True}
    told = refused(lambda: region.autoscaling.terminate_instance_in_auto_scaling_group(**call), "ValidationError")
    assert told.startswith("Currently, desiredSize equals minSize (2).")
    update(region, MinSize=1)
    activity = region.autoscaling.terminate_instance_in_auto_scaling_group(**call)["Activity"]
    assert activity["Cause"].endswith("in response to a user request, shrinking the capacity from 2 to 1.")
    region.run(region.settled)
    assert len(region.members()) == 1


def registration_while_suspended(region: Scaling) -> None:
    """ "It does not add the instances that were launched while this process was suspended." """
    region.autoscaling.suspend_processes(**BACKEND, ScalingProcesses=["AddToLoadBalancer"])
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=3)
    region.run(lambda: region.states() == ["InService"] * 3)
    region.autoscaling.resume_processes(**BACKEND)
    region.wait(10)
    assert len(region.health()) == 2


# --- standby, detaching, attaching


def standby(region: Scaling) -> None:
    name = in_zone(region, "a")
    call = {**BACKEND, "InstanceIds": [name]}
    shrink = {**call, "ShouldDecrementDesiredCapacity": True}
    refused(lambda: region.autoscaling.enter_standby(**shrink), "ValidationError")  # below the minimum size
    update(region, MinSize=1)
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
    name = in_zone(region, "a")
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


# --- lifecycle hooks


def hook(region: Scaling, transition: str, name: str = "hook", **options: Any) -> None:
    wish = {"LifecycleTransition": f"autoscaling:EC2_INSTANCE_{transition}", "HeartbeatTimeout": 60, **options}
    region.autoscaling.put_lifecycle_hook(**BACKEND, LifecycleHookName=name, **wish)


def complete(region: Scaling, instance: str, result: str, name: str = "hook") -> None:
    call = {"LifecycleHookName": name, "LifecycleActionResult": result, "InstanceId": instance}
    region.autoscaling.complete_lifecycle_action(**BACKEND, **call)


def waiting(region: Scaling, before: Any) -> str:
    """The new instance, once it waits."""
    region.run(lambda: "Pending:Wait" in region.states())
    (name,) = [each for each in region.members() if each not in before]
    return name


def a_launch_waits_for_its_hook(region: Scaling) -> None:
    before = region.members()
    hook(region, "LAUNCHING", DefaultResult=ABANDON)
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=3)
    new = waiting(region, before)
    assert region.activities()[0]["StatusCode"] == "MidLifecycleAction"
    region.wait(30)
    assert region.members()[new]["LifecycleState"] == "Pending:Wait"
    assert new not in region.health()
    complete(region, new, CONTINUE)
    region.run(region.settled)
    told = refused(lambda: complete(region, new, CONTINUE), "ValidationError")
    assert told == f"No active Lifecycle Action found with instance ID {new}"


def an_abandoned_launch_is_tried_again(region: Scaling) -> None:
    before = region.members()
    hook(region, "LAUNCHING", DefaultResult=CONTINUE)
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=3)
    new = waiting(region, before)
    complete(region, new, ABANDON)
    region.run(lambda: new not in region.members())
    assert any(each["StatusCode"] == "Cancelled" for each in region.activities())
    again = waiting(region, before)
    region.wait(40)
    call = {"LifecycleHookName": "hook", "InstanceId": again}
    region.autoscaling.record_lifecycle_action_heartbeat(**BACKEND, **call)
    region.wait(40)
    assert region.members()[again]["LifecycleState"] == "Pending:Wait"  # the heartbeat began the time anew
    region.run(region.settled)  # then the default result
    assert again in region.members()


def a_termination_waits_after_draining(region: Scaling) -> None:
    hook(region, "TERMINATING")
    hook(region, "TERMINATING", "other")
    gone = in_zone(region, "a")
    region.autoscaling.terminate_instance_in_auto_scaling_group(
        InstanceId=gone, ShouldDecrementDesiredCapacity=False
    )  # fmt: skip
    region.run(lambda: region.members()[gone]["LifecycleState"] == "Terminating:Wait")
    assert gone not in region.health()  # drained before the hook
    told = next(each for each in region.activities() if each["Description"].endswith(gone))
    assert told["StatusCode"] == "MidTerminatingLifecycleAction"
    assert state(region.ec2, gone) == "running"
    complete(region, gone, CONTINUE)
    region.wait(10)
    assert region.members()[gone]["LifecycleState"] == "Terminating:Wait"  # for the other one
    region.autoscaling.delete_lifecycle_hook(**BACKEND, LifecycleHookName="other")
    region.run(lambda: gone not in region.members())


def hooks_are_described(region: Scaling) -> None:
    hook(region, "LAUNCHING", NotificationMetadata="meta", HeartbeatTimeout=100)
    hook(region, "LAUNCHING", HeartbeatTimeout=7200)  # changes the one there
    (told,) = region.autoscaling.describe_lifecycle_hooks(**BACKEND)["LifecycleHooks"]
    assert told == {
        "LifecycleHookName": "hook", "AutoScalingGroupName": "backend", "NotificationMetadata": "meta",
        "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING", "HeartbeatTimeout": 7200, "GlobalTimeout": 172800,
        "DefaultResult": "ABANDON",
    }  # fmt: skip
    refused(lambda: hook(region, "LAUNCHING", HeartbeatTimeout=29), "ValidationError")
    refused(lambda: hook(region, "SLEEPING"), "ValidationError")
    bare = {**BACKEND, "LifecycleHookName": "new"}
    refused(lambda: region.autoscaling.put_lifecycle_hook(**bare), "ValidationError")
    refused(lambda: region.autoscaling.delete_lifecycle_hook(**bare), "ValidationError")
    for number in range(49):
        hook(region, "TERMINATING", f"hook-{number}")
    refused(lambda: hook(region, "TERMINATING", "one-more"), "LimitExceeded")


SCENARIOS = {
    each.__name__: each
    for each in (
        another_zone_stands_in, a_zone_is_lost_and_returns, balanced_only_waits_for_its_zone, suspended_rebalancing,
        zones_of_the_group_change, unhealthy_is_terminated_first, with_a_maintenance_policy_a_replacement_comes_first,
        load_balancer_health_counts_after_the_grace_period, suspended_health_processes, scaling_out_and_in,
        protection_from_scale_in, terminating_without_replacement, registration_while_suspended, standby,
        detaching_and_attaching, a_launch_waits_for_its_hook, an_abandoned_launch_is_tried_again,
        a_termination_waits_after_draining, hooks_are_described,
    )
}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps({name: outcome(scenario, Scaling) for name, scenario in SCENARIOS.items()}))
