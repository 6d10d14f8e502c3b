"""Endpoints and flow logs of a stack that is there, asked for, changed and given up again."""

from __future__ import annotations

import json

import pytest

from tests.integration.site.conftest import NAME
from tests.support.playbook import same

ENDPOINTS = [
    {"service": "s3", "tiers": ["app", "database"]},
    {"service": "secretsmanager", "tiers": ["app"]},
    {"service": "sts", "tiers": ["app"], "security_groups": [f"{NAME}-backend"], "private_dns": False},
]


@pytest.fixture
def network(region, built):
    """The network alone, with what is wished of it."""

    def run(*, check=False, **wishes):
        return region.site("--tags", "network", "-e", json.dumps(wishes), check=check)

    return run


def again(network, **wishes):
    run = network(**wishes)
    assert (run.returncode, run.stats["changed"], run.changed()) == (0, 0, {}), run.messages()


def both(network, **wishes):
    """Check mode and then the run, which does what that said."""
    planned, done = network(check=True, **wishes), network(**wishes)
    assert (planned.returncode, done.returncode) == (0, 0), planned.messages() + done.messages()
    assert planned.plan() == done.plan()
    assert same(planned.changed(), done.changed(), whole=False)
    again(network, **wishes)
    return done


def groups(region):
    found = region.aws("ec2").describe_security_groups()["SecurityGroups"]
    return {group["GroupName"]: group["GroupId"] for group in found}


def test_endpoints_come_after_their_groups_and_go_before_them(region, network):
    done = both(network, network_endpoints=ENDPOINTS)
    assert done.plan() == [
        f"create security group {NAME}-endpoints",
        f"create rule {NAME}-endpoints ingress tcp 443 from 10.0.0.0/16",
        *(f"create VPC endpoint {service}" for service in ("s3", "secretsmanager", "sts")),
    ]
    found = {each["ServiceName"]: each for each in region.aws("ec2").describe_vpc_endpoints()["VpcEndpoints"]}
    secrets, s3 = found["com.amazonaws.us-east-1.secretsmanager"], found["com.amazonaws.us-east-1.s3"]
    assert [group["GroupId"] for group in secrets["Groups"]] == [groups(region)[f"{NAME}-endpoints"]]
    assert (len(secrets["SubnetIds"]), secrets["State"]) == (2, "available")
    assert len(s3["RouteTableIds"]) == 3, "one of the databases, and one of each zone's instances"
    again(network, network_endpoints=None)
    gone = network(network_endpoints=[])
    assert gone.plan() == [
        *(f"delete VPC endpoint {service}" for service in ("secretsmanager", "sts", "s3")),
        f"delete security group {NAME}-endpoints",
    ]
    again(network, network_endpoints=[])


def test_a_flow_log_has_its_log_group_and_role(region, network):
    ec2, logs, iam = (region.aws(service) for service in ("ec2", "logs", "iam"))
    done = both(network, network_flow_log_days=14)
    assert done.plan() == [f"create role {NAME}-flow-log", f"create role policy {NAME}-flow-log/write", FLOW_LOG]
    (group,) = logs.describe_log_groups(logGroupNamePrefix=f"{NAME}-flow-log")["logGroups"]
    assert group["retentionInDays"] == 14
    (log,) = ec2.describe_flow_logs()["FlowLogs"]
    assert f"{log['LogDestination']}:*" == group["arn"]
    assert (log["TrafficType"], log["DeliverLogsStatus"]) == ("ALL", "SUCCESS")
    trust = iam.get_role(RoleName=f"{NAME}-flow-log")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
    account = region.aws("sts").get_caller_identity()["Account"]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": account}
    assert trust["Condition"]["ArnLike"] == {"aws:SourceArn": f"arn:aws:ec2:us-east-1:{account}:vpc-flow-log/*"}
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    again(network)

    kept_for(region, 14, network(check=True, network_flow_log_days=30))
    kept_for(region, 14, region.site("--tags", "frontend", "-e", '{"network_flow_log_days": 30}'))
    longer = both(network, network_flow_log_days=30, network_flow_log={"traffic": "REJECT"})
    assert longer.plan() == [FLOW_LOG, FLOW_LOG.replace("create", "delete")]
    (group,) = logs.describe_log_groups(logGroupNamePrefix=f"{NAME}-flow-log")["logGroups"]
    assert group["retentionInDays"] == 30
    assert network(network_flow_log_days=0).plan()[0] == FLOW_LOG.replace("create", "delete")
    assert ec2.describe_flow_logs()["FlowLogs"] == []
    assert logs.describe_log_groups(logGroupNamePrefix=f"{NAME}-flow-log")["logGroups"], "logs are data"
    again(network, network_flow_log_days=0)


FLOW_LOG = f"create flow log {NAME}"


def kept_for(region, days, run):
    """A run that doesn't write, in check mode or of another role, leaves the log group as it is."""
    assert run.returncode == 0, run.messages()
    (group,) = region.aws("logs").describe_log_groups(logGroupNamePrefix=f"{NAME}-flow-log")["logGroups"]
    assert group["retentionInDays"] == days


def test_a_flow_log_goes_where_another_one_keeps_it(region, network):
    region.aws("s3").create_bucket(Bucket="central-logs")
    done = both(network, network_flow_log={"destination": "arn:aws:s3:::central-logs/goals/", "file_format": "parquet"})
    assert done.plan() == [FLOW_LOG]
    assert network(network_flow_log={}).plan() == [FLOW_LOG.replace("create", "delete")]


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"network_flow_log_days": 10}, "network_flow_log_days: 10 is no retention that the log group can have"),
        ({"network_flow_log_days": 14, "network_flow_log": {"role_arn": "x"}}, "are those of network_flow_log_days"),
        ({"network_flow_log": {"destination": "central"}}, "network_flow_log.destination: 'central' is not the ARN"),
        ({"network_endpoints": [{"service": "s3", "tiers": ["web"]}]}, "network_endpoints[0].tiers: 'web'"),
        (
            {"network_endpoints": [{"service": "sts", "tiers": ["app"], "security_groups": ["web"]}]},
            "network_endpoints[0].security_groups: 'web' is not a security group",
        ),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_written(region, network, wishes, said):
    region.calls.mark()
    refused = network(**wishes)
    assert refused.returncode != 0
    assert said in refused.messages()
    assert region.calls.writes() == []


def test_destroy_takes_the_endpoints_too(region, network):
    made = network(network_endpoints=ENDPOINTS[:2], network_flow_log_days=1)
    assert made.returncode == 0, made.messages()
    destroyed = region.destroy("-e", "network_flow_log_days=1")
    assert destroyed.returncode == 0, destroyed.messages()
    assert region.aws("ec2").describe_vpc_endpoints()["VpcEndpoints"] == []
    assert region.aws("ec2").describe_flow_logs()["FlowLogs"] == []
    assert [role["RoleName"] for role in region.aws("iam").list_roles()["Roles"] if "flow" in role["RoleName"]] == []
