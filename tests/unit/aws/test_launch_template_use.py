"""Which versions of a launch template are in use, as EC2 and Auto Scaling tell it."""

from __future__ import annotations

from datetime import UTC, datetime

import boto3
import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.launch_template_use import versions_in_use
from botocore.stub import Stubber

from tests.support.stubbed import InTurn

FILTERS = [
    {"Name": "tag:aws:ec2launchtemplate:id", "Values": ["lt-1"]},
    {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]},
]
OTHER = {"LaunchTemplateId": "lt-2", "Version": "9"}


def spec(version, template="lt-1"):
    return {"LaunchTemplateId": template, "LaunchTemplateName": template, "Version": version}


def member(template):
    state = {"LifecycleState": "InService", "HealthStatus": "Healthy", "ProtectedFromScaleIn": False}
    return {"InstanceId": "i-1", "AvailabilityZone": "us-east-1a", "LaunchTemplate": template, **state}


def group(name, **more):
    common = {"MinSize": 0, "MaxSize": 1, "DesiredCapacity": 0, "DefaultCooldown": 300, "HealthCheckType": "EC2"}
    created = {"AvailabilityZones": ["us-east-1a"], "CreatedTime": datetime(2031, 1, 1, tzinfo=UTC)}
    return {"AutoScalingGroupName": name, **common, **created, **more}


def mixed(template, *overrides):
    within = {"LaunchTemplateSpecification": template}
    return {"LaunchTemplate": {**within, "Overrides": [{"LaunchTemplateSpecification": each} for each in overrides]}}


def refresh(status, version):
    return {"InstanceRefreshId": "r", "Status": status, "DesiredConfiguration": {"LaunchTemplate": spec(version)}}


@pytest.mark.parametrize(
    ("tagged", "groups", "refreshes", "versions"),
    [
        pytest.param(["10", "10"], [], {}, (10,), id="instances"),
        pytest.param([], [group("a", LaunchTemplate=spec("3"))], {"a": []}, (3,), id="a group with no instance"),
        pytest.param(
            [],
            [group("a", LaunchTemplate=spec("3"), Instances=[member(spec("2"))])],
            {"a": []},
            (2, 3),
            id="a group's instance",
        ),
        pytest.param(
            [],
            [group("a", MixedInstancesPolicy=mixed(OTHER, spec("4")))],
            {"a": []},
            (4,),
            id="an override with a template of its own",
        ),
        pytest.param([], [group("a", LaunchTemplate=spec("3", "lt-2"))], {}, (), id="another template"),
        pytest.param([], [group("a", LaunchTemplate=spec("$Latest"))], {"a": []}, (), id="what has no number stays"),
        pytest.param(
            [],
            [group("a", LaunchTemplate=spec("3"))],
            {"a": [refresh("InProgress", "5"), refresh("Successful", "1")]},
            (3, 5),
            id="what a refresh rolls out",
        ),
        pytest.param([], [group("a", LaunchTemplate=spec("3"))], {"a": None}, (3,), id="a group that goes"),
    ],
)
def test_versions_in_use(tagged, groups, refreshes, versions):
    credentials = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    clients = {service: boto3.client(service, **credentials) for service in ("ec2", "autoscaling")}
    instances = [{"Tags": [{"Key": "aws:ec2launchtemplate:version", "Value": each}]} for each in tagged]
    with Stubber(clients["ec2"]) as ec2, Stubber(clients["autoscaling"]) as autoscaling:
        ec2.add_response("describe_instances", {"Reservations": [{"Instances": instances}]}, {"Filters": FILTERS})
        autoscaling.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": groups}, {})
        for name, found in refreshes.items():
            asked = {"AutoScalingGroupName": name}
            if found is None:
                autoscaling.add_client_error("describe_instance_refreshes", "ValidationError", expected_params=asked)
            else:
                autoscaling.add_response("describe_instance_refreshes", {"InstanceRefreshes": found}, asked)
        assert versions_in_use(InTurn(client=clients.get), "lt-1") == versions
        autoscaling.assert_no_pending_responses()
