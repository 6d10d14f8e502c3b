"""What can't be right about an instance refresh, and what AWS's answers mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model import instance_refresh as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_instance import Instance
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_readiness import caused
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh_progress import (
    check,
    failing,
    pending,
)

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/goals/73e2d6bc24d8a067"
NEW = {"id": "lt-1", "name": "goals", "version": 2}


def options(**given):
    defaults = {option: spec.get("default") for option, spec in model.OPTIONS.items()}
    return {**defaults, "name": "goals", "launch_template": {"name": "goals", "version": "2"}, **given}


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"launch_template": None}, ["launch_template"], id="to what?"),
        pytest.param({"launch_template": None, "state": "cancelled"}, [], id="cancelled by its name alone"),
        pytest.param({"launch_template": {"id": "lt-1", "version": "latest"}}, [], id="the newest"),
        pytest.param(
            {"launch_template": {"id": "lt-1", "version": "$Latest"}},
            ["launch_template.version"],
            id="no fixed meaning",
        ),
        pytest.param({"launch_template": {"version": "2"}}, ["launch_template"], id="of which template?"),
        pytest.param({"min_healthy_percentage": 101}, ["min_healthy_percentage"], id="too much"),
        pytest.param({"max_healthy_percentage": 150}, ["max_healthy_percentage"], id="one without the other"),
        pytest.param(
            {"min_healthy_percentage": 50, "max_healthy_percentage": 200},
            ["max_healthy_percentage"],
            id="too far apart",
        ),
        pytest.param({"min_healthy_percentage": 100, "max_healthy_percentage": 200}, [], id="launch before terminate"),
        pytest.param({"checkpoint_percentages": [50, 100], "checkpoint_delay": 60}, [], id="checkpoints"),
        pytest.param({"checkpoint_percentages": [60, 50, 100]}, ["checkpoint_percentages"], id="not rising"),
        pytest.param({"checkpoint_percentages": [50]}, ["checkpoint_percentages"], id="not to the end"),
        pytest.param({"checkpoint_delay": 60}, ["checkpoint_delay"], id="a delay of no checkpoint"),
        pytest.param({"bake_time": 172801}, ["bake_time"], id="too long"),
        pytest.param({"instance_warmup": -1}, ["instance_warmup"], id="no warm-up"),
        pytest.param({"failure_threshold": -1}, ["failure_threshold"], id="fewer than none"),
        pytest.param({"alarms": ["alarm"] * 11}, ["alarms"], id="too many alarms"),
    ],
)
def test_faults(given, faulty):
    assert [fault.option for fault in faults(options(**given))] == faulty


def test_preferences_are_those_that_were_given():
    want = model.from_params(options(min_healthy_percentage=100, max_healthy_percentage=150, alarms=["5xx"]))
    assert model.preferences(want.settings()) == {
        "MinHealthyPercentage": 100,
        "MaxHealthyPercentage": 150,
        "SkipMatching": True,
        "AutoRollback": True,
        "AlarmSpecification": {"Alarms": ["5xx"]},
    }


def test_a_state_that_ends_a_refresh_has_no_preferences():
    assert model.from_params(options(state="cancelled")).settings() == {"name": "goals", "state": "cancelled"}


def member(id, state="InService", version="2"):
    template = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "goals", "Version": version}
    return {"InstanceId": id, "LifecycleState": state, "HealthStatus": "Healthy", "LaunchTemplate": template}


def group(*members):
    own = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "goals", "Version": "1"}
    return {"AutoScalingGroupName": "goals", "LaunchTemplate": own, "Instances": list(members)}


def refresh(status, **more):
    desired = {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "goals", "Version": "2"}}
    return {"InstanceRefreshId": "refresh-1", "Status": status, "DesiredConfiguration": desired, **more}


def seen(status, goal="present", *, members=(), followed=True, evidence=(), activities=(), latest=None, **more):
    found = model.from_api(model.Seen(group(*members), refresh(status, **more)), goal=goal, followed=followed)
    return replace(found, evidence=evidence, activities=activities, latest=latest)


def test_instances_that_go_are_left_out():
    read = model.from_api(
        model.Seen(group(member("i-1"), member("i-2", "Terminating"), member("i-3", "Terminated:Wait")), None),
        goal="present",
        followed=False,
    )
    assert [instance.id for instance in read.instances] == ["i-1"]
    assert (read.id, read.target, read.launch_template["version"]) == (None, None, 1)


def test_a_refresh_without_configuration_rolls_out_the_group_s_own():
    answer = {"InstanceRefreshId": "refresh-1", "Status": "InProgress", "StartTime": datetime(2031, 5, 4, tzinfo=UTC)}
    read = model.from_api(model.Seen(group(), answer), goal="present", followed=True)
    assert (read.target["version"], read.start_time) == (1, "2031-05-04T00:00:00+00:00")


def test_one_under_way_says_how_far_it_is_and_which_checks_fail():
    told = pending(
        seen(
            "InProgress",
            PercentageComplete=50,
            InstancesToUpdate=1,
            StatusReason="Waiting for instances to warm up.",
            latest="Launching a new EC2 instance: i-2 (InProgress, since noon)",
            evidence=("i-2 is InService, unhealthy in target group goals",),
        )
    )
    assert told == (
        "instance refresh refresh-1 to goals version 2 is InProgress, 50 % complete, 1 instance to update: "
        "Waiting for instances to warm up; newest activity: Launching a new EC2 instance: i-2 (InProgress, since noon)"
        "; i-2 is InService, unhealthy in target group goals"
    )


def test_one_that_rolls_back_says_why_and_what_is_left_to_do():
    """AWS counts its percentage down again, and tells of instances that it doesn't have to bring back."""
    details = {"RollbackReason": "Automatic rollback."}
    old, new = (
        {**member(f"i-{version}"), "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": version}}
        for version in ("1", "2")
    )
    told = pending(
        seen(
            "RollbackInProgress",
            members=[old, new],
            PercentageComplete=40,
            InstancesToUpdate=7,
            RollbackDetails=details,
        )
    )
    assert told.endswith("40 % to roll back, 1 instance of it left; it rolls back: Automatic rollback")


