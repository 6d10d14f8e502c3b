"""What is sent to Auto Scaling, EC2 and ELB for a group, checked against the services' own models."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import boto3
import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import autoscaling_group as api
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import autoscaling_read as reads
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import (
    DELETED,
    AutoScalingGroup,
    from_api,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.autoscaling_group import plan
from botocore.exceptions import ClientError
from botocore.stub import Stubber

NAME = {"AutoScalingGroupName": "goals"}
OWN = {"ResourceId": "goals", "ResourceType": "auto-scaling-group"}
ARNS = [f"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/g/{n:02}" for n in range(25)]
GROUP = {
    **NAME,
    "AutoScalingGroupARN": "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:1:autoScalingGroupName/goals",
    "MinSize": 2,
    "MaxSize": 3,
    "DesiredCapacity": 2,
    "DefaultCooldown": 300,
    "AvailabilityZones": ["us-east-1a"],
    "HealthCheckType": "EC2",
    "HealthCheckGracePeriod": 0,
    "CreatedTime": datetime(2024, 1, 1, tzinfo=UTC),
    "VPCZoneIdentifier": "subnet-a",
    "LaunchTemplate": {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "goals", "Version": "1"},
    "TargetGroupARNs": ARNS[:12],
    "EnabledMetrics": [{"Metric": "GroupMinSize", "Granularity": "1Minute"}],
    "SuspendedProcesses": [{"ProcessName": "Terminate"}],
    "Tags": [{**OWN, "Key": "stack", "Value": "goals", "PropagateAtLaunch": True}],
}


def instance(name, state="InService"):
    return {
        "InstanceId": name,
        "AvailabilityZone": "us-east-1a",
        "LifecycleState": state,
        "HealthStatus": "Healthy",
        "ProtectedFromScaleIn": False,
    }


@contextmanager
def stubbed(*services, **params):
    """A session and a stub of each service, in this order."""
    made = {
        name: boto3.client(name, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        for name in services or ("autoscaling",)
    }
    with ExitStack() as stack:
        stubs = [stack.enter_context(Stubber(client)) for client in made.values()]
        yield Session(client=made.__getitem__, params=params, wait_timeout=0), *stubs
        for stub in stubs:
            stub.assert_no_pending_responses()


def change(want, have=None):
    return plan(AutoScalingGroup("goals", **want), have, {"purge_tags": True})[0]


NEW = {"launch_template": {"id": "lt-1", "version": 1}, "subnet_ids": ("subnet-a",), "min_size": 1, "max_size": 2}


def test_create_makes_the_group_and_then_what_its_call_does_not_take():
    want = {
        **NEW,
        "target_group_arns": tuple(ARNS),
        "metrics_enabled": ("GroupMinSize",),
        "suspended_processes": ("AZRebalance",),
        "default_instance_warmup": None,
        "placement_group": "",
        "tags": {"stack": "goals"},
        "propagate_tags": True,
    }
    sent = {
        **NAME,
        "MinSize": 1,
        "MaxSize": 2,
        "DesiredCapacity": 1,
        "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "1"},
        "VPCZoneIdentifier": "subnet-a",
        "TargetGroupARNs": ARNS[:10],
        "Tags": [{**OWN, "Key": "stack", "Value": "goals", "PropagateAtLaunch": True}],
    }
    with stubbed() as (session, stub):
        stub.add_response("create_auto_scaling_group", {}, sent)
        stub.add_response("suspend_processes", {}, {**NAME, "ScalingProcesses": ["AZRebalance"]})
        for some in (ARNS[10:20], ARNS[20:]):
            stub.add_response("attach_load_balancer_target_groups", {}, {**NAME, "TargetGroupARNs": some})
        metrics = {**NAME, "Metrics": ["GroupMinSize"], "Granularity": "1Minute"}
        stub.add_response("enable_metrics_collection", {}, metrics)
        api.create(session, change(want))


def test_create_waits_for_the_group_of_that_name_to_go():
    with stubbed() as (session, stub):
        stub.add_response(
            "describe_auto_scaling_groups", {"AutoScalingGroups": []}, {"AutoScalingGroupNames": ["goals"]}
        )
        stub.add_response("create_auto_scaling_group", {})
        api.create(session, change(NEW, from_api({**GROUP, "Status": "Delete in progress"}, {})))


def test_update_sends_only_what_differs_and_stops_processes_first():
    want = {
        "max_size": 5,
        "target_group_arns": (*ARNS[:1], *ARNS[20:]),
        "metrics_enabled": ("GroupMaxSize",),
        "suspended_processes": ("Launch",),
        "tags": {"owner": "web"},
        "propagate_tags": True,
    }
    have = from_api(GROUP, {})
    with stubbed() as (session, stub):
        stub.add_response("suspend_processes", {}, {**NAME, "ScalingProcesses": ["Launch"]})
        stub.add_response("update_auto_scaling_group", {}, {**NAME, "MaxSize": 5})
        added = {**OWN, "Key": "owner", "Value": "web", "PropagateAtLaunch": True}
        stub.add_response("create_or_update_tags", {}, {"Tags": [added]})
        gone = {**OWN, "Key": "stack", "Value": "goals", "PropagateAtLaunch": True}
        stub.add_response("delete_tags", {}, {"Tags": [gone]})
        stub.add_response("attach_load_balancer_target_groups", {}, {**NAME, "TargetGroupARNs": ARNS[20:]})
        for some in (ARNS[1:11], ARNS[11:12]):
            stub.add_response("detach_load_balancer_target_groups", {}, {**NAME, "TargetGroupARNs": some})
        stub.add_response(
            "enable_metrics_collection", {}, {**NAME, "Metrics": ["GroupMaxSize"], "Granularity": "1Minute"}
        )
        stub.add_response("disable_metrics_collection", {}, {**NAME, "Metrics": ["GroupMinSize"]})
        stub.add_response("resume_processes", {}, {**NAME, "ScalingProcesses": ["Terminate"]})
        api.update(session, change(want, have))


def test_an_empty_placement_group_takes_it_away():
    with stubbed() as (session, stub):
        stub.add_response("update_auto_scaling_group", {}, {**NAME, "PlacementGroup": ""})
        api.update(session, change({"placement_group": ""}, from_api({**GROUP, "PlacementGroup": "close"}, {})))


def test_tags_whose_propagation_changes_are_written_again():
    have = from_api(GROUP, {})
    with stubbed() as (session, stub):
        again = {**OWN, "Key": "stack", "Value": "goals", "PropagateAtLaunch": False}
        stub.add_response("create_or_update_tags", {}, {"Tags": [again]})
        api.update(session, change({"tags": {"stack": "goals"}, "propagate_tags": False}, have))


def test_delete_takes_the_instances_with_it():
    gone = plan(None, from_api(GROUP, {}), {})[0]
    with stubbed() as (session, stub):
        stub.add_response("delete_auto_scaling_group", {}, {**NAME, "ForceDelete": True})
        api.delete(session, gone)
        message = "AutoScalingGroup name not found - AutoScalingGroup 'goals' not found"
        stub.add_client_error("delete_auto_scaling_group", "ValidationError", message)
        api.delete(session, gone)
        stub.add_client_error("delete_auto_scaling_group", "ValidationError", "Deletion protection is enabled")
        with pytest.raises(ClientError, match="protection"):
            api.delete(session, gone)


@pytest.mark.parametrize(
    ("code", "message", "repeated"),
    [
        ("ValidationError", "You must use a valid fully-formed launch template. Value (goals) for parameter "
         "iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", True),
        ("ValidationError", "Invalid IamInstanceProfile: goals", True),
        ("ValidationError", "You must use a valid fully-formed launch template. The specified launch template, with "
         "template ID lt-1, does not exist.", True),
        ("ValidationError", "Unable to publish test message to notification target arn:aws:sns:us-east-1:1:t using IAM "
         "role arn:aws:iam::1:role/r. Please check your target and role configuration", True),
        ("ResourceContention", "You already have a pending update", True),
        ("ScalingActivityInProgress", "Activity is in progress", True),
        ("ServiceLinkedRoleFailure", "The service-linked role is not yet ready for use", True),
        ("ValidationError", "The subnet ID 'subnet-1' does not exist", False),
        ("AccessDenied", "no", False),
    ],
)  # fmt: skip
def test_what_aws_refuses_for_a_moment_is_tried_again(code, message, repeated):
    with stubbed() as (session, stub):
        session.wait_timeout = 10
        stub.add_client_error("create_auto_scaling_group", code, message)
        if repeated:
            stub.add_response("create_auto_scaling_group", {})
            api.create(session, change(NEW))
        else:
            with pytest.raises(ClientError, match=message):
                api.create(session, change(NEW))


def test_a_group_that_is_not_there_is_none():
    with stubbed() as (session, stub):
        stub.add_response(
            "describe_auto_scaling_groups", {"AutoScalingGroups": []}, {"AutoScalingGroupNames": ["goals"]}
        )
        assert reads.read(session, AutoScalingGroup("goals")) is None


def test_a_deleted_groups_instances_are_what_is_left_of_it():
    filters = [
        {"Name": "tag:aws:autoscaling:groupName", "Values": ["goals"]},
        {"Name": "instance-state-name", "Values": ["pending", "running", "shutting-down", "stopping", "stopped"]},
    ]
    left = {
        "InstanceId": "i-1",
        "Placement": {"AvailabilityZone": "us-east-1a"},
        "State": {"Name": "shutting-down"},
    }
    with stubbed("autoscaling", "ec2", state="absent") as (session, groups, ec2):
        for instances in ([left], []):
            groups.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": []})
            answer = {"Reservations": [{"Instances": instances}]}
            ec2.add_response("describe_instances", answer, {"Filters": filters})
        found = reads.read(session, AutoScalingGroup("goals"))
        assert (found.status, [each.id for each in found.instances]) == (DELETED, ["i-1"])
        assert reads.read(session, AutoScalingGroup("goals")) is None


def test_the_template_that_has_the_wanted_name_is_looked_up_beside_the_group():
    group = {**GROUP, "TargetGroupARNs": [], "Instances": [instance("i-1"), instance("i-2")]}
    with stubbed("autoscaling", "ec2") as (session, groups, ec2):
        groups.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": [group]})
        found = {"LaunchTemplates": [{"LaunchTemplateId": "lt-9"}]}
        ec2.add_response("describe_launch_templates", found, {"LaunchTemplateNames": ["goals"]})
        want = AutoScalingGroup("goals", launch_template={"name": "goals", "version": 1})
        assert reads.read(session, want).template_ids == {"goals": "lt-9"}
        ec2.add_client_error("describe_launch_templates", "InvalidLaunchTemplateName.NotFoundException")
        assert reads.ids_of_names(session, want) == {"goals": None}


def test_health_is_asked_of_each_target_group_and_none_that_was_deleted():
    group = {**GROUP, "TargetGroupARNs": ARNS[:2], "Instances": [instance("i-1"), instance("i-2")]}
    health = {"Target": {"Id": "i-1", "Port": 8000}, "TargetHealth": {"State": "healthy"}}
    with stubbed("elbv2") as (session, stub):
        stub.add_response("describe_target_health", {"TargetHealthDescriptions": [health]}, {"TargetGroupArn": ARNS[0]})
        assert reads._health_in(session, ARNS[0]) == {"i-1": {"State": "healthy"}}
        stub.add_client_error("describe_target_health", "TargetGroupNotFound")
        assert reads._health_in(session, ARNS[1]) == {}
        assert reads.target_health(session, {**group, "Instances": []}) == {}, "no instance, no question"


def scaling(status, second, message=None):
    return {
        "ActivityId": f"{status}-{second}",
        **NAME,
        "Cause": "At 2024-05-06T07:08:00Z an instance was started",
        "StartTime": datetime(2024, 5, 6, 7, 8, second, tzinfo=UTC),
        "StatusCode": status,
        **({"StatusMessage": message} if message else {}),
    }


@pytest.mark.parametrize(
    ("changed", "failures"),
    [
        pytest.param(None, [], id="a run that changed nothing knows of no failure of its own"),
        pytest.param("Mon, 06 May 2024 07:08:20 GMT", ["Failed-30"], id="those after the change"),
        pytest.param("Mon, 06 May 2024 07:08:10 GMT", ["Failed-30"], id="not one of the same second"),
        pytest.param(api.EPOCH, ["Failed-30", "Failed-10"], id="all of a new group"),
    ],
)
def test_activities_are_asked_for_where_instances_are_missing(changed, failures):
    told = [scaling("InProgress", 40), scaling("Failed", 30), scaling("Successful", 20), scaling("Failed", 10)]
    group = {**GROUP, "TargetGroupARNs": [], "Instances": [instance("i-1"), instance("i-2", "Pending")]}
    with stubbed() as (session, stub):
        if changed:
            session.ids.update({(reads.CHANGED, "goals"): changed, (reads.LOOKED, "goals"): "yes"})
        stub.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": [group]})
        stub.add_response("describe_scaling_activities", {"Activities": told}, {**NAME, "MaxRecords": 20})
        found = reads.read(session, AutoScalingGroup("goals"))
    assert [each["ActivityId"] for each in found.activities] == ["InProgress-40", "Failed-30", "Failed-10"]
    assert [each["ActivityId"] for each in found.failures] == failures


def test_the_first_look_after_a_change_asks_for_neither_activities_nor_health():
    """Nothing has failed by then, and no instance is registered."""
    group = {**GROUP, "Instances": [instance("i-1", "Pending")]}
    with stubbed() as (session, stub):
        session.ids[reads.CHANGED, "goals"] = api.EPOCH
        stub.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": [group]})
        assert not reads.read(session, AutoScalingGroup("goals")).ready


SPEC = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "goals", "Version": "1"}
MIXED = {
    **{member: value for member, value in GROUP.items() if member != "LaunchTemplate"},
    "MixedInstancesPolicy": {
        "LaunchTemplate": {"LaunchTemplateSpecification": SPEC, "Overrides": [{"InstanceType": "m7i.large"}]},
        "InstancesDistribution": {"OnDemandBaseCapacity": 1},
    },
}


@pytest.mark.parametrize(
    ("want", "sent"),
    [
        pytest.param(
            {"launch_template": {"id": "lt-1", "version": 2}},
            {
                "MixedInstancesPolicy": {
                    "LaunchTemplate": {
                        "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": "2"},
                        "Overrides": [{"InstanceType": "m7i.large"}],
                    },
                    "InstancesDistribution": {"OnDemandBaseCapacity": 1},
                }
            },
            id="a group whose task gives only a new launch_template keeps its policy",
        ),
        pytest.param(
            {"mixed_instances": {"distribution": {"on_demand_base_capacity": 2}}},
            {
                "MixedInstancesPolicy": {
                    "LaunchTemplate": {
                        "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": "1"},
                        "Overrides": [{"InstanceType": "m7i.large"}],
                    },
                    "InstancesDistribution": {"OnDemandBaseCapacity": 2},
                }
            },
            id="and its template where only its policy changes",
        ),
        pytest.param(
            {"mixed_instances": None},
            {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "1"}},
            id="a policy that is taken away leaves its template",
        ),
        pytest.param({"max_size": 9}, {"MaxSize": 9}, id="another setting is none of the policy's"),
    ],
)
def test_a_policy_of_mixed_instances(want, sent):
    with stubbed() as (session, stub):
        stub.add_response("update_auto_scaling_group", {}, {**NAME, **sent})
        api.update(session, change(want, from_api(MIXED, {})))


def test_a_group_with_a_plain_template_gets_a_policy_of_it():
    want = {"mixed_instances": {"overrides": [{"instance_type": "m7i.large"}]}}
    sent = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": "1"},
            "Overrides": [{"InstanceType": "m7i.large"}],
        }
    }
    with stubbed() as (session, stub):
        stub.add_response("update_auto_scaling_group", {}, {**NAME, "MixedInstancesPolicy": sent})
        api.update(session, change(want, from_api(GROUP, {})))


LATTICE = "arn:aws:vpc-lattice:us-east-1:123456789012:targetgroup/tg-"


def test_traffic_sources_are_attached_before_others_are_detached_ten_at_once():
    sources = tuple({"identifier": f"{LATTICE}{n:02}", "type": "vpc-lattice"} for n in range(11))
    sent = [{"Identifier": each["identifier"], "Type": "vpc-lattice"} for each in sources]
    old = {"Identifier": "classic", "Type": "elb"}
    have = from_api({**GROUP, "TargetGroupARNs": [], "TrafficSources": [old]}, {})
    with stubbed(skip_zonal_shift_validation=True) as (session, stub):
        for some in (sent[:10], sent[10:]):
            asked = {**NAME, "TrafficSources": some, "SkipZonalShiftValidation": True}
            stub.add_response("attach_traffic_sources", {}, asked)
        stub.add_response("detach_traffic_sources", {}, {**NAME, "TrafficSources": [old]})
        api.update(session, change({"traffic_sources": sources}, have))


@pytest.mark.parametrize("option", ["target_group_arns", "traffic_sources"])
def test_a_target_group_is_detached_by_the_like_of_the_call_that_attached_it(option):
    """AWS tells those that AttachTrafficSources has attached among the traffic sources alone."""
    sources = [{"Identifier": ARNS[1], "Type": "elbv2"}]
    have = from_api({**GROUP, "TargetGroupARNs": ARNS[:1], "TrafficSources": sources}, {})
    assert have.target_group_arns == tuple(ARNS[:2])
    assert [each["identifier"] for each in have.traffic_sources] == ARNS[:2]
    with stubbed() as (session, stub):
        stub.add_response("detach_load_balancer_target_groups", {}, {**NAME, "TargetGroupARNs": ARNS[:1]})
        stub.add_response("detach_traffic_sources", {}, {**NAME, "TrafficSources": sources})
        api.update(session, change({option: ()}, have))


def test_zonal_shifts_may_be_allowed_without_a_look_at_the_load_balancers():
    policy = {"zonal_shift_enabled": True}
    sent = {"AvailabilityZoneImpairmentPolicy": {"ZonalShiftEnabled": True}, "SkipZonalShiftValidation": True}
    with stubbed(skip_zonal_shift_validation=True) as (session, stub):
        stub.add_response("update_auto_scaling_group", {}, {**NAME, **sent})
        stub.add_response("update_auto_scaling_group", {}, {**NAME, "MaxSize": 9})
        have = from_api(GROUP, {})
        api.update(session, change({"availability_zone_impairment_policy": policy}, have))
        api.update(session, change({"max_size": 9}, have))


def test_protection_is_lifted_before_a_group_is_deleted():
    protected = from_api({**GROUP, "DeletionProtection": "prevent-force-deletion"}, {})
    (gone,) = plan(None, protected, {"deletion_protection": "none"})
    with stubbed() as (session, stub):
        stub.add_response("update_auto_scaling_group", {}, {**NAME, "DeletionProtection": "none"})
        stub.add_response("delete_auto_scaling_group", {}, {**NAME, "ForceDelete": True})
        api.delete(session, gone)


def test_the_health_of_target_groups_among_the_traffic_sources_is_asked():
    source = {"Identifier": ARNS[0], "Type": "elbv2"}
    group = {**GROUP, "TargetGroupARNs": [], "TrafficSources": [source], "Instances": [instance("i-1")]}
    health = {"Target": {"Id": "i-1", "Port": 8000}, "TargetHealth": {"State": "healthy"}}
    with stubbed("elbv2") as (session, stub):
        stub.add_response("describe_target_health", {"TargetHealthDescriptions": [health]}, {"TargetGroupArn": ARNS[0]})
        assert reads.target_health(session, group) == {ARNS[0]: {"i-1": {"State": "healthy"}}}


def test_the_templates_of_overrides_are_looked_up_by_their_names():
    overrides = [{"launch_template": {"name": "arm", "version": 1}}, {"launch_template": {"id": "lt-7", "version": 1}}]
    want = AutoScalingGroup("goals", mixed_instances={"overrides": overrides})
    with stubbed("ec2") as (session, stub):
        found = {"LaunchTemplates": [{"LaunchTemplateId": "lt-2"}]}
        stub.add_response("describe_launch_templates", found, {"LaunchTemplateNames": ["arm"]})
        assert reads.ids_of_names(session, want) == {"arm": "lt-2"}
