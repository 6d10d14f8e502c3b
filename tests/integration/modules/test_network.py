"""The network module, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

ZONES = ["us-east-1a", "us-east-1b"]
THREE = [*ZONES, "us-east-1c"]


@pytest.fixture
def network(module):
    """The module; every network that a test made is deleted after it."""
    made: set[str] = set()
    run = module("network")

    def call(name, **options):
        options.setdefault("wait_timeout", 30)
        made.add(name)
        return run(name=name, **({"availability_zones": ZONES} if options.get("state") != "absent" else {}) | options)

    yield call
    for name in made:
        run(name=name, state="absent")


@pytest.fixture
def counted(aws):
    """How many resources of each type carry a network's name, by what the API tells."""

    def count(name: str) -> dict[str, int]:
        tag = [{"Name": "tag:ha_stack:network", "Values": [name]}]
        ec2 = aws("ec2")
        living = {"Name": "state", "Values": ["pending", "available", "deleting", "failed"]}
        found = {
            "vpc": ec2.describe_vpcs(Filters=tag)["Vpcs"],
            "subnet": ec2.describe_subnets(Filters=tag)["Subnets"],
            "route table": ec2.describe_route_tables(Filters=tag)["RouteTables"],
            "internet gateway": ec2.describe_internet_gateways(Filters=tag)["InternetGateways"],
            "NAT gateway": ec2.describe_nat_gateways(Filter=[*tag, living])["NatGateways"],
            "Elastic IP": ec2.describe_addresses(Filters=tag)["Addresses"],
        }
        return {kind: len(items) for kind, items in found.items() if items}

    return count


def routes(aws, subnet_id):
    """Where a subnet's route table leads, by destination: AWS's answer to what the module declares."""
    filters = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
    table = aws("ec2").describe_route_tables(Filters=filters)["RouteTables"][0]
    return {
        route["DestinationCidrBlock"]: route.get("NatGatewayId") or route.get("GatewayId") for route in table["Routes"]
    }


def test_twelve_steps(twelve_steps, counted):
    given = {"name": "twelve", "availability_zones": ZONES, "tags": {"stack": "goals", "owner": "web"}}
    changed = {
        **given,
        "nat_gateways": "per_az",
        "availability_zones": THREE,
        "map_public_ip_on_launch": True,
        "enable_dns_hostnames": False,
        "tags": {"stack": "goals", "cost": "low"},
    }
    created, updated, deleted = twelve_steps("network")(given, changed, {"name": "twelve"})
    assert created["plan"] == [
        "create VPC twelve",
        "create internet gateway twelve",
        "create route table public",
        "create route table database",
        "create subnet public us-east-1a",
        "create subnet public us-east-1b",
        "create subnet database us-east-1a",
        "create subnet database us-east-1b",
        "create Elastic IP us-east-1a",
        "create NAT gateway us-east-1a",
        "create route table app",
        "create subnet app us-east-1a",
        "create subnet app us-east-1b",
    ]
    assert [subnet["cidr"] for subnet in created["network"]["subnets"]] == [
        *("10.0.0.0/20", "10.0.16.0/20"),
        *("10.0.64.0/20", "10.0.80.0/20"),
        *("10.0.128.0/20", "10.0.144.0/20"),
    ]
    before = {subnet["cidr"]: subnet["id"] for subnet in created["network"]["subnets"]}
    after = {subnet["cidr"]: subnet["id"] for subnet in updated["network"]["subnets"]}
    assert before.items() <= after.items(), "subnets stay where zones are added"
    assert updated["network"]["tags"]["cost"] == "low"
    assert "owner" not in updated["network"]["tags"]
    assert [nat["zone"] for nat in updated["network"]["nat_gateways"]] == THREE
    assert deleted["network"] == {}
    assert counted("twelve") == {}


