"""The vpc_endpoints module, against the region."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

READ = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "*"}],
}


@pytest.fixture
def place(aws, vpc):
    """What an endpoint stands on: the VPC with its DNS, and two route tables."""
    ec2 = aws("ec2")
    vpc.tables = [ec2.create_route_table(VpcId=vpc.id)["RouteTable"]["RouteTableId"] for _ in range(2)]
    yield vpc
    for table in vpc.tables:
        ec2.delete_route_table(RouteTableId=table)


@pytest.fixture
def endpoints(module, place):
    """The module; what it made is removed, so that the VPC can go."""
    run = module("vpc_endpoints")

    def call(*listed, **options):
        return run(**{"name": "goals", "vpc_id": place.id, "endpoints": list(listed), "wait_timeout": 30, **options})

    yield call
    run(name="goals", state="absent", wait_timeout=30)


def routed(aws, table):
    """The endpoints that a route table leads to, by prefix list."""
    routes = aws("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    return [route["GatewayId"] for route in routes if route.get("DestinationPrefixListId")]


def test_twelve_steps(twelve_steps, place, aws):
    maps = {
        "route_table_ids": {"app": place.tables[:1], "database": place.tables[1:]},
        "subnet_ids": {"app": place.subnets[:2], "database": place.subnets[1:]},
        "security_group_ids": {"endpoints": place.groups[0], "more": place.groups[1]},
    }
    s3 = {"service": "s3", "tiers": ["app"]}
    secrets = {"service": "secretsmanager", "tiers": ["app"], "security_groups": ["endpoints"]}
    logs = {"service": "com.amazonaws.us-east-1.logs", "tiers": ["app"], "private_dns": False}
    given = {"name": "twelve", "vpc_id": place.id, "security_groups": ["endpoints"], **maps, "tags": {"stack": "goals"}}
    changed = [
        {**s3, "tiers": ["app", "database"], "policy": READ, "tags": {"cost": "none"}},
        {**secrets, "tiers": ["database"], "security_groups": ["more"], "private_dns": False},
        {"service": "ecr.api", "tiers": ["app"]},
    ]
    created, updated, deleted = twelve_steps("vpc_endpoints")(
        {**given, "endpoints": [s3, secrets, logs]}, {**given, "endpoints": changed}, {"name": "twelve"}
    )
    assert created["plan"] == [f"create VPC endpoint {service}" for service in ("s3", "secretsmanager", "logs")]
    told = created["vpc_endpoints"]
    assert told["s3"]["route_table_ids"] == place.tables[:1]
    assert (told["secretsmanager"]["private_dns"], told["logs"]["private_dns"]) == (True, False)
    assert told["secretsmanager"]["subnet_ids"] == sorted(place.subnets[:2])
    assert told["logs"]["tags"] == {"Name": "twelve-logs", "ha_stack:network": "twelve", "stack": "goals"}
    assert updated["plan"] == [
        "update VPC endpoint s3",
        "update VPC endpoint secretsmanager",
        "create VPC endpoint ecr.api",
        "delete VPC endpoint logs",
    ]
    after = updated["vpc_endpoints"]
    assert after["s3"]["id"] == told["s3"]["id"]
    assert (after["s3"]["policy"], after["s3"]["tags"]["cost"]) == (READ, "none")
    assert after["secretsmanager"]["security_group_ids"] == [place.groups[1]]
    assert after["secretsmanager"]["subnet_ids"] == sorted(place.subnets[1:])
    assert deleted["vpc_endpoints"] == {}
    interfaces = aws("ec2").describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [place.id]}])
    assert interfaces["NetworkInterfaces"] == [], "groups and subnets can go now"


def test_a_gateway_is_a_route(endpoints, place, aws):
    made = endpoints({"service": "dynamodb", "route_table_ids": place.tables})["vpc_endpoints"]["dynamodb"]
    assert [routed(aws, table) for table in place.tables] == [[made["id"]]] * 2
    endpoints({"service": "dynamodb", "route_table_ids": place.tables[:1]})
    assert [routed(aws, table) for table in place.tables] == [[made["id"]], []]


def test_an_interface_wears_its_groups(endpoints, place, aws):
    listed = {"service": "sts", "subnet_ids": place.subnets[:2], "security_groups": place.groups[:1]}
    made = endpoints(listed)["vpc_endpoints"]["sts"]
    assert made["dns_names"]
    filters = [{"Name": "description", "Values": [f"VPC Endpoint Interface {made['id']}"]}]
    found = aws("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    assert sorted(each["SubnetId"] for each in found) == sorted(place.subnets[:2])
    assert {group["GroupId"] for each in found for group in each["Groups"]} == {place.groups[0]}


def test_one_call_tells_that_nothing_changes(endpoints, place, aws):
    listed = {"service": "s3", "route_table_ids": place.tables}
    endpoints(listed)
    aws.calls.clear()
    assert not endpoints(listed)["changed"]
    assert aws.calls == ["DescribeVpcEndpoints"]


def test_a_run_that_does_not_wait_says_what_is_left(endpoints, place):
    listed = {"service": "sts", "subnet_ids": place.subnets[:1], "security_groups": place.groups[:1]}
    begun = endpoints(listed, wait=False)
    assert begun["pending"] in (None, f"VPC endpoint sts ({begun['vpc_endpoints']['sts']['id']}) is pending")
    whole = endpoints(listed)
    assert (whole["changed"], whole["pending"]) == (False, None)
    assert whole["vpc_endpoints"]["sts"]["state"] == "available"


def test_a_service_changes_its_type_without_a_gap(endpoints, place):
    interface = {"service": "s3", "type": "interface", "subnet_ids": place.subnets[:1], "security_groups": place.groups}
    assert endpoints(interface)["plan"] == ["create VPC endpoint s3 interface"]
    switched = endpoints({"service": "s3", "route_table_ids": place.tables})
    assert switched["plan"] == ["create VPC endpoint s3", "delete VPC endpoint s3 interface"]
    assert switched["vpc_endpoints"].keys() == {"s3"}


def test_those_outside_ask_the_interface_and_the_vpc_the_gateway(endpoints, place):
    gateway = {"service": "s3", "route_table_ids": place.tables}
    interface = {"service": "s3", "type": "interface", "subnet_ids": place.subnets[:1], "security_groups": place.groups}
    names = {"private_dns": True, "private_dns_only_for_inbound_resolver": True}
    made = endpoints({**interface, **names}, gateway)
    assert made["plan"] == ["create VPC endpoint s3", "create VPC endpoint s3 interface"]
    told = made["vpc_endpoints"]["s3 interface"]
    assert (told["private_dns_only_for_inbound_resolver"], told["dns_record_ip_type"]) == (True, "ipv4")
    both = {**interface, "ip_address_type": "dualstack", "dns_record_ip_type": "dualstack"}
    changed = endpoints(both, gateway)
    assert changed["plan"] == ["update VPC endpoint s3 interface"]
    assert changed["vpc_endpoints"]["s3 interface"]["ip_address_type"] == "dualstack"
    assert changed["vpc_endpoints"]["s3 interface"]["private_dns_only_for_inbound_resolver"] is True
    assert not endpoints(both, gateway)["changed"]
    assert endpoints()["plan"] == ["delete VPC endpoint s3 interface", "delete VPC endpoint s3"]


def test_an_empty_policy_allows_all_again(endpoints, place):
    listed = {"service": "s3", "route_table_ids": place.tables}
    endpoints({**listed, "policy": json.dumps(READ)})
    assert not endpoints(listed)["changed"], "what is not given stays"
    cleared = endpoints({**listed, "policy": {}})
    assert cleared["vpc_endpoints"]["s3"]["policy"]["Statement"][0]["Action"] == "*"
    assert not endpoints({**listed, "policy": ""})["changed"]


def test_anothers_endpoint_is_taken_over_where_nobody_loses_by_it(endpoints, place, aws):
    made = aws("ec2").create_vpc_endpoint(
        VpcId=place.id, ServiceName="com.amazonaws.us-east-1.s3", RouteTableIds=place.tables
    )["VpcEndpoint"]["VpcEndpointId"]
    with pytest.raises(StackError, match=rf"{made} is there, which is another's and serves {place.tables[1]}"):
        endpoints({"service": "s3", "route_table_ids": place.tables[:1]})
    assert not endpoints()["changed"], "what is another's is left alone"
    taken = endpoints({"service": "s3", "route_table_ids": place.tables})
    assert (taken["plan"], taken["vpc_endpoints"]["s3"]["id"]) == (["update VPC endpoint s3"], made)
    assert endpoints()["plan"] == ["delete VPC endpoint s3"]


def test_a_service_that_is_not_there_is_refused(endpoints, place):
    other = "com.amazonaws.eu-west-1.sqs"
    with pytest.raises(StackError, match=rf"create VPC endpoint {other}: .*InvalidServiceName"):
        endpoints({"service": other, "subnet_ids": place.subnets[:1], "security_groups": place.groups})