@pytest.mark.parametrize(
    ("status", "goal", "fails"),
    [
        ("Successful", "present", None),
        ("Failed", "present", "refresh-1 of autoscaling group goals to goals version 2 failed"),
        ("Cancelled", "present", "was cancelled"),
        ("RollbackSuccessful", "present", "was rolled back.*Every instance runs goals version 1 again"),
        ("RollbackFailed", "present", "failed, and its rollback too.*may be of both"),
        ("Cancelled", "cancelled", None),
        ("Failed", "cancelled", None),
        ("RollbackSuccessful", "rolled_back", None),
        ("RollbackFailed", "rolled_back", "its rollback too"),
        ("Successful", "rolled_back", "succeeded before it was rolled back"),
    ],
)
def test_how_it_ended(status, goal, fails):
    if fails is None:
        assert pending(seen(status, goal)) is None
    else:
        with pytest.raises(StackError, match=fails):
            pending(seen(status, goal))


def test_one_of_the_past_is_no_matter():
    assert pending(seen("Failed", followed=False)) is None


def test_a_failure_tells_reasons_checks_and_activities():
    with pytest.raises(StackError) as told:
        pending(
            seen(
                "RollbackSuccessful",
                StatusReason="Instances did not become healthy.",
                RollbackDetails={"RollbackReason": "Instances failed health checks."},
                evidence=("i-2 is InService, unhealthy in target group goals (503)",),
                activities=("Terminating EC2 instance: i-2 (Successful)",),
            )
        )
    assert str(told.value) == (
        "instance refresh refresh-1 of autoscaling group goals to goals version 2 was rolled back: "
        "Instances did not become healthy. Reason of the rollback: Instances failed health checks. "
        "i-2 is InService, unhealthy in target group goals (503). "
        "What the group did: Terminating EC2 instance: i-2 (Successful). "
        "Every instance runs goals version 1 again. Correct what failed, and run again."
    )


def unhealthy(state="unhealthy", health_status="Healthy"):
    reason = {"state": state, "reason": "Target.ResponseCodeMismatch", "description": "codes: [503]"}
    return Instance("i-2", "us-east-1a", "InService", health_status, "lt-1", "2", target_health={ARN: reason})


def test_a_failing_check_is_told_with_its_code_and_where_to_look():
    assert failing(unhealthy(), {ARN: "HTTP GET / on port 8000"}) == (
        "i-2 is InService, unhealthy in target group goals (Target.ResponseCodeMismatch: codes: [503]) "
        "(version 2; it fails HTTP GET / on port 8000; "
        "what it said: aws ec2 get-console-output --latest --output text --instance-id i-2)"
    )


@pytest.mark.parametrize(
    ("instance", "fails"),
    [(unhealthy("initial"), False), (unhealthy("healthy"), False), (unhealthy("draining", "Unhealthy"), True)],
)
def test_only_what_fails_is_told(instance, fails):
    assert bool(failing(instance, {})) == fails


@pytest.mark.parametrize(
    ("group", "told"),
    [
        (
            {
                "Port": 8000,
                "HealthCheckProtocol": "HTTP",
                "HealthCheckPort": "traffic-port",
                "HealthCheckPath": "/",
                "Matcher": {"HttpCode": "200"},
            },
            "HTTP GET / on port 8000, which has to answer 200",
        ),
        ({"Port": 5432, "HealthCheckProtocol": "TCP", "HealthCheckPort": "5433"}, "TCP on port 5433"),
    ],
)
def test_a_check_in_words(group, told):
    assert check(group) == told


@pytest.mark.parametrize(
    ("status", "cause", "told"),
    [
        *(
            ("Successful", f"an instance was taken out of service in response to {reason}", True)
            for reason in (
                "an ELB system health check failure.",
                "a user health-check.",
                "an EC2 instance status checks failure.",
                "an EC2 health check indicating it has been terminated or stopped.",
            )
        ),
        ("Successful", "an instance was launched in response to a difference", False),
        ("Failed", "an instance was launched in response to a difference", True),
    ],
)
def test_activities_that_failed_or_that_a_health_check_caused(status, cause, told):
    activity = {
        "Description": "Terminating EC2 instance: i-2",
        "StatusCode": status,
        "StartTime": datetime(2031, 5, 4, tzinfo=UTC),
        "Cause": f"At 2031-05-04T00:00:00Z {cause}",
    }
    assert (cause.rstrip(".") in (caused(activity) or "")) == told
