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
