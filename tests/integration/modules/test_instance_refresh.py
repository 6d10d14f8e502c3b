"""The instance refresh module, against the region."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

from tests.integration.modules.ground import eventually

PREFERENCES = {"min_healthy_percentage": 100, "max_healthy_percentage": 150, "instance_warmup": 5}


@pytest.fixture
def ground(aws, ground):
    """As for a group's tests; instances that go may finish requests for no longer than 10 s."""
    aws("elbv2").modify_target_group_attributes(
        TargetGroupArn=ground.target_group, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "10"}]
    )
    return ground


@pytest.fixture
def group(module, ground):
    """A group of two instances of version 1, in service and healthy."""
    options = ground.options(target_group_arns=[ground.target_group], health_check_type="ELB")
    return module("autoscaling_group")(**options)["autoscaling_group"]


@pytest.fixture
def refresh(module):
    return module("instance_refresh")


def to_version(ground, version, **more):
    return {"name": "group", "launch_template": {"id": ground.template, "version": version}, **PREFERENCES, **more}


def test_twelve_steps(twelve_steps, refresh, ground, group):
    """The last four steps cancel a refresh that is under way."""
    lifecycle = twelve_steps("instance_refresh")
    done = lifecycle.step(to_version(ground, "2"))
    assert done["plan"] == ["create instance refresh group"]
    replaced = done["diff"]["after"]["instance refresh group"]["replaces"]
    assert replaced == {each["id"]: f"{ground.template} version 1" for each in group["instances"]}
    assert done["instance_refresh"]["to_replace"] == {}
    seen = done["instance_refresh"]
    assert (seen["status"], seen["launch_template"]["version"]) == ("Successful", 2)
    assert [each["launch_template_version"] for each in seen["instances"]] == ["2", "2"]
    assert not {each["id"] for each in seen["instances"]} & replaced.keys()

    back = lifecycle.step({**to_version(ground, "1"), "launch_template": {"name": "ground", "version": "1"}})
    assert back["instance_refresh"]["launch_template"]["version"] == 1

    refresh(**to_version(ground, "latest"), wait=False)
    cancelled = lifecycle.step({"name": "group", "state": "cancelled"})
    assert cancelled["instance_refresh"]["status"] == "Cancelled"
    assert cancelled["instance_refresh"]["launch_template"]["version"] == 1, "the group keeps its version"


def test_one_that_is_under_way_is_followed_or_refused(refresh, ground, group):
    started = refresh(**to_version(ground, "2"), wait=False)
    with pytest.raises(StackError, match=r"to ground version 1: \S+ to ground version 2 is under way \(\w+"):
        refresh(**to_version(ground, "1"))
    followed = refresh(**to_version(ground, "latest"))
    assert (started["changed"], followed["changed"]) == (True, False)
    assert followed["instance_refresh"]["id"] == started["instance_refresh"]["id"]
    assert followed["instance_refresh"]["status"] == "Successful"


def test_a_rollback_brings_the_old_version_back(refresh, ground, group):
    refresh(**to_version(ground, "2"), wait=False)
    done = refresh(name="group", state="rolled_back")
    assert done["changed"]
    seen = done["instance_refresh"]
    assert (seen["status"], seen["launch_template"]["version"]) == ("RollbackSuccessful", 1)
    assert {each["launch_template_version"] for each in seen["instances"]} == {"1"}
    assert not refresh(name="group", state="rolled_back")["changed"]


def test_what_was_cancelled_fails_whoever_waits_for_its_end(refresh, module, ground, group, aws):
    refresh(**to_version(ground, "2"), wait=False)
    aws("autoscaling").cancel_instance_refresh(AutoScalingGroupName="group")
    eventually(lambda: newest(aws)["Status"] == "Cancelled")
    with pytest.raises(StackError, match="none is under way that could be rolled back"):
        refresh(name="group", state="rolled_back")
    again = refresh(**to_version(ground, "2"))
    assert (again["changed"], again["instance_refresh"]["status"]) == (True, "Successful")


def failing(aws, done):
    """Calls every instance of version 2 unhealthy, until ``done``: what its health check would find."""
    client = aws("autoscaling")
    while not done.wait(0.2):
        for group in client.describe_auto_scaling_groups(AutoScalingGroupNames=["group"])["AutoScalingGroups"]:
            for each in group["Instances"]:
                if each["LaunchTemplate"]["Version"] == "2" and each["LifecycleState"] == "InService":
                    with suppress(client.exceptions.ClientError):  # it may have gone meanwhile
                        client.set_instance_health(InstanceId=each["InstanceId"], HealthStatus="Unhealthy")


