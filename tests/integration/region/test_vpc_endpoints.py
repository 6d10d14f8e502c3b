"""VPC endpoints as AWS has them: states, routes, interfaces, and what stands in each other's way."""

from __future__ import annotations

import pytest

from tests.integration.region.regions import eventually, refused

S3, STS = "com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.sts"


@pytest.fixture
def interface(ec2, network):
    made = ec2.create_vpc_endpoint(
        VpcId=network.vpc,
        VpcEndpointType="Interface",
        ServiceName=STS,
        SubnetIds=network.subnets[:1],
        SecurityGroupIds=[network.group],
    )["VpcEndpoint"]
    assert made["State"] == "pending"
    eventually(lambda: state(ec2, made["VpcEndpointId"]), lambda seen: seen == "available")
    return made["VpcEndpointId"]


def described(ec2, endpoint):
    return ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]


def state(ec2, endpoint):
    found = ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-endpoint-id", "Values": [endpoint]}])["VpcEndpoints"]
    return found[0]["State"] if found else "gone"


def interfaces(ec2, network):
    of_vpc = [{"Name": "vpc-id", "Values": [network.vpc]}]
    return ec2.describe_network_interfaces(Filters=of_vpc)["NetworkInterfaces"]


def test_an_interface_holds_its_subnets_and_groups_until_it_is_gone(ec2, network, interface):
    (held,) = interfaces(ec2, network)
    assert (held["RequesterManaged"], [group["GroupId"] for group in held["Groups"]]) == (True, [network.group])
    refused(lambda: ec2.delete_security_group(GroupId=network.group), "DependencyViolation")
    ec2.delete_vpc_endpoints(VpcEndpointIds=[interface])
    assert state(ec2, interface) == "deleting"
    refused(lambda: ec2.delete_subnet(SubnetId=network.subnets[0]), "DependencyViolation")
    eventually(lambda: state(ec2, interface), lambda seen: seen == "gone")
    ec2.delete_security_group(GroupId=network.group)
    ec2.delete_subnet(SubnetId=network.subnets[0])


def test_a_change_moves_the_interfaces(ec2, network, interface):
    other = ec2.create_security_group(VpcId=network.vpc, GroupName="other", Description="other")["GroupId"]
    ec2.modify_vpc_endpoint(
        VpcEndpointId=interface,
        AddSubnetIds=network.subnets[1:],
        RemoveSubnetIds=network.subnets[:1],
        AddSecurityGroupIds=[other],
        RemoveSecurityGroupIds=[network.group],
        PrivateDnsEnabled=False,
    )
    seen = described(ec2, interface)
    assert (seen["SubnetIds"], seen["PrivateDnsEnabled"]) == (network.subnets[1:], False)
    (held,) = interfaces(ec2, network)
    assert seen["NetworkInterfaceIds"] == [held["NetworkInterfaceId"]]
    assert (held["SubnetId"], [group["GroupId"] for group in held["Groups"]]) == (network.subnets[1], [other])


def test_a_vpc_has_one_private_name_of_a_service(ec2, network, interface):
    again = {"VpcId": network.vpc, "VpcEndpointType": "Interface", "ServiceName": STS}
    assert "conflicting DNS domain" in refused(lambda: ec2.create_vpc_endpoint(**again), "InvalidParameter")
    made = ec2.create_vpc_endpoint(**again, PrivateDnsEnabled=False)["VpcEndpoint"]
    assert [group["GroupName"] for group in made["Groups"]] == ["default"]


def test_a_route_table_leads_to_one_gateway_of_a_service(ec2, network):
    table = ec2.create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    make = {"VpcId": network.vpc, "ServiceName": S3, "RouteTableIds": [table]}
    made = ec2.create_vpc_endpoint(**make)["VpcEndpoint"]
    assert (made["VpcEndpointType"], made["State"]) == ("Gateway", "available")
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert made["VpcEndpointId"] in [route.get("GatewayId") for route in routes]
    refused(lambda: ec2.create_vpc_endpoint(**make), "RouteAlreadyExists")
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], RemoveRouteTableIds=[table])
    routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    assert len(routes) == 1
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], AddRouteTableIds=[table])
    ec2.delete_route_table(RouteTableId=table)
    assert described(ec2, made["VpcEndpointId"])["RouteTableIds"] == []


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"ServiceName": STS}, "InvalidServiceName"),  # a gateway is meant where no type is said
        ({"ServiceName": "com.amazonaws.eu-west-1.sts", "VpcEndpointType": "Interface"}, "InvalidServiceName"),
        ({"ServiceName": S3, "RouteTableIds": ["rtb-0123456789abcdef0"]}, "InvalidRouteTableID.NotFound"),
        (
            {"ServiceName": STS, "VpcEndpointType": "Interface", "SecurityGroupIds": ["sg-0123456789abcdef0"]},
            "InvalidSecurityGroupId.NotFound",
        ),
    ],
)
def test_what_can_not_be_is_refused(ec2, network, request_, code):
    refused(lambda: ec2.create_vpc_endpoint(VpcId=network.vpc, **request_), code)


def test_two_subnets_of_a_zone_are_refused(ec2, network):
    twin = ec2.create_subnet(VpcId=network.vpc, CidrBlock="10.0.9.0/24", AvailabilityZone="us-east-1a")["Subnet"]
    make = {"VpcId": network.vpc, "ServiceName": STS, "VpcEndpointType": "Interface"}
    subnets = [network.subnets[0], twin["SubnetId"]]
    refused(lambda: ec2.create_vpc_endpoint(**make, SubnetIds=subnets), "DuplicateSubnetsInSameZone")


def test_deleting_what_is_not_there_is_told(ec2):
    answer = ec2.delete_vpc_endpoints(VpcEndpointIds=["vpce-0123456789abcdef0"])
    assert [each["Error"]["Code"] for each in answer["Unsuccessful"]] == ["InvalidVpcEndpoint.NotFound"]
