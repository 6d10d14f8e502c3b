"""What is sent to Auto Scaling for an instance refresh, checked against the service's own model."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import boto3
import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import instance_refresh as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh import InstanceRefresh
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh_progress import pending
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.instance_refresh import given_up, plan
from botocore.stub import Stubber

from tests.support.stubbed import InTurn, stubbed

TARGET_GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/goals/73e2d6bc24d8a067"
NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)
WANT = InstanceRefresh("goals", launch_template={"id": "lt-12345", "name": "goals", "version": 2})


def group(*instances, version="1", target_groups=()):
    own = {"LaunchTemplateId": "lt-12345", "LaunchTemplateName": "goals", "Version": version}
    return {
        "AutoScalingGroupName": "goals",
        "MinSize": 2,
        "MaxSize": 3,
        "DesiredCapacity": 2,
        "DefaultCooldown": 300,
        "AvailabilityZones": ["us-east-1a"],
        "HealthCheckType": "ELB",
        "CreatedTime": NOON,
        "LaunchTemplate": own,
        "Instances": list(instances),
        "TargetGroupARNs": list(target_groups),
    }


def instance(id, version):
    return {
        "InstanceId": id,
        "AvailabilityZone": "us-east-1a",
        "LifecycleState": "InService",
        "HealthStatus": "Healthy",
        "LaunchTemplate": {"LaunchTemplateId": "lt-12345", "LaunchTemplateName": "goals", "Version": version},
        "ProtectedFromScaleIn": False,
    }


def refresh(id, status, version="2", start=NOON, **more):
    desired = {"LaunchTemplate": {"LaunchTemplateId": "lt-12345", "Version": version}}
    answer = {"InstanceRefreshId": id, "Status": status, "DesiredConfiguration": desired, "StartTime": start}
    return {**answer, **more}


def answers(stub, there, *refreshes):
    groups = {"AutoScalingGroups": [there] if there else []}
    stub.add_response("describe_auto_scaling_groups", groups, {"AutoScalingGroupNames": ["goals"]})
    asked = {"AutoScalingGroupName": "goals", "MaxRecords": 20}
    stub.add_response("describe_instance_refreshes", {"InstanceRefreshes": list(refreshes)}, asked)


@contextmanager
def two_services(**params):
    """A session with a stub of Auto Scaling, and one of ELB."""
    made = {
        name: boto3.client(name, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        for name in ("autoscaling", "elbv2")
    }
    with Stubber(made["autoscaling"]) as autoscaling, Stubber(made["elbv2"]) as elbv2:
        yield InTurn(client=made.__getitem__, params=params), autoscaling, elbv2
        autoscaling.assert_no_pending_responses()
        elbv2.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("wanted", "asked", "version"),
    [
        ({"name": "goals", "version": "latest"}, {"LaunchTemplateNames": ["goals"]}, 7),
        ({"id": "lt-12345", "version": "3"}, {"LaunchTemplateIds": ["lt-12345"]}, 3),
    ],
)
def test_the_template_is_known_by_its_id_and_a_number(wanted, asked, version):
    found = {"LaunchTemplateId": "lt-12345", "LaunchTemplateName": "goals", "LatestVersionNumber": 7}
    with stubbed("ec2") as (session, stub):
        stub.add_response("describe_launch_templates", {"LaunchTemplates": [found]}, asked)
        resolved = api.resolve(session, InstanceRefresh("goals", launch_template=wanted))
    assert resolved.launch_template == {"id": "lt-12345", "name": "goals", "version": version}


@pytest.mark.parametrize("code", ["InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateId.NotFound"])
def test_a_template_that_is_not_there_is_refused_by_a_run(code):
    with stubbed("ec2", name="goals") as (session, stub):
        stub.add_client_error("describe_launch_templates", code)
        want = api.resolve(session, InstanceRefresh("goals", launch_template={"name": "goals", "version": "latest"}))
        session.ids[api.GROUP, "goals"] = "goals"
        have = InstanceRefresh("goals", launch_template={"id": "lt-9", "name": "old", "version": 1})
        with pytest.raises(StackError, match="launch template goals: there is no such template"):
            api.preflight(session, plan(want, have, {}))


def test_what_check_mode_made_up_is_not_asked_for():
    with stubbed("ec2") as (session, _):
        wanted = {"id": KNOWN_AFTER_APPLY, "version": "1"}
        assert api.resolve(session, InstanceRefresh("goals", launch_template=wanted)).launch_template == wanted


def test_a_group_that_is_not_there_is_none_and_refused_by_a_run():
    with stubbed("autoscaling", name="goals") as (session, stub):
        stub.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": []})
        stub.add_client_error("describe_instance_refreshes", "ValidationError", "AutoScalingGroup name not found")
        assert api.read(session, WANT) is None
        with pytest.raises(StackError, match="autoscaling group goals: there is no such group"):
            api.preflight(session, ())


def test_the_newest_refresh_is_told_and_one_of_the_past_not_followed():
    early = datetime(2031, 5, 1, tzinfo=UTC)
    with stubbed("autoscaling") as (session, stub):
        answers(stub, group(instance("i-1", "1")), refresh("old", "Failed", start=early), refresh("new", "Cancelled"))
        read = api.read(session, WANT)
    assert (read.id, read.status, read.followed) == ("new", "Cancelled", False)


def test_start_leaves_the_group_to_the_refresh():
    have = InstanceRefresh("goals", launch_template={"id": "lt-12345", "name": "goals", "version": 1})
    want = InstanceRefresh("goals", launch_template=WANT.launch_template, skip_matching=True, auto_rollback=True)
    sent = {
        "AutoScalingGroupName": "goals",
        "Strategy": "Rolling",
        "DesiredConfiguration": {"LaunchTemplate": {"LaunchTemplateId": "lt-12345", "Version": "2"}},
        "Preferences": {"SkipMatching": True, "AutoRollback": True},
    }
    with stubbed("autoscaling", wait_timeout=60) as (session, stub):
        stub.add_client_error("start_instance_refresh", "ResourceContention")
        stub.add_response("start_instance_refresh", {"InstanceRefreshId": "refresh-1"}, sent)
        api.start(session, plan(want, have, {})[0])
    assert session.ids[api.KIND, "goals"] == "refresh-1"


@pytest.mark.parametrize(
    ("given", "overrides", "strategy"),
    [
        pytest.param({}, [{"InstanceType": "m7i.large"}], "Rolling", id="the policy that the group has"),
        pytest.param(
            {
                "mixed_instances": {"overrides": [{"instance_type": "m7i.large", "image_id": "ami-12345"}]},
                "strategy": "ReplaceRootVolume",
            },
            [{"InstanceType": "m7i.large", "ImageId": "ami-12345"}],
            "ReplaceRootVolume",
            id="another policy",
        ),
    ],
)
def test_a_group_with_mixed_instances_keeps_its_policy(given, overrides, strategy):
    """A plain launch template as the desired configuration would take the policy's place."""
    policy = {"overrides": [{"instance_type": "m7i.large"}], "distribution": {"on_demand_base_capacity": 1}}
    have = InstanceRefresh(
        "goals", launch_template={"id": "lt-12345", "name": "goals", "version": 1}, mixed_instances=policy
    )
    want = InstanceRefresh("goals", launch_template=WANT.launch_template, **given)
    desired = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-12345", "Version": "2"}, "Overrides": overrides
        },
        "InstancesDistribution": {"OnDemandBaseCapacity": 1},
    }  # fmt: skip
    sent = {
        "AutoScalingGroupName": "goals",
        "Strategy": strategy,
        "DesiredConfiguration": {"MixedInstancesPolicy": desired},
        "Preferences": {},
    }
    with stubbed("autoscaling") as (session, stub):
        stub.add_response("start_instance_refresh", {"InstanceRefreshId": "refresh-1"}, sent)
        api.start(session, plan(want, have, {})[0])