@pytest.mark.parametrize(
    ("auto_rollback", "ended", "versions"), [(True, "was rolled back", {"1"}), (False, "was cancelled", {"1", "2"})]
)
def test_a_version_whose_instances_fail_is_given_up(refresh, ground, group, aws, auto_rollback, ended, versions):
    done = Event()
    with ThreadPoolExecutor() as pool:
        watching = pool.submit(failing, aws, done)
        try:
            with pytest.raises(StackError, match=ended) as told:
                refresh(**to_version(ground, "2"), failure_threshold=2, auto_rollback=auto_rollback)
        finally:
            done.set()
    assert watching.result() is None
    for part in (
        r"Given up after \d instances of ground version 2 \(i-.*\) failed the health check \(failure_threshold: 2\)",
        "taken out of service in response to a user health-check",
    ):
        assert re.search(part, str(told.value))
    there = aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["group"])["AutoScalingGroups"][0]
    assert there["LaunchTemplate"]["Version"] == "1"
    assert {each["LaunchTemplate"]["Version"] for each in there["Instances"]} <= versions


def newest(aws):
    return aws("autoscaling").describe_instance_refreshes(AutoScalingGroupName="group")["InstanceRefreshes"][0]


def test_a_wait_that_runs_out_tells_how_far_it_is(refresh, ground, group):
    told = r"instance_refresh: not done after 0 s .*: instance refresh \S+ to ground version 2 is \w+, \d+ % complete"
    with pytest.raises(StackError, match=told):
        refresh(**to_version(ground, "2"), wait_timeout=0)
    assert not refresh(**to_version(ground, "2"))["changed"]


def test_a_playbook_shows_progress_while_it_waits(ground, group, aws, tmp_path):
    """On standard error: what reads a callback's output is not disturbed."""
    connection = {"region": "us-east-1", "endpoint_url": aws.endpoint, "access_key": "local", "secret_key": "local"}
    task = {"ha_stack.aws.instance_refresh": {**to_version(ground, "2"), **connection}}
    play = {"hosts": "all", "gather_facts": False, "tasks": [task, {**task, "name": "again"}]}
    book = [{**play, "vars": {"ansible_python_interpreter": sys.executable}}]
    (tmp_path / "play.yml").write_text(json.dumps(book))
    done = subprocess.run(
        ["ansible-playbook", "-i", "stack,", "-c", "local", str(tmp_path / "play.yml")],
        env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
        capture_output=True,
        text=True,
        check=True,
    )
    first, again = (each["hosts"]["stack"] for each in json.loads(done.stdout)["plays"][0]["tasks"])
    assert (first["changed"], again["changed"]) == (True, False)
    progress = [line for line in done.stderr.splitlines() if line.startswith("instance_refresh: ")]
    assert re.search(r"to ground version 2 is \w+, \d+ % complete, 2 instances to update", progress[0])
    assert any("newest activity: Launching a new EC2 instance" in line for line in progress)
    assert len(set(progress)) == len(progress), "what has not changed is not told again"


def test_a_group_or_template_that_is_not_there_is_told(refresh, ground, group, aws):
    aws.calls.clear()
    with pytest.raises(StackError, match="autoscaling group no-such: there is no such group"):
        refresh(**{**to_version(ground, "2"), "name": "no-such"})
    with pytest.raises(StackError, match="launch template no-such: there is no such template"):
        refresh(name="group", launch_template={"name": "no-such", "version": "latest"})
    assert aws.writes() == []


def test_check_mode_plans_with_a_template_and_a_group_that_are_still_to_be_made(refresh, group):
    planned = refresh(name="group", launch_template={"id": KNOWN_AFTER_APPLY, "version": "1"}, check_mode=True)
    assert len(planned["diff"]["after"]["instance refresh group"]["replaces"]) == 2
    assert planned["instance_refresh"]["to_replace"] == planned["diff"]["after"]["instance refresh group"]["replaces"]
    nothing = refresh(name="to-come", launch_template={"id": KNOWN_AFTER_APPLY, "version": "1"}, check_mode=True)
    assert nothing["plan"] == []
