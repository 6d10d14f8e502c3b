"""A program like inside.py: instance refresh that fails, is rolled back, cancelled or refused."""

from __future__ import annotations

from tests.integration.region.regions import refused
from tests.integration.region.scaling import BACKEND, FIRST, Scaling, main, scenarios


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


SCENARIOS = scenarios(__name__, globals())


if __name__ == "__main__":
    main(SCENARIOS)