def test_every_tier_leads_where_it_says(network, aws):
    made = network("ways")["network"]
    (nat,) = made["nat_gateways"]
    assert nat["zone"] == "us-east-1a"
    for tier, target in {"public": made["internet_gateway_id"], "app": nat["id"], "database": None}.items():
        assert len(made["subnet_ids"][tier]) == 2
        for subnet in made["subnet_ids"][tier]:
            assert routes(aws, subnet).get("0.0.0.0/0") == target
    address = aws("ec2").describe_addresses(AllocationIds=[nat["allocation_id"]])["Addresses"][0]
    assert address["PublicIp"] == nat["public_ip"]
    zones = [subnet["zone"] for subnet in made["subnets"] if subnet["id"] in made["subnet_ids"]["app"]]
    assert zones == ZONES, "a tier's ids are in the order of the zones"


def test_check_mode_on_an_empty_account_tells_as_many_subnets(network):
    planned = network("planned", check_mode=True)["network"]
    assert planned["vpc_id"] == KNOWN_AFTER_APPLY
    assert planned["subnet_ids"] == {tier: [KNOWN_AFTER_APPLY] * 2 for tier in ("public", "app", "database")}


def test_a_run_without_changes_asks_eight_times(network, aws):
    network("calls")
    aws.calls.clear()
    assert not network("calls")["changed"]
    assert len(aws.calls) == 8


def test_nat_gateways_change_without_a_gap(network, aws, counted):
    """single -> per_az -> single -> none: routes are led to a NAT gateway that works before the old one goes."""
    first = network("switch")["network"]["nat_gateways"][0]
    network("switch", nat_gateways="per_az")
    per_az = network("switch", nat_gateways="per_az")["network"]
    assert first in per_az["nat_gateways"], "the one that serves goes on serving"
    by_zone = {nat["zone"]: nat["id"] for nat in per_az["nat_gateways"]}
    for zone, subnet in zip(ZONES, per_az["subnet_ids"]["app"], strict=True):
        assert routes(aws, subnet)["0.0.0.0/0"] == by_zone[zone]
    single = network("switch", nat_gateways="single")
    assert single["network"]["nat_gateways"] == [first]
    order = [change.split()[0] for change in single["plan"]]
    assert order == sorted(order, key=("create", "update", "delete").index), single["plan"]
    assert counted("switch")["Elastic IP"] == 1
    tiers = [{"name": "public", "route": "internet"}, {"name": "app", "route": "none"}]
    none = network("switch", nat_gateways="none", tiers=tiers)["network"]
    assert none["nat_gateways"] == []
    assert "0.0.0.0/0" not in routes(aws, none["subnet_ids"]["app"][0])
    assert counted("switch") == {"vpc": 1, "subnet": 4, "route table": 2, "internet gateway": 1}


def test_a_zone_that_leaves_takes_its_subnets_with_it(network, counted):
    before = network("leaving", availability_zones=THREE, nat_gateways="per_az")["network"]
    left = network("leaving", availability_zones=["us-east-1b", "us-east-1c"], nat_gateways="per_az")
    cidrs = {(subnet["tier"], subnet["zone"]): subnet["cidr"] for subnet in before["subnets"]}
    assert all(cidrs[subnet["tier"], subnet["zone"]] == subnet["cidr"] for subnet in left["network"]["subnets"])
    assert {subnet["zone"] for subnet in left["network"]["subnets"]} == {"us-east-1b", "us-east-1c"}
    assert not any(change.startswith("create") for change in left["plan"])
    assert counted("leaving") == {
        **{"vpc": 1, "subnet": 6, "internet gateway": 1},
        **{"NAT gateway": 2, "Elastic IP": 2, "route table": 4},
    }


