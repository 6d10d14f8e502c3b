"""A program like inside.py: replacement of what is unhealthy, and scaling out and in."""

from __future__ import annotations

from tests.integration.region.regions import refused, state
from tests.integration.region.scaling import BACKEND, FIRST, Scaling, main, scenarios


def unhealthy_is_terminated_first(region: Scaling) -> None:
    """The default: terminate and launch."""
    ill = region.in_zone("a")
    region.autoscaling.set_instance_health(InstanceId=ill, HealthStatus="Unhealthy", ShouldRespectGracePeriod=False)
    region.run(lambda: ill not in region.members() or region.members()[ill]["LifecycleState"] == "Terminating")
    assert len([each for each in region.states() if each == "InService"]) == 1
    region.run(lambda: region.settled() and ill not in region.members())
    assert region.zones() == ["a", "b"]
    causes = " ".join(region.causes())
    assert "an instance was launched in response to an unhealthy instance needing to be replaced." in causes
    assert "was taken out of service in response to a user health-check." in causes


def with_a_maintenance_policy_a_replacement_comes_first(region: Scaling) -> None:
    region.update(InstanceMaintenancePolicy=FIRST)
    ill = region.in_zone("a")
    region.autoscaling.set_instance_health(InstanceId=ill, HealthStatus="Unhealthy", ShouldRespectGracePeriod=False)
    for _ in region.seconds(60):
        gone = region.members().get(ill, {"LifecycleState": "gone"})["LifecycleState"] != "InService"
        assert not gone or region.healthy() >= 2
        if gone and region.settled():
            break
    assert ill not in region.members()
    assert len(region.members()) == 2
    lost = region.in_zone("b")
    region.ec2.terminate_instances(InstanceIds=[lost])  # "immediately replaces instances that are no longer running"
    region.run(lambda: "Terminating" in region.states(), at_most=5)
    region.run(region.settled)
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=3)
    region.run(lambda: len(region.members()) == 3)
    assert "a user request explicitly set group desired capacity" in region.activities()[0]["Cause"]


def load_balancer_health_counts_after_the_grace_period(region: Scaling) -> None:
    region.update(LaunchTemplate={"LaunchTemplateId": region.template, "Version": region.version("bad")})
    region.update(DesiredCapacity=3, HealthCheckGracePeriod=30)
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
    region.update(MinSize=1, DesiredCapacity=1)
    region.wait(30)
    assert sorted(region.members()) == sorted(protected)
    region.ec2.terminate_instances(InstanceIds=protected[:1])  # health comes before protection
    region.run(lambda: list(region.members()) == protected[1:])
    unknown = {**BACKEND, "InstanceIds": ["i-0123456789abcdef0"], "ProtectedFromScaleIn": True}
    refused(lambda: region.autoscaling.set_instance_protection(**unknown), "ValidationError")


def terminating_without_replacement(region: Scaling) -> None:
    name = region.in_zone("a")
    call = {"InstanceId": name, "ShouldDecrementDesiredCapacity": True}
    told = refused(lambda: region.autoscaling.terminate_instance_in_auto_scaling_group(**call), "ValidationError")
    assert told.startswith("Currently, desiredSize equals minSize (2).")
    region.update(MinSize=1)
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


SCENARIOS = scenarios(__name__, globals())


if __name__ == "__main__":
    main(SCENARIOS)
