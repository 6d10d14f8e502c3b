"""The whole site: plan, build, drift, repair."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.integration.site.conftest import CONTROL_PLANE_ONLY, NAME, TOKEN, instance_ids
from tests.integration.site.drifts import DRIFTS, Stack
from tests.support.playbook import play, same


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
    """The first real run, after its plan."""
    run = region.site()
    assert run.returncode == 0, run.messages()
    return run


def test_check_on_an_empty_region_is_the_plan_of_the_first_run(planned, built):
    """A fresh site has its ways out later than it is planned: once its NAT gateways work."""
    later = Counter(built.plan()) - Counter(planned.plan())
    assert set(later) <= {f"update route table app us-east-1{zone}" for zone in "ab"}
    assert Counter(built.plan()) - later == Counter(planned.plan())
    assert len(planned.plan()) > 30
    assert_same_changes(planned, built)


def test_the_registrys_token_is_in_no_output(planned, built):
    assert f"create secret {NAME}/registry" in built.plan()
    assert TOKEN not in planned.output + built.output


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
    # In the order of time but for one thing: the run closes what nobody uses any more in the end.
    assert sorted(planned.plan()) == sorted(done.plan())
    assert_same_changes(planned, done)
    missed = [
        drift.name
        for drift in DRIFTS
        if not any(change.startswith(drift.planned) or drift.planned in change for change in planned.plan())
    ]
    assert missed == []
    assert {drift.name: drift.observe(stack) for drift in DRIFTS} == before
    assert region.site().stats["changed"] == 0


@pytest.mark.parametrize(
    ("drill", "confirm", "told"),
    [
        ("instance_crash", "another", f"drill_confirm: 'another' is not the name of the stack, {NAME}"),
        ("instance_crash", "", f"give -e drill_confirm={NAME}"),
        ("earthquake", NAME, "drill_name: 'earthquake' is no drill. Give one of instance_crash,"),
        ("bad_update", NAME, "drill_image: '' is no image"),
    ],
)
def test_a_drill_is_refused_unless_it_is_meant(region, built, drill, confirm, told):
    region.calls.mark()
    refused = region.drill(drill, confirm=confirm)
    assert refused.returncode != 0
    assert told in refused.messages()
    assert region.calls.writes() == []


def test_a_drill_is_refused_on_a_stack_that_is_not_whole(region, built):
    stack = Stack(region.aws, NAME)
    instance = min(instance_ids(stack.autoscaling_group()))
    registration = {"TargetGroupArn": stack.target_group()["TargetGroupArn"], "Targets": [{"Id": instance}]}
    region.aws("elbv2").deregister_targets(**registration)
    region.calls.mark()
    refused = region.drill("instance_crash")
    assert refused.returncode != 0
    assert instance in refused.messages()
    assert region.calls.writes() == []
    region.aws("elbv2").register_targets(**registration)


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