DRIFTS = {
    "a tag of the VPC": lambda ec2, n: ec2.delete_tags(Resources=[n["vpc_id"]], Tags=[{"Key": "ha_stack:network"}]),
    "a tag of a subnet": lambda ec2, n: ec2.delete_tags(
        Resources=[n["subnet_ids"]["app"][0]], Tags=[{"Key": "ha_stack:tier"}, {"Key": "ha_stack:network"}]
    ),
    "DNS host names": lambda ec2, n: ec2.modify_vpc_attribute(VpcId=n["vpc_id"], EnableDnsHostnames={"Value": False}),
    "public addresses in a private subnet": lambda ec2, n: ec2.modify_subnet_attribute(
        SubnetId=n["subnet_ids"]["app"][1], MapPublicIpOnLaunch={"Value": True}
    ),
    "the default route of the app tier": lambda ec2, n: ec2.delete_route(
        RouteTableId=table(n, "app"), DestinationCidrBlock="0.0.0.0/0"
    ),
    "a way out of the database tier": lambda ec2, n: ec2.create_route(
        RouteTableId=table(n, "database"), DestinationCidrBlock="0.0.0.0/0", GatewayId=n["internet_gateway_id"]
    ),
    "the app tier led to the internet gateway": lambda ec2, n: ec2.replace_route(
        RouteTableId=table(n, "app"), DestinationCidrBlock="0.0.0.0/0", GatewayId=n["internet_gateway_id"]
    ),
    "a subnet's association": lambda ec2, n: ec2.disassociate_route_table(
        AssociationId=association(ec2, n["subnet_ids"]["app"][0])
    ),
    "a subnet": lambda ec2, n: ec2.delete_subnet(SubnetId=n["subnet_ids"]["database"][0]),
    "the NAT gateway": lambda ec2, n: ec2.delete_nat_gateway(NatGatewayId=n["nat_gateways"][0]["id"]),
    "the NAT gateway's tags": lambda ec2, n: ec2.delete_tags(
        Resources=[n["nat_gateways"][0]["id"], n["nat_gateways"][0]["allocation_id"]],
        Tags=[{"Key": "ha_stack:network"}],
    ),
    "the internet gateway": lambda ec2, n: ec2.delete_tags(
        Resources=[n["internet_gateway_id"]], Tags=[{"Key": "ha_stack:network"}]
    ),
    "a leftover Elastic IP": lambda ec2, n: ec2.allocate_address(
        Domain="vpc",
        TagSpecifications=[
            {"ResourceType": "elastic-ip", "Tags": [{"Key": "ha_stack:network", "Value": n["name"]}]},
        ],
    ),
}


def table(network, tier):
    return next(table["id"] for table in network["route_tables"] if table["tier"] == tier)


def association(ec2, subnet_id):
    filters = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
    associations = ec2.describe_route_tables(Filters=filters)["RouteTables"][0]["Associations"]
    return next(each["RouteTableAssociationId"] for each in associations if each.get("SubnetId") == subnet_id)


def test_drift_is_found_and_repaired(network, aws, counted):
    made = network("drift")
    whole = counted("drift")
    for what, drift in DRIFTS.items():
        drift(aws("ec2"), made["network"])
        planned = network("drift", check_mode=True)
        assert planned["changed"], what
        repaired = network("drift")
        assert repaired["diff"] == planned["diff"], what
        again = network("drift")
        assert not again["changed"], (what, again["diff"])
        assert counted("drift") == whole, what
        made = repaired


@pytest.mark.parametrize(
    "last", ["CreateVpc", "CreateInternetGateway", "CreateSubnet", "AllocateAddress", "CreateNatGateway"]
)
def test_a_half_built_network_is_completed(network, aws, counted, last):
    """The run is cut right after its first call of ``last``; the same command goes on, and so does absent."""

    def cut(model, **_):
        if aws.calls.count(last) == 1:
            aws.calls.append("cut")
        elif "cut" in aws.calls and not model.name.startswith("Describe"):
            raise StackError("the machine lost its power")

    for state in ("present", "absent"):
        aws.calls.clear()
        aws("ec2").meta.events.register(
            "after-call", lambda model, **_: model.name == last and aws.calls.append("cut"), "c"
        )
        aws("ec2").meta.events.register("before-call", _cut_after(aws), "b")
        with pytest.raises(StackError, match="power"):
            network("half")
        aws("ec2").meta.events.unregister("before-call", unique_id="b")
        aws("ec2").meta.events.unregister("after-call", unique_id="c")
        network("half", **({} if state == "present" else {"state": "absent"}))
        if state == "present":
            assert not network("half")["changed"]
            network("half", state="absent")
        assert counted("half") == {}


def _cut_after(aws):
    def cut(**_):
        if "cut" in aws.calls:
            raise StackError("the machine lost its power")

    return cut
