"""The stack in a VPC, and with a database, that somebody else has made, as docs/existing-vpc.md says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from tests.integration.site.conftest import NAME
from tests.support.playbook import REPOSITORY

BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
VARIABLES, DATABASE = (
    yaml.safe_load(block) for block in BLOCK.findall((REPOSITORY / "docs/existing-vpc.md").read_text())
)


@pytest.fixture(scope="module")
def place(region):
    """A VPC as another tool makes it, without a tag of the collection's."""
    ec2 = region.aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.42.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.42.{n}.0/24", AvailabilityZone=f"us-east-1{'ab'[n % 2]}")["Subnet"]
        for n in range(6)
    ]
    ids = [subnet["SubnetId"] for subnet in subnets]
    groups = [
        ec2.create_security_group(VpcId=vpc, GroupName=f"ours-{name}", Description=name)["GroupId"]
        for name in ("front", "app", "data")
    ]
    return SimpleNamespace(vpc=vpc, subnets=ids, groups=groups)


@pytest.fixture(scope="module")
def variables(place):
    """Those of the documentation, with what there is."""
    front, app, data = place.groups
    given = {
        "stack_roles": VARIABLES["stack_roles"],
        "database_subnet_ids": place.subnets[4:],
        "database_security_group_ids": [data],
        "backend_vpc_id": place.vpc,
        "backend_load_balancer_subnet_ids": place.subnets[:2],
        "backend_subnet_ids": place.subnets[2:4],
        "backend_load_balancer_security_group_ids": [front],
        "backend_security_group_ids": [app],
    }
    assert given.keys() == VARIABLES.keys(), "what is documented is what is needed"
    return given


@pytest.fixture
def run(region):
    return lambda variables, **options: region.site("-e", json.dumps(variables), **options)


def seen(region, place):
    """What there is of the VPC, as AWS describes it; how many addresses are free doesn't count."""
    ec2, of_vpc = region.aws("ec2"), [{"Name": "vpc-id", "Values": [place.vpc]}]
    subnets = ec2.describe_subnets(Filters=of_vpc)["Subnets"]
    return {
        "vpc": ec2.describe_vpcs(VpcIds=[place.vpc])["Vpcs"],
        "subnets": [{**each, "AvailableIpAddressCount": None} for each in subnets],
        "groups": ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"],
        "tables": ec2.describe_route_tables(Filters=of_vpc)["RouteTables"],
    }


def nothing_more_to_do(region, again):
    assert (again.returncode, again.stats["changed"], again.changed()) == (0, 0, {}), again.messages()
    assert region.calls.writes() == []


def destroy(region, variables):
    gone = region.destroy("-e", json.dumps(variables))
    assert gone.returncode == 0, gone.messages()


def test_the_stack_lives_in_it_and_changes_nothing_of_it(region, run, place, variables):
    before = seen(region, place)
    planned, done = run(variables, check=True), run(variables)
    assert (planned.returncode, done.returncode) == (0, 0), planned.messages() + done.messages()
    assert planned.plan() == done.plan()
    region.calls.mark()
    nothing_more_to_do(region, run(variables))
    assert seen(region, place) == before

    (balancer,) = region.aws("elbv2").describe_load_balancers(Names=[NAME])["LoadBalancers"]
    assert (balancer["VpcId"], balancer["SecurityGroups"]) == (place.vpc, place.groups[:1])
    (group,) = region.aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])["AutoScalingGroups"]
    assert sorted(group["VPCZoneIdentifier"].split(",")) == sorted(place.subnets[2:4])
    (database,) = region.aws("rds").describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"]
    assert [each["VpcSecurityGroupId"] for each in database["VpcSecurityGroups"]] == place.groups[2:]
    assert [vpc["VpcId"] for vpc in region.aws("ec2").describe_vpcs()["Vpcs"] if not vpc["IsDefault"]] == [place.vpc]

    assert seen(region, place) == before


def test_a_new_version_is_deployed_and_rolled_back_there(region, run, place, variables):
    """The playbooks look at the network as it would be, and change nothing of it."""
    before, given = seen(region, place), ("-e", json.dumps(variables))
    deployed = region.deploy("1.1.0", *given)
    assert deployed.returncode == 0, deployed.messages()
    (template,) = region.aws("ec2").describe_launch_templates(LaunchTemplateNames=[NAME])["LaunchTemplates"]
    assert (template["LatestVersionNumber"], template["DefaultVersionNumber"]) == (2, 2)
    back = region.rollback(*given)
    assert back.returncode == 0, back.messages()
    assert seen(region, place) == before
    destroy(region, variables)
    assert seen(region, place) == before


def test_the_backend_takes_a_database_that_is_there(region, run, place, variables):
    rds = region.aws("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="ours", DBSubnetGroupDescription="ours", SubnetIds=place.subnets[4:])
    made = rds.create_db_instance(
        DBInstanceIdentifier="ours",
        Engine="postgres",
        DBInstanceClass="db.t4g.small",
        AllocatedStorage=20,
        DBName="goals",
        MasterUsername="app",
        ManageMasterUserPassword=True,
        DBSubnetGroupName="ours",
        VpcSecurityGroupIds=place.groups[2:],
    )["DBInstance"]
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="ours", WaiterConfig={"Delay": 1})
    (database,) = rds.describe_db_instances(DBInstanceIdentifier="ours")["DBInstances"]
    secret = made["MasterUserSecret"]["SecretArn"]
    connection = {"host": database["Endpoint"]["Address"], "name": "goals", "user": "app", "secret_arn": secret}
    assert connection.keys() == DATABASE["backend_database"].keys()
    given = {
        **{name: each for name, each in variables.items() if name.startswith("backend")},
        **DATABASE,
        "backend_database": connection,
    }

    region.calls.mark()
    done = run(given)
    assert done.returncode == 0, done.messages()
    assert not [call for call in region.calls.since() if call.startswith("rds:")], "it is another's"
    region.calls.mark()
    nothing_more_to_do(region, run(given))
    document = region.aws("iam").get_role_policy(RoleName=NAME, PolicyName="read-secrets")["PolicyDocument"]
    assert secret in document["Statement"][0]["Resource"]
    destroy(region, given)


def test_the_documentation_is_linked():
    assert "docs/existing-vpc.md" in Path(REPOSITORY / "README.md").read_text()
