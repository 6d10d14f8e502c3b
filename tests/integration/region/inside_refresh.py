"""A program like inside.py: instance refresh against what the EC2 Auto Scaling User Guide says of it."""

from __future__ import annotations

import json

from tests.integration.region.inside import outcome
from tests.integration.region.regions import refused
from tests.integration.region.scaling import Scaling

FIRST = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 150}  # launch before terminate
BACKEND = {"AutoScalingGroupName": "backend"}


def launches_before_it_terminates(region: Scaling) -> None:
    """Never fewer than two healthy, never more than three; the group takes the configuration over at the end."""
    before = region.members()
    version = region.version("good")
    refresh = region.refresh(version, **FIRST)
    assert region.refreshes()[0]["Status"] == "Pending"
    percent, sizes = [], set()
    for _ in region.seconds(120):
        told = region.refreshes()[0]
        percent.append(told["PercentageComplete"])
        assert region.healthy() >= 2
        counted = [each for each in region.members().values() if each["LifecycleState"] in {"Pending", "InService"}]
        sizes.add(len(counted))
        if region.ended():
            break
        assert region.group()["LaunchTemplate"]["Version"] == "1"
    assert sizes == {2, 3}
    assert sorted(set(percent)) == [0, 50, 100] == list(dict.fromkeys(percent))
    told = region.refreshes()[0]
    assert (told["InstanceRefreshId"], told["Status"], told["InstancesToUpdate"]) == (refresh, "Successful", 0)
    assert told["StartTime"] <= told["EndTime"]
    assert told["DesiredConfiguration"]["LaunchTemplate"]["Version"] == version
    assert not before.keys() & region.members().keys()
    assert (region.versions(), region.zones()) == ([version] * 2, ["a", "b"])
    assert region.group()["LaunchTemplate"]["Version"] == version
    causes = " ".join(region.causes())
    assert "an instance was launched in response to an instance refresh." in causes
    assert "an instance was taken out of service in response to an instance refresh.  At " in causes
    assert all(f"instance {each} was selected for termination." in causes for each in before)


def by_default_it_terminates_first(region: Scaling) -> None:
    """90 percent of two can't be kept: one goes while its replacement is launched, never both."""
    region.refresh(region.version("good"))
    wish = region.refreshes()[0]["Preferences"]
    assert wish["MinHealthyPercentage"] == 90
    assert "MaxHealthyPercentage" not in wish
    least = 2
    for _ in region.seconds(120):
        states = region.states()
        assert len([each for each in states if each in {"Pending", "InService"}]) <= 2
        least = min(least, region.healthy())
        if region.ended():
            break
    assert least == 1
    assert (region.status(), region.versions(), region.zones()) == ("Successful", ["2", "2"], ["a", "b"])


def without_desired_configuration_it_takes_the_groups_own(region: Scaling) -> None:
    before = region.members()
    region.refresh(**FIRST)
    region.run(region.ended)
    assert (region.status(), region.versions()) == ("Successful", ["1", "1"])
    assert not before.keys() & region.members().keys()


def warm_up_is_waited_for(region: Scaling) -> None:
    """The preference, or else the group's default warm-up, or else its grace period."""
    assert _default_warmup(region) == 20
    region.autoscaling.update_auto_scaling_group(**BACKEND, DefaultInstanceWarmup=0)
    assert _default_warmup(region) == 0
    region.refresh(region.version("good"), **FIRST, InstanceWarmup=40)
    region.run(lambda: region.healthy() == 3)
    (new,) = [name for name, each in region.members().items() if each["LaunchTemplate"]["Version"] == "2"]
    region.wait(25)
    assert len(region.members()) == 3
    reason = f"Waiting for instances to warm up before continuing. For example: {new} is warming up."
    assert region.refreshes()[0]["StatusReason"] == reason
    region.run(lambda: "Terminating" in region.states(), at_most=30)


def _default_warmup(region: Scaling) -> int:
    region.autoscaling.start_instance_refresh(**BACKEND)
    warmup = region.refreshes()[0]["Preferences"]["InstanceWarmup"]
    region.autoscaling.cancel_instance_refresh(**BACKEND, WaitForTransitioningInstances=False)
    region.wait(1)
    region.run(region.settled)
    return int(warmup)


def the_maintenance_policy_is_the_default(region: Scaling) -> None:
    policy = {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 120}
    region.autoscaling.update_auto_scaling_group(**BACKEND, InstanceMaintenancePolicy=policy)
    region.refresh()
    wish = region.refreshes()[0]["Preferences"]
    assert {name: wish[name] for name in policy} == policy
    region.run(lambda: len(region.members()) == 3)


