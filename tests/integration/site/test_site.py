"""The whole site as a person runs it, on a region without data plane: plan, build, drift, repair, destroy."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest

from tests.integration.conftest import CREDENTIALS, region_command
from tests.integration.region.regions import eventually
from tests.integration.site.drifts import DRIFTS, Stack
from tests.support.calls import Calls
from tests.support.left_over import left_over
from tests.support.playbook import play, same
from tests.support.ports import free_port

NAME = "goals"  # the local inventory's stack
CONTROL_PLANE_ONLY = ("-e", "backend_validate=false", "-e", "frontend_validate=false")


PLAN_OF_A_DEPLOYMENT = [f"{what} {NAME}" for what in ("update launch template", "create instance refresh")] + [
    f"update launch template {NAME}"
]


def image(version: str) -> str:
    return f"backend_image=registry.gitlab.example/goals/backend:{version}"


def instance_ids(group: dict[str, Any]) -> set[str]:
    return {each["InstanceId"] for each in group["Instances"]}


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


class Region:
    """A region of its own, and the site's playbooks run on it."""

    def __init__(self, state: Path) -> None:
        self.state, self.port = state, free_port()
        self.environment = {
            "LOCAL_REGION_ENDPOINT": f"http://127.0.0.1:{self.port}",
            "LOCAL_REGION_STATE": str(state),
        }
        self.calls = Calls(state / "calls.jsonl")

    def up(self) -> None:
        ports = ["--port", str(self.port), "--imds-port", str(free_port())]
        name = ["--name", f"site{self.port}", "--state-dir", str(self.state)]
        region_command("up", "--no-data-plane", "--time-scale", "0.2", *name, *ports)

    def down(self) -> None:
        region_command("down", "--state-dir", str(self.state))

    def aws(self, service):
        return boto3.client(service, endpoint_url=self.environment["LOCAL_REGION_ENDPOINT"], **CREDENTIALS)

    def site(self, *options: str, check: bool = False):
        return play("site", *CONTROL_PLANE_ONLY, *options, environment=self.environment, check=check)

    def deploy(self, version: str, *options: str, check: bool = False):
        options = (*CONTROL_PLANE_ONLY, "-e", image(version), *options)
        return play("deploy", *options, environment=self.environment, check=check)

    def destroy(self, *options: str, confirm: str = NAME):
        return play("destroy", "-e", f"confirm={confirm}", *options, environment=self.environment)


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    region = Region(tmp_path_factory.mktemp("site"))
    region.up()
    yield region
    region.down()


@pytest.fixture(scope="module")
def planned(region):
    """--check --diff on the empty region."""
    region.calls.mark()
    run = region.site(check=True)
    assert run.returncode == 0, run.messages()
    assert region.calls.writes() == []
    return run


@pytest.fixture(scope="module")
def built(region, planned):
    """The first real run."""
    run = region.site()
    assert run.returncode == 0, run.messages()
    return run


def test_check_on_an_empty_region_is_the_plan_of_the_first_run(planned, built):
    assert planned.plan() == built.plan()
    assert len(planned.plan()) > 30
    assert_same_changes(planned, built)


def test_the_second_run_changes_nothing_and_writes_nothing(region, built):
    region.calls.mark()
    again = region.site()
    assert (again.returncode, again.stats["changed"], again.changed()) == (0, 0, {}), again.messages()
    assert region.calls.writes() == []


def test_check_on_the_built_stack_sees_nothing_to_do(region, built):
    region.calls.mark()
    again = region.site(check=True)
    assert (again.returncode, again.stats["changed"], again.changed()) == (0, 0, {}), again.messages()
    assert region.calls.writes() == []


def test_every_drift_is_planned_and_then_repaired(region, built):
    stack = Stack(region.aws, NAME)
    before = {drift.name: drift.observe(stack) for drift in DRIFTS}
    for drift in DRIFTS:
        drift.make(stack)
    drifted = {drift.name for drift in DRIFTS if drift.observe(stack) != before[drift.name]}
    assert drifted == before.keys(), "every drift is one"

    planned, done = region.site(check=True), region.site()
    assert (planned.returncode, done.returncode) == (0, 0), planned.messages() + done.messages()
    assert planned.plan() == done.plan()
    assert_same_changes(planned, done)
    missed = [
        drift.name
        for drift in DRIFTS
        if not any(change.startswith(drift.planned) or drift.planned in change for change in planned.plan())
    ]
    assert missed == []
    assert {drift.name: drift.observe(stack) for drift in DRIFTS} == before
    assert region.site().stats["changed"] == 0


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


def test_destroy_asks_for_the_right_name(region, built):
    region.calls.mark()
    refused = region.destroy(confirm="another")
    assert refused.returncode != 0
    assert NAME in refused.messages()
    assert region.calls.writes() == []


def test_destroy_without_a_terminal_names_what_to_give(region, built):
    region.calls.mark()
    refused = play("destroy", environment=region.environment)
    assert refused.returncode != 0
    assert f"confirm: '' is not the name of the stack, {NAME}" in refused.messages()
    assert f"-e confirm={NAME}" in refused.messages()
    assert region.calls.writes() == []


def test_a_protected_database_is_refused_before_anything_is_deleted(region, built):
    region.aws("rds").modify_db_instance(DBInstanceIdentifier=NAME, DeletionProtection=True, ApplyImmediately=True)
    region.calls.mark()
    refused = region.destroy("-e", "database_deletion_protection=true")
    assert refused.returncode != 0
    assert "database_deletion_protection" in refused.messages()
    assert region.calls.writes() == []


def test_destroy_leaves_nothing(region, built):
    """Also of a database that is protected, where the stack's variables say that it is not to be."""
    destroyed = region.destroy()
    assert destroyed.returncode == 0, destroyed.messages()
    assert left_over(region.aws) == {}
    region.calls.mark()
    again = region.destroy()
    assert (again.returncode, again.stats["changed"]) == (0, 0), again.messages()


@pytest.mark.parametrize("until", ["network", "network,database"])
def test_a_half_built_site_is_destroyed(region, until):
    half = region.site("--tags", until)
    assert half.returncode == 0, half.messages()
    assert left_over(region.aws) != {}
    destroyed = region.destroy()
    assert destroyed.returncode == 0, destroyed.messages()
    assert left_over(region.aws) == {}


def assert_same_changes(planned, done):
    """A task of amazon.aws may tell no difference in check mode; ours tell the whole of it."""
    changes, plan = done.changed(), planned.changed()
    ours = {task.name for task in done.tasks if "plan" in task.result}
    assert plan.keys() == changes.keys()
    assert [
        f"{name}: {plan[name]} != {changes[name]}"
        for name in plan
        if plan[name] and not same(plan[name], changes[name], whole=name in ours)
    ] == []


def test_an_unreachable_endpoint_is_told_within_seconds():
    environment = {"LOCAL_REGION_ENDPOINT": "http://127.0.0.1:1"}
    run = play("site", *CONTROL_PLANE_ONLY, environment=environment)
    assert run.returncode != 0
    assert "http://127.0.0.1:1" in run.messages()
    assert "Traceback" not in run.output