def test_what_a_refresh_of_mixed_instances_rolls_out():
    there = group(instance("i-1", "1"))
    spec = there.pop("LaunchTemplate")
    there["MixedInstancesPolicy"] = {"LaunchTemplate": {"LaunchTemplateSpecification": spec}}
    desired = {"MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": {**spec, "Version": "2"}}}}
    with stubbed("autoscaling", state="present") as (session, stub):
        answers(stub, there, refresh("refresh-1", "Successful", DesiredConfiguration=desired))
        seen = api.read(session, WANT)
    assert (seen.launch_template["version"], seen.target["version"]) == (1, 2)
    assert seen.mixed_instances == seen.target_mixed_instances == {"overrides": [], "distribution": {}}


def test_the_templates_of_overrides_are_known_by_their_ids_too():
    overrides = [{"instance_type": "m7i.large"}, {"launch_template": {"name": "arm", "version": 1}}]
    found = {"LaunchTemplateId": "lt-12345", "LaunchTemplateName": "goals", "LatestVersionNumber": 7}
    arm = {"LaunchTemplateId": "lt-2", "LaunchTemplateName": "arm", "LatestVersionNumber": 4}
    with stubbed("ec2", name="goals") as (session, stub):
        stub.add_response("describe_launch_templates", {"LaunchTemplates": [found]})
        stub.add_response("describe_launch_templates", {"LaunchTemplates": [arm]}, {"LaunchTemplateNames": ["arm"]})
        asked = InstanceRefresh("goals", launch_template={"name": "goals", "version": "latest"})
        want = api.resolve(session, replace(asked, mixed_instances={"overrides": overrides}))
        stub.add_response("describe_launch_templates", {"LaunchTemplates": [found]})
        stub.add_client_error("describe_launch_templates", "InvalidLaunchTemplateName.NotFoundException")
        missing = api.resolve(session, replace(asked, mixed_instances={"overrides": overrides}))
        session.ids[api.GROUP, "goals"] = "goals"
        with pytest.raises(StackError, match="launch template arm: there is no such template"):
            api.preflight(session, plan(missing, InstanceRefresh("goals"), {}))
    assert want.mixed_instances["overrides"][1]["launch_template"] == {"id": "lt-2", "name": "arm", "version": 1}