def matching_instances_are_skipped(region: Scaling) -> None:
    before = region.members()
    region.refresh("1", SkipMatching=True)
    region.run(region.ended, at_most=3)
    assert (region.status(), region.members().keys()) == ("Successful", before.keys())
    version = region.version("good")
    template = {"LaunchTemplateId": region.template, "Version": version}
    region.autoscaling.update_auto_scaling_group(**BACKEND, LaunchTemplate=template, DesiredCapacity=3)
    region.run(region.settled)
    region.refresh(SkipMatching=True, **FIRST)
    region.wait(1)
    assert region.refreshes()[0]["InstancesToUpdate"] == 2
    (newest,) = region.members().keys() - before.keys()
    region.run(region.ended)
    assert newest in region.members()
    assert region.versions() == [version] * 3


def what_never_gets_healthy_fails_after_an_hour(region: Scaling) -> None:
    """Replaced again and again by its health check; with auto rollback the group is as it was."""
    before = region.members()
    region.refresh(region.version("bad"), **FIRST, AutoRollback=True)
    region.run(lambda: "unhealthy" in region.health().values())
    (new,) = [name for name in region.members() if name not in before]
    assert region.refreshes()[0]["StatusReason"] == (
        f"Waiting for remaining instances to be available. For example: {new} is unhealthy with Elastic Load Balancing:"
        " Target.ResponseCodeMismatch: Health checks failed with these codes: [503]."
    )
    for _ in region.seconds(3500, step=10):
        assert region.healthy() == 2
    assert region.status() == "InProgress"
    assert region.refreshes()[0]["PercentageComplete"] == 0
    assert sum("ELB system health check failure" in cause for cause in region.causes()) > 10
    region.run(lambda: region.status() == "RollbackInProgress", at_most=120)
    region.run(region.ended)
    told = region.refreshes()[0]
    assert told["Status"] == "RollbackSuccessful"
    assert "No instance could be replaced for one hour." in told["RollbackDetails"]["RollbackReason"]
    assert (told["PercentageComplete"], told["InstancesToUpdate"]) == (0, 2)
    assert region.members().keys() == before.keys()
    assert region.group()["LaunchTemplate"]["Version"] == "1"


def without_auto_rollback_it_fails(region: Scaling) -> None:
    """The group keeps its configuration, and gets rid of the instances that never came into service."""
    before = region.members()
    region.refresh(region.version("bad"), **FIRST)
    region.run(region.ended, at_most=4000)
    assert region.status() == "Failed"
    assert region.group()["LaunchTemplate"]["Version"] == "1"
    region.run(region.settled)
    assert region.members().keys() == before.keys()


def a_bad_replacement_is_taken_back(region: Scaling) -> None:
    """Terminate first: what the refresh replaced is launched again from the previous version."""
    before = region.members()
    region.refresh(region.version("bad"), AutoRollback=True)
    region.run(lambda: "unhealthy" in region.health().values())
    assert region.autoscaling.rollback_instance_refresh(**BACKEND)["InstanceRefreshId"]
    told = region.refreshes()[0]
    assert told["Status"] == "RollbackInProgress"
    assert "user request" in told["RollbackDetails"]["RollbackReason"]
    assert told["RollbackDetails"]["InstancesToUpdateOnRollback"] == 2
    region.run(region.ended)
    assert region.status() == "RollbackSuccessful"
    assert region.settled()
    assert (region.versions(), region.zones()) == (["1", "1"], ["a", "b"])
    assert len(before.keys() & region.members().keys()) == 1


def _alarm(region: Scaling, state: str) -> None:
    region.cloudwatch.set_alarm_state(AlarmName="sick", StateValue=state, StateReason=f"set to {state}")


