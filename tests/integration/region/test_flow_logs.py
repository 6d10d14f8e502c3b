"""Flow logs as AWS has them: whom they may write as, and where to."""

from __future__ import annotations

import json

import pytest

from tests.integration.region.regions import refused

GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:flows"


@pytest.fixture(scope="module")
def role(region):
    """One that VPC flow logs may assume."""
    principal = {"Service": "vpc-flow-logs.amazonaws.com"}
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }
    made = region.client("iam").create_role(RoleName="flows", AssumeRolePolicyDocument=json.dumps(trust))
    return made["Role"]["Arn"]


def create(ec2, network, destination, **options):
    request = {"ResourceIds": [network.vpc], "ResourceType": "VPC", "TrafficType": "ALL", "LogDestination": destination}
    (made,) = ec2.create_flow_logs(**request, **options)["FlowLogIds"]
    return ec2.describe_flow_logs(FlowLogIds=[made])["FlowLogs"][0]


def test_a_log_group_is_known_by_its_arn(region, ec2, network, role):
    without = create(ec2, network, f"{GROUP}-missing", DeliverLogsPermissionArn=role)
    assert without["DeliverLogsErrorMessage"] == "Access error"
    region.client("logs").create_log_group(logGroupName="flows")
    made = create(ec2, network, GROUP, DeliverLogsPermissionArn=role)
    assert (made["DeliverLogsStatus"], made["LogGroupName"]) == ("SUCCESS", "flows")
    assert "DeliverLogsErrorMessage" not in made


def test_a_bucket_may_have_a_folder_and_tells_how_its_objects_are(region, ec2, network):
    region.client("s3").create_bucket(Bucket="flows")
    options = {"FileFormat": "parquet", "HiveCompatiblePartitions": False, "PerHourPartition": True}
    bucket = {"LogDestinationType": "s3", "DestinationOptions": options}
    made = create(ec2, network, "arn:aws:s3:::flows/network/", **bucket)
    assert (made["LogDestination"], made["DestinationOptions"]) == ("arn:aws:s3:::flows/network/", options)


def test_a_role_that_does_not_trust_flow_logs_is_refused(region, ec2, network):
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    stranger = region.client("iam").create_role(RoleName="stranger", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    said = refused(lambda: create(ec2, network, GROUP, DeliverLogsPermissionArn=stranger), "InvalidParameter")
    assert "Unable to assume given IAM role" in said
    nobody = {"DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/nobody"}
    refused(lambda: create(ec2, network, GROUP, **nobody), "InvalidParameter")
