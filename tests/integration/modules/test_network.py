"""The network module, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import network as api
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
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


def test_a_run_without_changes_asks_seven_times(network, aws):
    network("calls")
    aws.calls.clear()
    assert not network("calls")["changed"]
    assert len(aws.calls) == 7


@pytest.fixture
def buckets(aws):
    names = ("flow-logs", "central")
    for name in names:
        aws("s3").create_bucket(Bucket=name)
    yield [f"arn:aws:s3:::{name}/network/" for name in names]
    for name in names:
        aws("s3").delete_bucket(Bucket=name)


SMALL = {"nat_gateways": "none", "tiers": [{"name": "app", "route": "none"}]}


def flow_logs(aws, vpc_id):
    found = aws("ec2").describe_flow_logs(Filter=[{"Name": "resource-id", "Values": [vpc_id]}])["FlowLogs"]
    return {each["FlowLogId"]: each["LogDestination"] for each in found}


def test_a_flow_log_through_twelve_steps(twelve_steps, aws, buckets):
    given = {"name": "logged", "availability_zones": ZONES, **SMALL}
    create = {**given, "flow_log": {"destination": buckets[0], "file_format": "parquet"}}
    update = {**given, "flow_log": {"destination": buckets[1], "traffic": "REJECT", "tags": {"cost": "low"}}}
    created, updated, _ = twelve_steps("network")(create, update, {"name": "logged"})
    assert created["plan"][:2] == ["create VPC logged", "create flow log logged"]
    first, second = created["network"]["flow_log"], updated["network"]["flow_log"]
    assert (first["traffic"], first["aggregation_interval"], first["file_format"]) == ("ALL", 600, "parquet")
    assert updated["plan"] == ["create flow log logged", "delete flow log logged"]
    assert (second["traffic"], second["file_format"], second["tags"]["cost"]) == ("REJECT", "parquet", "low")
    assert second["id"] != first["id"]
    assert flow_logs(aws, created["network"]["vpc_id"]) == {}


def test_a_flow_log_is_replaced_let_alone_and_removed(network, aws, buckets):
    log = {"destination": buckets[0]}
    vpc_id = network("replaced", **SMALL, flow_log=log)["network"]["vpc_id"]
    replaced = network("replaced", **SMALL, flow_log={**log, "aggregation_interval": 60})
    assert replaced["plan"] == ["create flow log replaced", "delete flow log replaced"]
    assert flow_logs(aws, vpc_id) == {replaced["network"]["flow_log"]["id"]: buckets[0]}
    aws.calls.clear()
    unasked = network("replaced", **SMALL)
    assert (unasked["changed"], unasked["network"]["flow_log"]) == (False, None)
    assert "DescribeFlowLogs" not in aws.calls
    assert network("replaced", **SMALL, flow_log={})["plan"] == ["delete flow log replaced"]
    assert not network("replaced", **SMALL, flow_log={})["changed"]
    assert flow_logs(aws, vpc_id) == {}


def test_others_flow_logs_are_left_alone_and_the_very_same_is_taken_over(network, aws, buckets):
    vpc_id = network("watched", **SMALL)["network"]["vpc_id"]
    log = {"ResourceIds": [vpc_id], "ResourceType": "VPC", "LogDestinationType": "s3", "TrafficType": "ALL"}
    for bucket in buckets:
        aws("ec2").create_flow_logs(**log, LogDestination=bucket)
    assert network("watched", **SMALL, flow_log={"destination": buckets[0]})["plan"] == ["update flow log watched"]
    assert network("watched", **SMALL, flow_log={})["plan"] == ["delete flow log watched"]
    assert list(flow_logs(aws, vpc_id).values()) == buckets[1:]


def test_a_run_that_does_not_wait_leaves_the_ways_out_to_one_that_does(network, aws):
    """AWS takes no route to a NAT gateway that is pending."""
    started = network("later", wait=False)
    whole = network("later")
    left = ["update route table app"] if started["pending"] else []  # they may work by the time that they are asked for
    assert (whole["plan"], whole["pending"]) == (left, None)
    private, nat = whole["network"]["subnet_ids"]["app"][0], whole["network"]["nat_gateways"][0]
    assert started["network"]["subnet_ids"] == whole["network"]["subnet_ids"]
    assert started["network"]["nat_gateways"] == [nat]
    assert routes(aws, private)["0.0.0.0/0"] == nat["id"]
    again = network("later", wait=False)
    assert (again["changed"], again["pending"]) == (False, None)


@pytest.mark.parametrize("wait", [True, False])
def test_nat_gateways_change_without_a_gap(network, aws, counted, wait):
    """single -> per_az -> single -> none: routes are led to a NAT gateway that works before the old one goes."""
    first = network("switch")["network"]["nat_gateways"][0]
    switched = network("switch", nat_gateways="per_az", wait=wait)
    assert switched["pending"] is None, "in a VPC that was there nothing is left"
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


def _delete_nat_gateway(ec2, gateway):
    """Until it is gone, it holds its address: a plan made meanwhile is another one."""
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    waiter = ec2.get_waiter("nat_gateway_deleted")
    waiter.wait(NatGatewayIds=[gateway], WaiterConfig={"Delay": 1, "MaxAttempts": 60})


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
    "the NAT gateway": lambda ec2, n: _delete_nat_gateway(ec2, n["nat_gateways"][0]["id"]),
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


class PowerCut(Exception):
    """What ends a run that no one could have prepared for."""


@pytest.fixture
def cut_after(aws):
    """Makes the calls that follow the first one of an operation fail, until ``restore`` is called."""
    events = aws("ec2").meta.events
    done: list[str] = []

    def note(model, **_):
        done.append(model.name)

    def arm(last):
        def refuse(**_):
            if last in done:
                raise PowerCut

        done.clear()
        events.register("after-call", note, "note")
        events.register("before-call", refuse, "refuse")

    def restore():
        events.unregister("after-call", unique_id="note")
        events.unregister("before-call", unique_id="refuse")

    arm.restore = restore
    return arm


@pytest.mark.parametrize("then", ["present", "absent"])
@pytest.mark.parametrize(
    "last", ["CreateVpc", "CreateInternetGateway", "CreateSubnet", "AllocateAddress", "CreateNatGateway"]
)
def test_a_half_built_network_is_completed_or_removed(network, cut_after, counted, last, then):
    cut_after(last)
    with pytest.raises(PowerCut):
        network("half")
    cut_after.restore()
    if then == "present":
        network("half")
        assert not network("half")["changed"]
        assert counted("half") == {
            **{"vpc": 1, "subnet": 6, "route table": 3},
            **{"internet gateway": 1, "NAT gateway": 1, "Elastic IP": 1},
        }
    network("half", state="absent")
    assert counted("half") == {}


@pytest.mark.parametrize("last", ["DeleteNatGateway", "ReleaseAddress", "DetachInternetGateway"])
def test_a_half_removed_network_is_removed_or_made_whole(network, cut_after, counted, last):
    for then in ("absent", "present"):
        network("half")
        cut_after(last)
        with pytest.raises(PowerCut):
            network("half", state="absent")
        cut_after.restore()
        network("half", state=then)
        assert not network("half", state=then)["changed"]
        assert counted("half").get("Elastic IP", 0) == (then == "present")


def test_what_lives_in_a_subnet_stops_the_removal_before_anything_it_needs_is_gone(network, aws, counted):
    made = network("lived-in")["network"]
    whole = counted("lived-in")
    subnet = made["subnet_ids"]["app"][0]
    interface = aws("ec2").create_network_interface(SubnetId=subnet, Description="a guest")["NetworkInterface"]
    interface_id = interface["NetworkInterfaceId"]
    with pytest.raises(StackError, match=f"subnet app us-east-1a: still used by .*{interface_id} .a guest"):
        network("lived-in", state="absent")
    assert counted("lived-in") == whole
    aws("ec2").delete_network_interface(NetworkInterfaceId=interface_id)


def test_a_vpc_that_is_not_empty_says_what_is_left(network, aws):
    made = network("foreign")["network"]
    ec2 = aws("ec2")
    subnet = ec2.create_subnet(VpcId=made["vpc_id"], CidrBlock="10.0.255.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="guest", Description="a guest", VpcId=made["vpc_id"])["GroupId"]
    assert not network("foreign")["changed"], "what others made is left alone"
    with pytest.raises(
        StackError, match=rf"VPC foreign: still used by security group guest \({group}\), subnet {subnet}"
    ):
        network("foreign", state="absent")
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_security_group(GroupId=group)


def test_endpoints_that_are_left_in_a_vpc_are_named(network, module, aws):
    made = network("inhabited", nat_gateways="none", tiers=[{"name": "app", "route": "none"}])["network"]
    endpoints = module("vpc_endpoints")
    place = {"name": "inhabited", "vpc_id": made["vpc_id"], "wait_timeout": 30}
    group = aws("ec2").create_security_group(GroupName="sts", Description="sts", VpcId=made["vpc_id"])["GroupId"]
    sts = {"service": "sts", "subnet_ids": made["subnet_ids"]["app"], "security_groups": [group]}
    endpoints(**place, endpoints=[sts])
    with pytest.raises(StackError, match=r"subnet app us-east-1a: still used by network interface .*VPC Endpoint"):
        network("inhabited", state="absent")
    s3 = {"service": "s3", "route_table_ids": made["route_table_ids"]["app"]}
    told = endpoints(**place, endpoints=[s3])["vpc_endpoints"]["s3"]
    aws("ec2").delete_security_group(GroupId=group)
    with pytest.raises(StackError, match=rf"still used by VPC endpoint {told['id']} of com\.amazonaws.*s3\. Remove"):
        network("inhabited", state="absent")
    endpoints(name="inhabited", state="absent", wait_timeout=30)


def test_a_zone_goes_in_which_an_endpoint_is(network, module, aws):
    given = {"nat_gateways": "none", "tiers": [{"name": "app", "route": "none"}]}
    made = network("narrowed", **given)["network"]
    endpoints = module("vpc_endpoints")
    group = aws("ec2").create_security_group(GroupName="sts", Description="sts", VpcId=made["vpc_id"])["GroupId"]
    place = {"name": "narrowed", "vpc_id": made["vpc_id"], "wait_timeout": 30}
    sts = {"service": "sts", "subnet_ids": made["subnet_ids"]["app"], "security_groups": [group]}
    endpoints(**place, endpoints=[sts])
    zones = ["us-east-1a", "us-east-1c"]
    narrowed = network("narrowed", availability_zones=zones, **given)
    assert "delete subnet app us-east-1b" in narrowed["plan"]
    assert endpoints(**place, endpoints=[{**sts, "subnet_ids": made["subnet_ids"]["app"][:1]}])["plan"] == []
    endpoints(**place, endpoints=[])
    aws("ec2").delete_security_group(GroupId=group)
    network("narrowed", state="absent")


def test_a_failed_nat_gateway_is_replaced_and_its_elastic_ip_used_again(network, aws, counted):
    """AWS lets a NAT gateway fail whose VPC has no internet gateway."""
    made = network("failing")["network"]
    ec2, nat = aws("ec2"), made["nat_gateways"][0]
    attachment = {"InternetGatewayId": made["internet_gateway_id"], "VpcId": made["vpc_id"]}
    ec2.delete_nat_gateway(NatGatewayId=nat["id"])
    ec2.get_waiter("nat_gateway_deleted").wait(NatGatewayIds=[nat["id"]], WaiterConfig={"Delay": 1})
    ec2.detach_internet_gateway(**attachment)
    tags = [{"Key": "ha_stack:network", "Value": "failing"}]
    failing = ec2.create_nat_gateway(
        SubnetId=nat["subnet_id"],
        AllocationId=nat["allocation_id"],
        TagSpecifications=[{"ResourceType": "natgateway", "Tags": tags}],
    )["NatGateway"]["NatGatewayId"]
    with pytest.raises(StackError, match=r"Gateway\.NotAttached"):
        api.nat_works(Session(client=aws, wait_timeout=30), failing)
    ec2.attach_internet_gateway(**attachment)
    repaired = network("failing")
    assert repaired["plan"][:2] == ["delete NAT gateway us-east-1a", "create NAT gateway us-east-1a"]
    assert repaired["network"]["nat_gateways"][0]["public_ip"] == nat["public_ip"]


def test_two_vpcs_of_one_name_are_refused(network, aws):
    made = network("twin")["network"]
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "twin"}]}]
    other = aws("ec2").create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    with pytest.raises(StackError, match=rf"({made['vpc_id']}|{other}) and ({made['vpc_id']}|{other})"):
        network("twin")
    aws("ec2").delete_vpc(VpcId=other)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_zone_that_is_not_offered_is_refused_before_anything_is_written(network, aws, check_mode):
    with pytest.raises(StackError, match="us-east-1z is not offered"):
        network("nowhere", availability_zones=["us-east-1a", "us-east-1z"], check_mode=check_mode)
    assert aws.writes() == []


def test_a_vpc_with_its_own_internet_gateway_and_subnet_is_taken_over(network, aws, counted):
    ec2 = aws("ec2")
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "adopted"}]}]
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    there = {"VpcId": vpc_id, "CidrBlock": "10.0.0.0/20", "AvailabilityZone": "us-east-1a"}
    subnet = ec2.create_subnet(**there)["Subnet"]["SubnetId"]
    made = network("adopted")["network"]
    assert (made["vpc_id"], made["internet_gateway_id"]) == (vpc_id, gateway)
    assert made["subnet_ids"]["public"][0] == subnet
    assert counted("adopted")["subnet"] == 6
