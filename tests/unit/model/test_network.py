"""What can't be right about a network, what AWS's answers mean, and when it is ready."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model import network as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.network import Found, from_api, from_params, pending
from ansible_collections.ha_stack.aws.plugins.module_utils._model.network_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import COMMON_OPTIONS

PUBLIC, APP, DATABASE = model.TIERS


def params(**given):
    """Options as Ansible validates them; ``region`` is amazon.aws's."""
    spec = {**COMMON_OPTIONS, **model.OPTIONS, "region": {}}
    options = {"name": "goals", "availability_zones": ["us-east-1a", "us-east-1b"], **given}
    validated = ArgumentSpecValidator(spec).validate(options)
    assert validated.error_messages == []
    return validated.validated_parameters


CASES = [
    pytest.param({}, [], id="nothing wrong"),
    pytest.param({"state": "absent", "availability_zones": None}, [], id="absent needs a name alone"),
    pytest.param({"name": "go*ls"}, ["name"], id="a wildcard in the name"),
    pytest.param({"availability_zones": None}, ["availability_zones"], id="no zones"),
    pytest.param({"availability_zones": ["us-east-1a"]}, ["availability_zones"], id="one zone"),
    pytest.param({"availability_zones": ["us-east-1a"] * 2}, ["availability_zones"], id="one zone twice"),
    pytest.param(
        {"availability_zones": ["us-east-1a", "us-east-1b", "us-east-1a"]}, ["availability_zones"], id="a zone twice"
    ),
    pytest.param({"availability_zones": ["us-east-1a", "east"]}, ["availability_zones"], id="not a zone"),
    pytest.param({"availability_zones": ["us-west-2-lax-1a", "us-west-2b"]}, [], id="a local zone"),
    pytest.param({"region": "eu-west-1"}, ["availability_zones"] * 2, id="zones of another region"),
    pytest.param({"region": "us-east-1"}, [], id="zones of the region"),
    pytest.param({"cidr": "10.0.0.0"}, ["cidr", "cidr"], id="no prefix"),
    pytest.param({"cidr": "ten"}, ["cidr"], id="not a CIDR"),
    pytest.param({"cidr": "10.0.1.0/16"}, ["cidr"], id="host bits"),
    pytest.param({"cidr": "10.0.0.0/15"}, ["cidr"], id="too large"),
    pytest.param({"cidr": "10.0.0.0/29"}, ["cidr"], id="too small for AWS"),
    pytest.param({"cidr": "10.0.0.0/25"}, ["cidr"], id="too small for its subnets"),
    pytest.param({"cidr": "10.0.0.0/24"}, [], id="just large enough"),
    pytest.param({"cidr": "198.51.100.0/24"}, [], id="a public range is AWS's to allow"),
    pytest.param({"tiers": []}, ["tiers"], id="no tiers"),
    pytest.param({"tiers": [PUBLIC, PUBLIC]}, ["tiers[1].name"], id="a tier twice"),
    pytest.param({"tiers": [{"name": "my tier", "route": "none"}]}, ["tiers[0].name"], id="a tier's name"),
    pytest.param({"tiers": [DATABASE, APP]}, ["tiers[1].route"], id="NAT without a way to the internet"),
    pytest.param({"nat_gateways": "none"}, ["nat_gateways"], id="a tier by NAT, and none"),
    pytest.param({"nat_gateways": "none", "tiers": [PUBLIC, DATABASE]}, [], id="no NAT wanted"),
    pytest.param({"tiers": [PUBLIC, DATABASE]}, [], id="no tier by NAT: none is made"),
    pytest.param(
        {"tiers": [{**PUBLIC, "cidrs": ["10.0.0.0/24"]}, APP]}, ["tiers[0].cidrs"], id="too few ranges for the zones"
    ),
    pytest.param(
        {"tiers": [{**PUBLIC, "cidrs": ["10.0.0.0/24", "10.1.0.0/24"]}]}, ["tiers[0].cidrs"], id="outside the VPC"
    ),
    pytest.param(
        {"tiers": [{**PUBLIC, "cidrs": ["10.0.0.0/23", "10.0.1.0/24"]}]}, ["tiers[0].cidrs"], id="overlap in a tier"
    ),
    pytest.param(
        {
            "tiers": [
                {**PUBLIC, "cidrs": ["10.0.0.0/24", "10.0.1.0/24"]},
                {**DATABASE, "cidrs": ["10.0.1.0/24", "10.0.2.0/24"]},
            ]
        },
        ["tiers[1].cidrs"],
        id="overlap of tiers",
    ),
    pytest.param(
        {"tiers": [{**PUBLIC, "cidrs": ["10.0.0.0/29", "10.0.1.1/24"]}]}, ["tiers[0].cidrs"] * 2, id="not AWS's ranges"
    ),
    pytest.param(
        {"tiers": [{**PUBLIC, "cidrs": ["10.0.0.0/17", "10.0.128.0/17"]}, APP]},
        ["cidr"],
        id="given ranges leave no room",
    ),
    pytest.param({"enable_dns_support": False}, ["enable_dns_hostnames"], id="host names without DNS"),
    pytest.param({"tags": {"Name": "x", "ha_stack:tier": "y", "aws:z": "z"}}, ["tags"] * 3, id="tags of others"),
    pytest.param({"tiers": [{**PUBLIC, "tags": {"Name": "x"}}]}, ["tiers[0].tags"], id="a tier's tag of others"),
    pytest.param(
        {"name": "*", "cidr": "x", "availability_zones": ["a"], "nat_gateways": "none"},
        ["name", "availability_zones", "availability_zones", "nat_gateways", "cidr"],
        id="all at once",
    ),
]