@pytest.mark.parametrize(
    ("state", "call"), [("cancelled", "cancel_instance_refresh"), ("rolled_back", "rollback_instance_refresh")]
)
def test_an_end_that_came_by_itself_is_no_error(state, call):
    with stubbed("autoscaling") as (session, stub):
        stub.add_response(call, {"InstanceRefreshId": "refresh-1"}, {"AutoScalingGroupName": "goals"})
        api.end(session, ending(state))
        for status in ("Successful", "RollbackInProgress"):
            stub.add_client_error(call, "ActiveInstanceRefreshNotFound")
            stub.add_response("describe_instance_refreshes", {"InstanceRefreshes": [refresh("refresh-1", status)]})
            api.end(session, ending(state))


def ending(state):
    have = InstanceRefresh("goals", status="InProgress", id="refresh-1", target=WANT.launch_template)
    (change,) = plan(InstanceRefresh("goals", state=state), have, {})
    return change


def test_a_refresh_that_aws_will_not_end_is_told_with_what_to_do():
    with stubbed("autoscaling") as (session, stub):
        stub.add_client_error("rollback_instance_refresh", "IrreversibleInstanceRefresh", "no desired configuration")
        stub.add_response("describe_instance_refreshes", {"InstanceRefreshes": [refresh("refresh-1", "InProgress")]})
        with pytest.raises(
            StackError, match=r"refresh-1 of autoscaling group goals: It goes on.*no desired.*Cancel it"
        ):
            api.end(session, ending("rolled_back"))


def test_a_refresh_that_was_just_started_may_not_be_told_of_yet():
    """What failed before it, it did not cause, and how an earlier one ended is no matter."""
    want = replace(WANT, failure_threshold=1)
    with stubbed("autoscaling", state="present") as (session, stub):
        session.ids[api.KIND, "goals"] = "refresh-2"
        answers(stub, group(instance("i-1", "1")), refresh("refresh-1", "Successful"))
        seen = api.read(session, want)
    assert "refresh-2 to goals version 1 is Pending" in pending(seen)
    assert given_up(want, seen) == ()


