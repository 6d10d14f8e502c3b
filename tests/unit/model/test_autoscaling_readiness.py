"""What a group that isn't ready is told to lack, and when waiting for it is in vain."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import (
    DELETED,
    DELETING,
    AutoScalingGroup,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_instance import Instance
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_readiness import pending, remaining
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/goals/73e2d6bc24d8a067"
CHECKED = {"state": "unhealthy", "reason": "Target.ResponseCodeMismatch", "description": "Codes: [500]"}
GOOD = Instance("i-good", lifecycle_state="InService", health_status="Healthy", target_health={}, healthy=True)
COMING = Instance("i-coming", lifecycle_state="Pending", health_status="Healthy", target_health={})
GOING = Instance("i-going", lifecycle_state="Terminating", health_status="Unhealthy", target_health={})
SICK = Instance("i-sick", lifecycle_state="InService", health_status="Healthy", target_health={ARN: CHECKED})


def group(*instances, desired=2, suspended=(), **more):
    return AutoScalingGroup(
        "goals", desired_capacity=desired, instances=instances, suspended_processes=suspended, **more
    )


def activity(message, status="Failed"):
    return {
        "Description": "Launching a new EC2 instance",
        "StatusCode": status,
        "StatusMessage": message,
        "StartTime": datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    "instances", [(GOOD, GOOD), (GOOD, GOOD, GOING), (GOOD, GOING, GOOD)], ids=["all", "one leaves", "in any order"]
)
def test_ready(instances):
    assert pending(group(*instances)) is None


def test_a_group_whose_instances_are_to_be_replaced_is_not_waited_for():
    assert pending(group(SICK, COMING)) is not None
    assert pending(group(SICK, COMING, to_be_refreshed=True)) is None


def test_an_empty_group_is_ready_when_nothing_is_wanted():
    assert pending(group(desired=0)) is None


@pytest.mark.parametrize(
    ("found", "told"),
    [
        pytest.param(group(), "0 of 2 instances are in service and healthy", id="none"),
        pytest.param(
            group(GOOD, COMING), "1 of 2 instances are in service and healthy; i-coming is Pending", id="one is coming"
        ),
        pytest.param(
            group(GOOD, SICK),
            "1 of 2 instances are in service and healthy; i-sick is InService, unhealthy in target group goals "
            "(Target.ResponseCodeMismatch: Codes: [500])",
            id="a target group's verdict",
        ),
        pytest.param(group(GOOD, GOOD, GOOD), "3 instances are in service, 2 wanted", id="too many"),
        pytest.param(
            group(GOOD, GOING),
            "1 of 2 instances are in service and healthy; i-going is Terminating, Unhealthy",
            id="one is being replaced",
        ),
        pytest.param(
            group(GOOD, suspended=("AddToLoadBalancer",)),
            "1 of 2 instances are in service and healthy; suspended processes: AddToLoadBalancer",
            id="what is suspended",
        ),
        pytest.param(
            group(GOOD, activities=(activity("We currently do not have sufficient capacity."), activity("older"))),
            "1 of 2 instances are in service and healthy; Launching a new EC2 instance (Failed, since "
            "2024-05-06T07:08:09+00:00): We currently do not have sufficient capacity.",
            id="the newest activity",
        ),
        pytest.param(
            group(activities=(activity(None, "InProgress"),)),
            "0 of 2 instances are in service and healthy; Launching a new EC2 instance (InProgress, since "
            "2024-05-06T07:08:09+00:00)",
            id="an activity in progress",
        ),
        pytest.param(group(GOING, status=DELETING), "the group is being deleted; i-going is Terminating", id="deleted"),
    ],
)
def test_pending(found, told):
    assert pending(found) == told


@pytest.mark.parametrize(
    ("found", "told"),
    [
        pytest.param(group(GOING), "the group is being deleted; i-going is Terminating", id="not yet marked"),
        pytest.param(
            AutoScalingGroup("goals", status=DELETED, instances=(Instance("i-1", lifecycle_state="shutting-down"),)),
            "the group is gone, but not its instances; i-1 is shutting-down",
            id="only instances",
        ),
    ],
)
def test_remaining(found, told):
    assert remaining(found) == told


@pytest.mark.parametrize(
    ("instances", "desired", "process", "vain"),
    [
        pytest.param((GOOD,), 2, "Launch", True, id="none will be launched"),
        pytest.param((GOOD, COMING), 2, "Launch", False, id="one is still coming"),
        pytest.param((GOOD, SICK), 2, "Launch", False, id="one may still become healthy"),
        pytest.param((GOOD, GOOD), 1, "Terminate", True, id="none will be terminated"),
        pytest.param((GOOD,), 2, "Terminate", False, id="a launch needs no termination"),
        pytest.param((GOOD, GOOD), 1, "Launch", False, id="a termination needs no launch"),
    ],
)
def test_a_suspended_process_is_not_waited_for(instances, desired, process, vain):
    found = group(*instances, desired=desired, suspended=(process,))
    if vain:
        with pytest.raises(StackError, match=f"process {process} is suspended"):
            pending(found)
    else:
        assert pending(found)


@pytest.mark.parametrize(
    ("message", "vain"),
    [
        ("The image id '[ami-0123]' does not exist. Launching EC2 instance failed.", True),
        ("The AMI ID ami-0123 does not exist. Launching EC2 instance failed.", True),
        ("Not authorized for images: [ami-0123]. Launching EC2 instance failed.", True),
        ("The key pair ops does not exist. Launching EC2 instance failed.", True),
        ("The keypair 'ops' does not exist.", True),
        ("The requested instance type's architecture (i386) does not match the architecture in the manifest.", True),
        ("VPCIdNotSpecified: No default VPC for this user.", True),
        ("We currently do not have sufficient t3.micro capacity in us-east-1a. Launching EC2 instance failed.", False),
        ("The security group 'sg-0123' does not exist. Launching EC2 instance failed.", False),
        ("The specified launch template, with template ID lt-0123, does not exist.", False),
        ("Invalid IamInstanceProfile: goals. Launching EC2 instance failed.", False),
        ("You have requested more vCPU capacity than your current limit allows.", False),
        (None, False),
    ],
)
def test_a_launch_that_fails_for_good_is_not_waited_for(message, vain):
    found = group(activities=(activity(message),), failures=(activity(message),))
    if vain:
        with pytest.raises(StackError, match=r"Launching a new EC2 instance.*It will fail each time"):
            pending(found)
    else:
        assert pending(found)


def test_a_failure_from_before_this_run_is_only_told():
    found = group(activities=(activity("The AMI ID ami-0123 does not exist. Launching EC2 instance failed."),))
    assert "ami-0123 does not exist" in pending(found)