@pytest.mark.parametrize(("given", "faulty"), CASES)
def test_faults(given, faulty):
    assert [fault.option for fault in faults(params(**given))] == faulty


def test_a_fault_says_value_cause_and_remedy():
    (fault,) = faults(params(cidr="10.0.0.0/25"))
    assert str(fault) == (
        "cidr: '10.0.0.0/25' is too small for 3 tiers over 2 zones: subnets of /29, where AWS ends at /28. "
        "Give a VPC of /24 or larger, or tiers[].cidrs."
    )


TAGS = [{"Key": "ha_stack:network", "Value": "goals"}]
VPC = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "State": "available", "Tags": [{"Key": "Name", "Value": "goals"}]}
ATTRIBUTES = {"enable_dns_support": True, "enable_dns_hostnames": False}


def subnet(number, tier, zone, tags=TAGS):
    return {
        **{"SubnetId": f"subnet-{number}", "CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": zone},
        **{"MapPublicIpOnLaunch": False, "Tags": [*tags, {"Key": "ha_stack:tier", "Value": tier}]},
    }


SUBNETS = [
    subnet(number, tier, zone)
    for number, (tier, zone) in enumerate(
        (tier, zone) for zone in ("us-east-1b", "us-east-1a") for tier in ("app", "database", "public")
    )
]


def read(**found):
    return from_api(from_params(params()), Found(**{"vpc": VPC, "attributes": ATTRIBUTES, "subnets": SUBNETS} | found))


def test_what_is_read_comes_in_the_order_declared():
    seen = read()
    assert [(each.tier, each.zone[-1]) for each in seen.subnets] == [
        *(("public", "a"), ("public", "b"), ("app", "a")),
        *(("app", "b"), ("database", "a"), ("database", "b")),
    ]
    assert seen.facts()["subnet_ids"]["app"] == ["subnet-3", "subnet-0"]
    assert (seen.vpc.enable_dns_support, seen.vpc.enable_dns_hostnames) == (True, False)


def test_another_ones_subnet_is_seen_but_no_fact():
    seen = read(subnets=[subnet(9, "app", "us-east-1a", tags=[])])
    assert [(each.own, each.tier) for each in seen.subnets] == [(False, "")]
    assert seen.facts()["subnets"] == []


@pytest.mark.parametrize(
    ("route", "way", "target"),
    [
        pytest.param({"GatewayId": "igw-1"}, "internet", "igw-1", id="internet gateway"),
        pytest.param(
            {"NatGatewayId": "nat-1", "State": "blackhole"}, "nat", "nat-1", id="NAT gateway, even a dead one"
        ),
        pytest.param({"TransitGatewayId": "tgw-1"}, "elsewhere", "tgw-1", id="transit gateway"),
        pytest.param({"InstanceId": "i-1", "NetworkInterfaceId": "eni-1"}, "elsewhere", "i-1", id="instance"),
        pytest.param(None, "none", None, id="no default route"),
    ],
)
def test_default_route(route, way, target):
    local = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"}
    routes = [local, *([{"DestinationCidrBlock": "0.0.0.0/0", **route}] if route else [])]
    own = {"RouteTableId": "rtb-1", "Routes": routes, "Tags": TAGS}
    (table,) = read(route_tables=[own, {"RouteTableId": "rtb-2", "Routes": routes}]).route_tables
    assert (table.route, table.target) == (way, target)


def test_the_subnets_of_a_route_table_and_of_the_main_one():
    associations = [{"SubnetId": "subnet-0", "RouteTableAssociationId": "rtbassoc-1"}, {"Main": True}]
    seen = {
        each.id: each for each in read(route_tables=[{"RouteTableId": "rtb-9", "Associations": associations}]).subnets
    }
    assert (seen["subnet-0"].route_table_id, seen["subnet-0"].association_id) == ("rtb-9", "rtbassoc-1")
    assert seen["subnet-1"].route_table_id is None