def test_a_health_check_that_was_seen_to_fail_is_told_when_its_instance_is_gone():
    """While the refresh is under way an instance fails; when it was rolled back, the group and ELB know it no more."""
    with two_services(state="present") as (session, autoscaling, elbv2):
        there = group(instance("i-1", "1"), instance("i-2", "2"), target_groups=[TARGET_GROUP])
        answers(autoscaling, there, refresh("refresh-1", "InProgress"))
        health = [
            {"Target": {"Id": "i-1"}, "TargetHealth": {"State": "healthy"}},
            {
                "Target": {"Id": "i-2"},
                "TargetHealth": {
                    "State": "unhealthy",
                    "Reason": "Target.ResponseCodeMismatch",
                    "Description": "Health checks failed with these codes: [503]",
                },
            },
        ]
        elbv2.add_response(
            "describe_target_health", {"TargetHealthDescriptions": health}, {"TargetGroupArn": TARGET_GROUP}
        )
        check = {
            "TargetGroupArn": TARGET_GROUP,
            "Port": 8000,
            "HealthCheckProtocol": "HTTP",
            "HealthCheckPort": "traffic-port",
            "HealthCheckPath": "/",
            "Matcher": {"HttpCode": "200"},
        }
        launched = activity("Launching a new", "i-2", "At noon an instance was launched")
        autoscaling.add_response("describe_scaling_activities", {"Activities": [launched]})
        elbv2.add_response("describe_target_groups", {"TargetGroups": [check]}, {"TargetGroupArns": [TARGET_GROUP]})
        seen = api.read(session, WANT)
        assert seen.to_replace == {"i-1": "lt-12345 version 1"}
        assert "codes: [503]" in pending(seen)
        assert "newest activity: Launching a new EC2 instance: i-2 (Successful, since 2031-05-04T12" in pending(seen)

        reason = {"RollbackReason": "Auto rollback"}
        answers(
            autoscaling, group(instance("i-1", "1")), refresh("refresh-1", "RollbackSuccessful", RollbackDetails=reason)
        )
        sick = "At noon an instance was taken out of service in response to an ELB system health check failure."
        ended = activity("Terminating", "i-2", sick)
        before = {**ended, "ActivityId": "0", "StartTime": datetime(2031, 5, 3, tzinfo=UTC), "Description": "before"}
        autoscaling.add_response("describe_scaling_activities", {"Activities": [ended, before]})
        with pytest.raises(StackError) as told:
            pending(api.read(session, WANT))
    for part in (
        "was rolled back. Reason of the rollback: Auto rollback",
        "i-2 is InService, unhealthy in target group goals (Target.ResponseCodeMismatch",
        "it fails HTTP GET / on port 8000, which has to answer 200",
        "get-console-output --latest --output text --instance-id i-2",
        "Terminating EC2 instance: i-2 (Successful, since 2031-05-04T12:00:00+00:00). At noon",
    ):
        assert part in str(told.value)
    assert "before" not in str(told.value).replace("before it", "")


def activity(what, id, cause, start=NOON):
    described = f"{what} EC2 instance: {id}"
    return {"ActivityId": f"{what} {id}", "AutoScalingGroupName": "goals", "Description": described, "Cause": cause,
            "StartTime": start, "StatusCode": "Successful"}  # fmt: skip


def test_instances_that_the_refresh_launched_and_that_failed_end_it():
    want = replace(WANT, failure_threshold=2)
    before = datetime(2031, 5, 3, tzinfo=UTC)
    asked = {"AutoScalingGroupName": "goals"}
    sick = "At noon an instance was taken out of service in response to an ELB system health check failure."
    fewer = "At noon an instance was taken out of service in response to a difference between desired and actual"
    missing = "At noon an instance was launched in response to a difference between desired and actual capacity"
    one = [
        activity("Launching a new", "i-1", missing, before),
        activity("Terminating", "i-1", sick),
        activity("Launching a new", "i-2", missing),
        activity("Terminating", "i-2", sick),
        activity("Launching a new", "i-3", missing),
        activity("Terminating", "i-3", fewer),
        activity("Launching a new", "i-4", "an instance was launched in response to an unhealthy instance"),
    ]
    with stubbed("autoscaling", state="present") as (session, stub):
        answers(stub, group(instance("i-4", "2")), refresh("refresh-1", "InProgress"))
        stub.add_response("describe_scaling_activities", {"Activities": one}, asked)
        seen = api.read(session, want)
        assert (seen.failed, given_up(want, seen)) == (("i-2",), ())

        answers(stub, group(), refresh("refresh-1", "InProgress"))
        two = [*one, activity("Terminating", "i-4", "taken out of service in response to a user health-check")]
        stub.add_response("describe_scaling_activities", {"Activities": two}, asked)
        (change,) = given_up(want, api.read(session, want))
        stub.add_response(
            "rollback_instance_refresh", {"InstanceRefreshId": "refresh-1"}, {"AutoScalingGroupName": "goals"}
        )
        api.end(session, change)

        answers(stub, group(), refresh("refresh-1", "RollbackSuccessful"))
        stub.add_response("describe_scaling_activities", {"Activities": []}, asked)
        with pytest.raises(
            StackError, match=r"was rolled back\. Given up after 2 instances of goals version 2 \(i-2, i-4\) failed"
        ):
            pending(api.read(session, want))
