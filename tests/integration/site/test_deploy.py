"""Deployments: every instance gets the new image, or all keep the old one."""

from __future__ import annotations

from threading import Thread

from tests.integration.region.regions import eventually
from tests.integration.site.conftest import NAME, image, instance_ids
from tests.integration.site.drifts import Stack

PLAN_OF_A_DEPLOYMENT = [f"{what} {NAME}" for what in ("update launch template", "create instance refresh")] + [
    f"update launch template {NAME}"
]


class Alarm:
    """An alarm of CloudWatch, which goes off when something is so."""

    def __init__(self, aws) -> None:
        self.cloudwatch = aws("cloudwatch")
        self.cloudwatch.put_metric_alarm(
            AlarmName="errors",
            Namespace="goals",
            MetricName="errors",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        self.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="quiet")

    def go_off_when(self, so) -> None:
        eventually(so, bool, timeout=300)
        self.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="errors")

    def remove(self) -> None:
        self.cloudwatch.delete_alarms(AlarmNames=["errors"])


def test_a_new_image_reaches_every_instance_and_site_finds_nothing_left_to_do(region, built):
    stack = Stack(region.aws, NAME)
    before = stack.autoscaling_group()
    planned, done = region.deploy("1.1.0", check=True), region.deploy("1.1.0")
    assert done.returncode == 0, done.messages()
    assert planned.plan() == done.plan() == PLAN_OF_A_DEPLOYMENT
    after = stack.autoscaling_group()
    versions = {each["LaunchTemplate"]["Version"] for each in after["Instances"]}
    assert versions == {after["LaunchTemplate"]["Version"]} == {str(stack.default_version())}
    assert int(after["LaunchTemplate"]["Version"]) > int(before["LaunchTemplate"]["Version"])
    assert not instance_ids(before) & instance_ids(after)

    region.calls.mark()
    again, site = region.deploy("1.1.0"), region.site("-e", image("1.1.0"))
    assert (again.returncode, again.stats["changed"]) == (0, 0), again.messages()
    assert (site.returncode, site.stats["changed"], site.changed()) == (0, 0, {}), site.messages()
    assert region.calls.writes() == []


def test_a_rollback_brings_the_version_before_back_to_every_instance(region, built):
    stack = Stack(region.aws, NAME)
    new = stack.autoscaling_group()
    planned, done = region.rollback(check=True), region.rollback()
    assert done.returncode == 0, done.messages()
    assert planned.plan() == done.plan() == [f"create instance refresh {NAME}", f"update launch template {NAME}"]
    after = stack.autoscaling_group()
    old = int(new["LaunchTemplate"]["Version"]) - 1
    assert {each["LaunchTemplate"]["Version"] for each in after["Instances"]} == {str(old)}
    assert (after["LaunchTemplate"]["Version"], stack.default_version()) == (str(old), old)
    assert done.tasks[-1].result["msg"]["version"] == old

    forth = region.rollback("-e", f"backend_rollback_version={new['LaunchTemplate']['Version']}")
    assert forth.returncode == 0, forth.messages()
    assert stack.autoscaling_group()["LaunchTemplate"] == new["LaunchTemplate"]
    site = region.site("-e", image("1.1.0"))
    assert (site.returncode, site.stats["changed"], site.changed()) == (0, 0, {}), site.messages()


def test_instances_are_added_and_taken_away_and_site_leaves_them_alone(region, built):
    stack = Stack(region.aws, NAME)
    more = region.scale("-e", "backend_desired_capacity=3")
    assert (more.returncode, more.plan()) == (0, [f"update autoscaling group {NAME}"]), more.messages()
    assert in_service(stack) == 3
    site = region.site("-e", image("1.1.0"))
    assert (site.returncode, site.stats["changed"], site.changed()) == (0, 0, {}), site.messages()
    refused = region.scale("-e", "backend_desired_capacity=4")
    assert refused.returncode != 0
    assert "backend_desired_capacity" in refused.messages()
    fewer = region.scale("-e", "backend_desired_capacity=2")
    assert (fewer.returncode, fewer.plan()) == (0, [f"update autoscaling group {NAME}"]), fewer.messages()
    assert in_service(stack) == 2


def test_a_deployment_that_is_rolled_back_fails_and_leaves_nothing_to_mend(region, built):
    """An alarm that goes off in the middle brings the old version back, which site.yml then finds to be right."""
    stack = Stack(region.aws, NAME)
    before, default = stack.autoscaling_group(), stack.default_version()
    alarm = Alarm(region.aws)
    watch = Thread(target=alarm.go_off_when, args=(lambda: stack.refresh()["Status"] == "InProgress",))
    watch.start()
    failed = region.deploy("1.2.0", "-e", '{"backend_refresh_alarms": ["errors"]}')
    watch.join()
    assert failed.returncode != 0
    assert f"to {NAME} version {default + 1} was rolled back" in failed.messages()
    after = stack.autoscaling_group()
    assert after["LaunchTemplate"] == before["LaunchTemplate"]
    assert {each["LaunchTemplate"]["Version"] for each in after["Instances"]} == {before["LaunchTemplate"]["Version"]}
    assert stack.default_version() == default

    region.calls.mark()
    site = region.site("-e", image("1.1.0"))
    assert (site.returncode, site.stats["changed"], site.changed()) == (0, 0, {}), site.messages()
    assert region.calls.writes() == []
    alarm.remove()