@pytest.mark.parametrize(
    ("attachments", "attached"),
    [
        pytest.param([{"VpcId": "vpc-1"}], True, id="attached"),
        pytest.param([], False, id="made, not attached yet"),
        pytest.param([{"VpcId": "vpc-2"}], None, id="attached to another VPC"),
    ],
)
def test_internet_gateway(attachments, attached):
    gateway = {"InternetGatewayId": "igw-1", "Attachments": attachments, "Tags": TAGS}
    seen = read(internet_gateways=[gateway]).internet_gateway
    assert (seen.attached if seen else None) == attached


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        pytest.param({}, True, id="free"),
        pytest.param({"AssociationId": "eipassoc-1", "AllocationId": "eipalloc-nat"}, True, id="of a NAT gateway"),
        pytest.param({"AssociationId": "eipassoc-1"}, False, id="someone gave it to something else"),
    ],
)
def test_elastic_ip(address, seen):
    nat = {**NAT, "State": "available"}
    address = {"AllocationId": "eipalloc-1", "PublicIp": "192.0.2.1", **address}
    assert bool(read(addresses=[address], nat_gateways=[nat]).addresses) == seen


NAT = {
    **{"NatGatewayId": "nat-1", "SubnetId": "subnet-5", "State": "pending", "Tags": TAGS},
    "NatGatewayAddresses": [{"AllocationId": "eipalloc-nat", "PublicIp": "192.0.2.1"}],
}


def test_a_nat_gateways_elastic_ip_is_its_first_not_one_added_later():
    added = {"AllocationId": "eipalloc-2", "PublicIp": "192.0.2.2", "IsPrimary": False}
    first = {"AllocationId": "eipalloc-1", "PublicIp": "192.0.2.1", "IsPrimary": True}
    (nat,) = read(nat_gateways=[{**NAT, "NatGatewayAddresses": [added, first]}]).nat_gateways
    assert (nat.allocation_id, nat.public_ip) == ("eipalloc-1", "192.0.2.1")


def test_a_private_nat_gateway_is_no_way_out():
    assert read(nat_gateways=[{**NAT, "ConnectivityType": "private"}]).nat_gateways == ()
    assert read(nat_gateways=[{**NAT, "ConnectivityType": "public"}]).nat_gateways


FAILED = {
    **NAT,
    "NatGatewayId": "nat-0",
    "State": "failed",
    "FailureCode": "Gateway.NotAttached",
    "FailureMessage": "why",
}


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        pytest.param({}, None, id="ready"),
        pytest.param({"vpc": None}, "its VPC can't be seen yet", id="no VPC"),
        pytest.param({"vpc": {**VPC, "State": "pending"}}, "its VPC is pending", id="VPC pending"),
        pytest.param({"subnets": SUBNETS[1:]}, "subnet app us-east-1b can't be seen yet", id="a subnet unseen"),
        pytest.param({"nat_gateways": [NAT]}, "NAT gateway nat-1 of us-east-1a is pending", id="NAT pending"),
        pytest.param(
            {"nat_gateways": [{**NAT, "State": "available"}, FAILED]}, None, id="one failed, its successor is up"
        ),
        pytest.param({"nat_gateways": [{**FAILED, "Tags": []}]}, None, id="another one's failed"),
    ],
)
def test_pending(found, missing):
    assert pending(read(**found)) == missing


def test_a_failed_nat_gateway_is_an_error_with_awss_reason():
    with pytest.raises(
        StackError, match=r"NAT gateway nat-0 of us-east-1a: it failed: Gateway.NotAttached: why\. Mend"
    ):
        pending(read(nat_gateways=[FAILED]))


def test_a_nat_gateways_address_is_known_before_the_nat_gateway_tells_it():
    nat = {**NAT, "State": "available", "NatGatewayAddresses": [{"AllocationId": "eipalloc-nat"}]}
    seen = read(nat_gateways=[nat], addresses=[{"AllocationId": "eipalloc-nat", "PublicIp": "192.0.2.7"}])
    assert seen.facts()["nat_gateways"][0]["public_ip"] == "192.0.2.7"


def test_a_regional_nat_gateway_stands_in_no_subnet():
    (nat,) = read(nat_gateways=[{"NatGatewayId": "nat-1", "State": "available"}]).nat_gateways
    assert (nat.subnet, nat.own) == ("", False)


def test_names_and_tags():
    want = from_params(params(nat_gateways="per_az", tags={"stack": 1}, tiers=[PUBLIC, {**APP, "tags": {"a": True}}]))
    assert want.vpc.tags == {"stack": "1", "Name": "goals", "ha_stack:network": "goals"}
    tags = {table.label: table.tags for table in want.route_tables}
    assert tags["app us-east-1b"] == {
        **{"stack": "1", "a": "True", "Name": "goals-app-us-east-1b"},
        **{"ha_stack:network": "goals", "ha_stack:tier": "app", "ha_stack:zone": "us-east-1b"},
    }
    assert [nat.tags["Name"] for nat in want.nat_gateways] == ["goals-nat-us-east-1a", "goals-nat-us-east-1b"]


def test_remaining():
    left = replace(read(addresses=[{"AllocationId": "eipalloc-1", "PublicIp": "192.0.2.1"}]), vpc=None)
    assert model.remaining(left) == "Elastic IP 192.0.2.1 still there"