def an_alarm_rolls_back_at_once(region: Scaling) -> None:
    before = region.members()
    region.cloudwatch.put_metric_alarm(
        AlarmName="sick", Namespace="Own", MetricName="sick", Statistic="Maximum", Period=60, EvaluationPeriods=1,
        Threshold=0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    alarm = {"AlarmSpecification": {"Alarms": ["sick"]}}
    for state in ("ALARM", "INSUFFICIENT_DATA"):
        _alarm(region, state)
        assert state in refused(lambda: region.refresh("1", **FIRST, **alarm), "ValidationError")
    _alarm(region, "OK")
    region.refresh(region.version("good"), **FIRST, **alarm, AutoRollback=True)
    region.run(lambda: region.refreshes()[0]["PercentageComplete"] == 50)
    _alarm(region, "INSUFFICIENT_DATA")
    region.wait(30)
    assert region.refreshes()[0]["StatusReason"] == "Waiting for the CloudWatch alarm sick to have sufficient data."
    _alarm(region, "ALARM")
    region.wait(1)
    told = region.refreshes()[0]
    assert told["Status"] == "RollbackInProgress"
    assert "sick is in state ALARM: set to ALARM" in told["RollbackDetails"]["RollbackReason"]
    assert told["RollbackDetails"]["PercentageCompleteOnRollback"] == 50
    region.run(region.ended)
    assert (region.status(), region.versions()) == ("RollbackSuccessful", ["1", "1"])
    region.run(region.settled)
    assert before.keys() & region.members().keys()
    _alarm(region, "OK")
    region.refresh("2", **FIRST, **alarm)
    region.wait(3)
    _alarm(region, "ALARM")
    region.run(region.ended, at_most=2)
    assert region.status() == "Failed"


def unhealthy_hosts_roll_back_within_minutes(region: Scaling) -> None:
    """An alarm on the load balancer's own count of unhealthy targets: no hour has to pass, and nobody notices."""
    arn = region.elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    dimensions = {"LoadBalancer": arn.partition(":loadbalancer/")[2], "TargetGroup": region.targets.rpartition(":")[2]}
    region.cloudwatch.put_metric_alarm(
        AlarmName="unhealthy", Namespace="AWS/ApplicationELB", MetricName="UnHealthyHostCount", Statistic="Maximum",
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()], Period=60,
        EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip

    def alarm() -> str:
        return region.cloudwatch.describe_alarms(AlarmNames=["unhealthy"])["MetricAlarms"][0]["StateValue"]

    assert alarm() == "INSUFFICIENT_DATA"
    region.run(lambda: alarm() == "OK")
    before = region.members()
    wish = {**FIRST, "AutoRollback": True, "AlarmSpecification": {"Alarms": ["unhealthy"]}}
    region.refresh(region.version("bad"), **wish)
    for _ in region.seconds(180):
        assert region.healthy() == 2
        if region.ended():
            break
    assert region.status() == "RollbackSuccessful"
    assert region.members().keys() == before.keys()
    assert "The CloudWatch alarm unhealthy is in state ALARM" in region.refreshes()[0]["StatusReason"]
    region.run(lambda: alarm() == "OK")


def checkpoints_and_bake_time_pause(region: Scaling) -> None:
    wish = {"CheckpointPercentages": [50, 100], "CheckpointDelay": 300, "BakeTime": 200}
    region.refresh(region.version("good"), **FIRST, **wish)
    region.run(lambda: region.versions() == ["1", "2"] and region.refreshes()[0]["PercentageComplete"] == 50)
    region.wait(250)
    assert (region.status(), region.versions()) == ("InProgress", ["1", "2"])
    region.run(lambda: region.versions() == ["2", "2"])
    region.run(lambda: region.status() == "Baking")
    assert region.group()["LaunchTemplate"]["Version"] == "1"
    region.wait(150)
    told = region.refreshes()[0]
    assert told["Status"] == "Baking"
    assert told["StatusReason"].startswith("Waiting for bake time to finish before continuing. There are ")
    region.run(region.ended)
    assert (region.status(), region.group()["LaunchTemplate"]["Version"]) == ("Successful", "2")


def the_last_checkpoint_may_leave_instances(region: Scaling) -> None:
    """ "To replace all instances in the Auto Scaling group, the last number in the array must be 100." """
    region.refresh(region.version("good"), **FIRST, CheckpointPercentages=[50])
    region.run(region.ended)
    assert (region.status(), region.versions()) == ("Successful", ["1", "2"])
    assert region.refreshes()[0]["PercentageComplete"] == 50


def a_refresh_is_cancelled(region: Scaling) -> None:
    """What was replaced stays so; what is under way is waited for, if that is wanted."""
    region.refresh(region.version("good"), **FIRST)
    region.run(lambda: region.refreshes()[0]["PercentageComplete"] == 50)
    region.autoscaling.cancel_instance_refresh(**BACKEND)
    assert region.status() == "Cancelling"
    refused(lambda: region.autoscaling.cancel_instance_refresh(**BACKEND), "ActiveInstanceRefreshNotFound")
    region.run(region.ended)
    told = region.refreshes()[0]
    assert (told["Status"], told["StatusReason"]) == ("Cancelled", "Cancelled due to user request.")
    region.run(region.settled)
    assert region.versions() in (["1", "2"], ["2", "2"])
    assert region.group()["LaunchTemplate"]["Version"] == "1"


def protected_and_standby_instances(region: Scaling) -> None:
    protected, _ = sorted(region.members())
    region.autoscaling.set_instance_protection(**BACKEND, InstanceIds=[protected], ProtectedFromScaleIn=True)
    region.refresh(region.version("good"), **FIRST, ScaleInProtectedInstances="Ignore")
    region.run(region.ended)
    assert (region.status(), region.versions()) == ("Successful", ["1", "2"])
    assert protected in region.members()
    region.refresh("2", **FIRST)
    region.run(region.ended, at_most=4000)
    told = region.refreshes()[0]
    assert told["Status"] == "Failed"
    assert f"{protected} is protected. Remove instance scale-in protection to continue." in told["StatusReason"]
    region.refresh("2", **FIRST, ScaleInProtectedInstances="Refresh")
    region.run(region.ended)
    assert protected not in region.members()


def suspending_pauses(region: Scaling) -> None:
    """ "InstanceRefresh" suspended: the operation is paused, not cancelled."""
    before = region.members()
    region.autoscaling.suspend_processes(**BACKEND, ScalingProcesses=["InstanceRefresh"])
    region.refresh(region.version("good"), **FIRST)
    region.wait(4000)
    assert (region.status(), region.members().keys()) == ("InProgress", before.keys())
    region.autoscaling.resume_processes(**BACKEND, ScalingProcesses=["InstanceRefresh"])
    region.run(region.ended)
    assert region.status() == "Successful"


def scaling_out_launches_the_desired_configuration(region: Scaling) -> None:
    """ "If a scale-out event occurs during an instance refresh, Amazon EC2 Auto Scaling launches new instances with
    the desired configuration instead of the group's current settings." """
    region.refresh(region.version("good"), **FIRST)
    region.wait(2)
    region.autoscaling.set_desired_capacity(**BACKEND, DesiredCapacity=4)
    region.run(region.ended)
    assert (region.status(), region.versions()) == ("Successful", ["2"] * 4)


def what_aws_refuses(region: Scaling) -> None:
    call = region.autoscaling
    refused(lambda: call.cancel_instance_refresh(**BACKEND), "ActiveInstanceRefreshNotFound")
    refused(lambda: call.rollback_instance_refresh(**BACKEND), "ActiveInstanceRefreshNotFound")
    refused(lambda: call.describe_instance_refreshes(AutoScalingGroupName="other"), "ValidationError")
    for wish in (
        {"MaxHealthyPercentage": 110},
        {"MinHealthyPercentage": 101},
        {"MinHealthyPercentage": 50, "MaxHealthyPercentage": 201},
        {"MinHealthyPercentage": 50, "MaxHealthyPercentage": 151},
        {"CheckpointDelay": 10},
        {"CheckpointPercentages": [50, 20]},
        {"CheckpointPercentages": [50, 50]},
        {"CheckpointPercentages": [50, 101]},
        {"AlarmSpecification": {"Alarms": ["unknown"]}},
        {"AlarmSpecification": {"Alarms": [f"alarm-{number}" for number in range(11)]}},
        {"BakeTime": 172801},
        {"AutoRollback": True},  # without a desired configuration
    ):
        refused(lambda wish=wish: region.refresh(**wish), "ValidationError")
    refused(lambda: region.refresh("7"), "ValidationError")  # no such version
    region.refresh(**FIRST)
    refused(lambda: region.refresh(**FIRST), "InstanceRefreshInProgress")
    refused(lambda: call.rollback_instance_refresh(**BACKEND), "IrreversibleInstanceRefresh")
    call.update_auto_scaling_group(
        **BACKEND, LaunchTemplate={"LaunchTemplateId": region.template, "Version": "$Latest"}
    )
    call.cancel_instance_refresh(**BACKEND, WaitForTransitioningInstances=False)
    region.wait(1)
    assert "$Latest" in refused(lambda: region.refresh("1", AutoRollback=True), "ValidationError")
    region.refresh("1")
    refused(lambda: call.rollback_instance_refresh(**BACKEND), "IrreversibleInstanceRefresh")
    template = {"LaunchTemplateId": region.template, "Version": "1"}
    told = refused(lambda: call.update_auto_scaling_group(**BACKEND, LaunchTemplate=template), "ValidationError")
    assert told.startswith("An active instance refresh with a desired configuration exists.")
    call.update_auto_scaling_group(**BACKEND, MaxSize=5)


SCENARIOS = {
    each.__name__: each
    for each in (
        launches_before_it_terminates, by_default_it_terminates_first,
        without_desired_configuration_it_takes_the_groups_own, warm_up_is_waited_for,
        the_maintenance_policy_is_the_default, matching_instances_are_skipped,
        what_never_gets_healthy_fails_after_an_hour, without_auto_rollback_it_fails, a_bad_replacement_is_taken_back,
        an_alarm_rolls_back_at_once, unhealthy_hosts_roll_back_within_minutes, checkpoints_and_bake_time_pause,
        the_last_checkpoint_may_leave_instances,
        a_refresh_is_cancelled, protected_and_standby_instances, suspending_pauses,
        scaling_out_launches_the_desired_configuration, what_aws_refuses,
    )
}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps({name: outcome(scenario, Scaling) for name, scenario in SCENARIOS.items()}))