def test_site_leaves_instances_alone_where_that_is_asked_for_and_says_who_replaces_them(region, built):
    stack = Stack(region.aws, NAME)
    before = stack.autoscaling_group()
    site = region.site("-e", image("1.3.0"), "-e", "backend_refresh=false")
    assert site.returncode == 0, site.messages()
    said = next(
        task.result["msg"] for task in site.tasks if task.name.endswith("stay behind, and how they are replaced")
    )
    assert all(each in said for each in instance_ids(before))
    assert "playbooks/deploy.yml replaces them" in said
    assert stack.autoscaling_group()["LaunchTemplate"] == before["LaunchTemplate"]
    back = region.site("-e", image("1.1.0"))
    assert (back.stats["changed"], instance_ids(stack.autoscaling_group())) == (0, instance_ids(before))


SLOW = ("-e", '{"backend_canary_steps": [10], "backend_canary_step_seconds": 120, "backend_canary_alarms": ["errors"]}')


def in_service(stack):
    return sum(each["LifecycleState"] == "InService" for each in stack.autoscaling_group()["Instances"])


QUICK = (
    "-e",
    '{"backend_canary_steps": [10, 100], "backend_canary_step_seconds": 1, "backend_canary_alarms": ["errors"]}',
)


def test_a_canary_that_does_well_is_followed_by_every_instance(region, built):
    stack, alarm = Stack(region.aws, NAME), Alarm(region.aws)
    before = stack.autoscaling_group()
    done = region.canary("1.1.0-canary", *QUICK)
    assert done.returncode == 0, done.messages()
    after = stack.autoscaling_group()
    assert {each["LaunchTemplate"]["Version"] for each in after["Instances"]} == {str(stack.default_version())}
    assert not instance_ids(before) & instance_ids(after)
    assert nothing_of_a_canary(region)
    region.calls.mark()
    site = region.site("-e", image("1.1.0-canary"))
    assert (site.returncode, site.stats["changed"], site.changed()) == (0, 0, {}), site.messages()
    alarm.remove()


def test_a_canary_is_planned_and_nothing_is_written(region, built):
    region.calls.mark()
    planned = region.canary("1.2.0", *QUICK, check=True)
    assert planned.returncode == 0, planned.messages()
    assert region.calls.writes() == []
    told = planned.plan()
    assert told[:2] == [f"update launch template {NAME}", f"create target group {NAME}-canary"]
    assert [each for each in told if "autoscaling group" in each] == [f"create autoscaling group {NAME}-canary"]
    assert f"create instance refresh {NAME}" in told


def test_a_canary_that_does_badly_is_called_off(region, built):
    stack, alarm = Stack(region.aws, NAME), Alarm(region.aws)
    before, default = stack.autoscaling_group(), stack.default_version()
    watch = Thread(target=alarm.go_off_when, args=(lambda: weights(region).get(f"{NAME}-canary"),))
    watch.start()
    failed = region.canary("1.2.0", *SLOW)
    watch.join()
    assert failed.returncode != 0
    assert "Gone off: errors (errors)" in failed.messages()
    after = stack.autoscaling_group()
    assert (after["LaunchTemplate"], instance_ids(after)) == (before["LaunchTemplate"], instance_ids(before))
    assert (stack.default_version(), weights(region)) == (default, {NAME: 1})
    assert nothing_of_a_canary(region)


def test_what_a_canary_left_that_was_killed_is_removed_by_who_comes_next(region, built):
    stack = Stack(region.aws, NAME)
    region.canary_killed_when(lambda: weights(region).get(f"{NAME}-canary"), "1.2.0", *SLOW)
    assert weights(region)[f"{NAME}-canary"] == 10
    rolled_back = region.rollback("-e", f"backend_rollback_version={stack.default_version()}")
    assert rolled_back.returncode == 0, rolled_back.messages()
    assert weights(region) == {NAME: 1}
    assert nothing_of_a_canary(region)
    Alarm(region.aws).remove()


def weights(region):
    """How the load balancer shares requests: target group -> weight."""
    elbv2 = region.aws("elbv2")
    (balancer,) = elbv2.describe_load_balancers(Names=[NAME])["LoadBalancers"]
    (listener,) = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    (action,) = listener["DefaultActions"]
    groups = action.get("ForwardConfig", {}).get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"]}]
    return {each["TargetGroupArn"].split("/")[1]: each.get("Weight", 1) for each in groups}


def nothing_of_a_canary(region):
    aws = region.aws
    names = [each["TargetGroupName"] for each in aws("elbv2").describe_target_groups()["TargetGroups"]]
    names += [
        each["AutoScalingGroupName"] for each in aws("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    ]
    names += [each["AlarmName"] for each in aws("cloudwatch").describe_alarms()["MetricAlarms"]]
    return not [name for name in names if "canary" in name]
