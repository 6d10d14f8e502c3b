"""What is sent to EC2 for a network, checked against the service's own model."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import eventual, waiting
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import network as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.network import (
    Address,
    InternetGateway,
    NatGateway,
    Network,
    RouteTable,
    Subnet,
    Vpc,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare
from botocore.exceptions import ClientError

from tests.support.stubbed import stubbed

TAGS = {"Name": "goals"}
SENT_TAGS = [{"Key": "Name", "Value": "goals"}]
IDS = {("VPC", "goals"): "vpc-1", ("internet gateway", "goals"): "igw-1", ("subnet", "10.0.0.0/20"): "subnet-1"}
SUBNET = Subnet("us-east-1a", "10.0.0.0/20", False, None, TAGS, tier="app", id="subnet-1")
TABLE = RouteTable("none", None, TAGS, tier="app", id="rtb-1")


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Waits look again without delay."""
    for wait in (eventual.retried, waiting.wait_until):
        monkeypatch.setitem(wait.__kwdefaults__, "sleep", lambda seconds: None)


def specification(resource_type):
    return [{"ResourceType": resource_type, "Tags": SENT_TAGS}]


def where(name, *values):
    return {"Name": name, "Values": list(values)}


def make(kind, name, want, have, *calls, ids=(), timeout=60):
    """Carry out the one change from ``have`` to ``want``; ``calls`` are (operation, request, answer or error code)."""
    (change,) = compare(kind, name, want, have)
    with stubbed("ec2", name="goals", wait_timeout=timeout) as (session, stub):
        session.ids.update({**IDS, **dict(ids)})
        expect(stub, calls)
        api.OPERATIONS[kind, change.action](session, change)
        return session.ids


def expect(stub, calls):
    for operation, request, answer in calls:
        if isinstance(answer, str):
            stub.add_client_error(operation, answer, expected_params=request)
        else:
            stub.add_response(operation, answer, request)


def test_read_asks_side_by_side_and_by_filter():
    in_vpc = [where("vpc-id", "vpc-1")]
    states = where("state", "pending", "available", "failed", "deleting")
    attached = {"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1"}]}
    with stubbed("ec2", name="goals") as (session, stub):
        expect(
            stub,
            [
                ("describe_vpcs", {"Filters": [where("tag:Name", "goals")]}, {"Vpcs": [VPC]}),
                ("describe_addresses", {"Filters": [where("tag:ha_stack:network", "goals")]}, {"Addresses": []}),
                ("describe_subnets", {"Filters": in_vpc}, {"Subnets": []}),
                ("describe_route_tables", {"Filters": in_vpc}, {"RouteTables": []}),
                ("describe_nat_gateways", {"Filter": [*in_vpc, states]}, {"NatGateways": []}),
                (
                    "describe_internet_gateways",
                    {"Filters": [where("attachment.vpc-id", "vpc-1")]},
                    {"InternetGateways": [attached]},
                ),
                attribute("enableDnsHostnames", "EnableDnsHostnames", False),
            ],
        )
        seen = api.read(session, Network(name="goals", vpc=WANTED))
    assert (seen.vpc.id, seen.vpc.enable_dns_support, seen.vpc.enable_dns_hostnames) == ("vpc-1", UNSET, False)
    assert seen.internet_gateway.attached


WANTED = Vpc(cidr="10.0.0.0/16", enable_dns_support=UNSET, enable_dns_hostnames=True, tags={})
VPC = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "State": "available"}


def attribute(name, member, value):
    return "describe_vpc_attribute", {"VpcId": "vpc-1", "Attribute": name}, {member: {"Value": value}}


def test_read_without_a_vpc_looks_for_what_is_left_of_one_where_nothing_shall_be():
    own = {"Filters": [where("tag:ha_stack:network", "goals")]}
    nothing = [
        ("describe_vpcs", {"Filters": [where("tag:Name", "goals")]}, {"Vpcs": []}),
        ("describe_addresses", own, {"Addresses": []}),
    ]
    with stubbed("ec2", name="goals", state="present") as (session, stub):
        expect(stub, nothing)
        assert api.read(session, Network(name="goals")) is None
    with stubbed("ec2", name="goals", state="absent") as (session, stub):
        expect(stub, [*nothing, ("describe_internet_gateways", own, {"InternetGateways": []})])
        assert api.read(session, Network(name="goals")) is None
        left = {"InternetGateways": [{"InternetGatewayId": "igw-1"}]}
        expect(stub, [*nothing, ("describe_internet_gateways", own, left)])
        assert api.read(session, Network(name="goals")).internet_gateway.id == "igw-1"


def test_a_vpc_that_goes_while_it_is_read_is_gone():
    own = {"Filters": [where("tag:ha_stack:network", "goals")]}
    with stubbed("ec2", name="goals") as (session, stub):
        expect(
            stub,
            [
                ("describe_vpcs", {"Filters": [where("tag:Name", "goals")]}, {"Vpcs": [VPC]}),
                ("describe_addresses", own, {"Addresses": []}),
                ("describe_subnets", None, {"Subnets": []}),
                ("describe_route_tables", None, {"RouteTables": []}),
                ("describe_nat_gateways", None, {"NatGateways": []}),
                ("describe_internet_gateways", None, {"InternetGateways": []}),
                ("describe_vpc_attribute", None, "InvalidVpcID.NotFound"),
                ("describe_internet_gateways", own, {"InternetGateways": []}),
            ],
        )
        assert api.read(session, Network(name="goals", vpc=WANTED)) is None


@pytest.mark.parametrize(("support", "order"), [(True, ["Support", "Hostnames"]), (False, ["Hostnames", "Support"])])
def test_attributes_one_a_call_in_the_order_that_aws_allows(support, order):
    want = Vpc("10.0.0.0/16", support, support, TAGS)
    create = {"CidrBlock": "10.0.0.0/16", "TagSpecifications": specification("vpc")}
    calls = [("modify_vpc_attribute", {"VpcId": "vpc-9", f"EnableDns{name}": {"Value": support}}, {}) for name in order]
    ids = make("VPC", "goals", want, None, ("create_vpc", create, {"Vpc": {"VpcId": "vpc-9"}}), *calls)
    assert ids["VPC", "goals"] == "vpc-9"


def test_a_vpc_that_is_not_seen_yet_is_tried_again():
    request = {"InternetGatewayId": "igw-9", "VpcId": "vpc-1"}
    made = {"InternetGateway": {"InternetGatewayId": "igw-9"}}
    make(
        *("internet gateway", "goals", InternetGateway(True, TAGS), None),
        ("create_internet_gateway", {"TagSpecifications": specification("internet-gateway")}, made),
        ("attach_internet_gateway", request, "InvalidVpcID.NotFound"),
        ("attach_internet_gateway", request, {}),
    )


def test_a_subnet_is_tagged_as_it_is_made_and_given_its_route_table():
    want = Subnet("us-east-1a", "10.0.0.0/20", True, KNOWN_AFTER_APPLY, TAGS, table=("public", None))
    request = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/20", "AvailabilityZone": "us-east-1a"}
    make(
        *("subnet", "public us-east-1a", want, None),
        (
            "create_subnet",
            {**request, "TagSpecifications": specification("subnet")},
            {"Subnet": {"SubnetId": "subnet-9"}},
        ),
        ("modify_subnet_attribute", {"SubnetId": "subnet-9", "MapPublicIpOnLaunch": {"Value": True}}, {}),
        ("associate_route_table", {"SubnetId": "subnet-9", "RouteTableId": "rtb-9"}, {}),
        ids={("route table", "public"): "rtb-9"},
    )


def test_an_association_is_replaced_in_one_step():
    have = Subnet("a", "10.0.0.0/20", False, "rtb-1", TAGS, id="subnet-1", association_id="rtbassoc-1")
    want = Subnet("a", "10.0.0.0/20", False, "rtb-2", TAGS)
    request = {"AssociationId": "rtbassoc-1", "RouteTableId": "rtb-2"}
    make("subnet", "app a", want, have, ("replace_route_table_association", request, {}))


ROUTE = {"RouteTableId": "rtb-1", "DestinationCidrBlock": "0.0.0.0/0"}


def nat_is(state, **members):
    answer = {"NatGateways": [{"NatGatewayId": "nat-1", "State": state, **members}]}
    return "describe_nat_gateways", {"Filter": [where("nat-gateway-id", "nat-1")]}, answer


UNSEEN = ("describe_nat_gateways", {"Filter": [where("nat-gateway-id", "nat-1")]}, {"NatGateways": []})


@pytest.mark.parametrize(
    ("have", "call"), [(TABLE, "create_route"), (RouteTable("internet", "igw-1", TAGS, id="rtb-1"), "replace_route")]
)
def test_a_route_leads_to_a_nat_gateway_once_that_works(have, call):
    want = RouteTable("nat", KNOWN_AFTER_APPLY, TAGS, nat_subnet="10.0.0.0/20")
    make(
        *("route table", "app", want, have),
        *(UNSEEN, nat_is("pending"), nat_is("available")),
        (call, {**ROUTE, "NatGatewayId": "nat-1"}, "InvalidNatGatewayID.NotFound"),
        (call, {**ROUTE, "NatGatewayId": "nat-1"}, {}),
        ids={("NAT gateway", "10.0.0.0/20"): "nat-1"},
    )


@pytest.mark.parametrize("own", [True, False])
def test_a_run_that_does_not_wait_leaves_routes_in_a_vpc_that_it_has_made_and_in_no_other(own):
    """In one that was there, the way out is made before the one that it follows is taken away."""
    want = RouteTable("nat", KNOWN_AFTER_APPLY, TAGS, tier="app", nat_subnet="10.0.0.0/20")
    (change,) = compare("route table", "app", want, TABLE)
    with stubbed("ec2", name="goals") as (session, stub):
        session.wait, session.wait_timeout = False, 60
        session.ids.update({**IDS, ("NAT gateway", "10.0.0.0/20"): "nat-1"})
        if own:
            session.answers["VPC", "goals"] = "vpc-1"
        finished = [nat_is("available"), ("create_route", {**ROUTE, "NatGatewayId": "nat-1"}, {})]
        expect(stub, [nat_is("pending"), *([] if own else finished)])
        api.update_route_table(session, change)
    assert session.left == (["route table app: its NAT gateway nat-1 is pending"] if own else [])


def test_no_route_leads_to_a_nat_gateway_that_failed():
    want = RouteTable("nat", "nat-1", TAGS, nat_subnet="10.0.0.0/20")
    failed = nat_is("failed", FailureCode="InsufficientFreeAddressesInSubnet", FailureMessage="no free address")
    with pytest.raises(StackError, match="nat-1: it failed: InsufficientFreeAddressesInSubnet: no free address"):
        make("route table", "app", want, TABLE, nat_is("pending"), failed)


def test_a_way_out_that_should_not_be_is_taken_away():
    have = RouteTable("internet", "igw-1", TAGS, id="rtb-1")
    make("route table", "database", RouteTable("none", None, TAGS), have, ("delete_route", ROUTE, {}))


def test_a_nat_gateway_takes_the_elastic_ip_of_a_failed_one_once_that_is_free():
    want = NatGateway("10.0.0.0/20", TAGS, "us-east-1a", allocation_id="eipalloc-1")
    request = {"SubnetId": "subnet-1", "AllocationId": "eipalloc-1", "TagSpecifications": specification("natgateway")}
    ids = make(
        *("NAT gateway", "us-east-1a", want, None),
        ("describe_addresses", LOOK, {"Addresses": [{"NetworkInterfaceId": "eni-1"}]}),
        ("describe_addresses", LOOK, {"Addresses": [{"PublicIp": "192.0.2.1"}]}),
        ("create_nat_gateway", request, "Resource.AlreadyAssociated"),
        ("create_nat_gateway", request, {"NatGateway": {"NatGatewayId": "nat-9"}}),
    )
    assert ids["NAT gateway", "10.0.0.0/20"] == "nat-9"


ADDRESS = Address(TAGS, id="eipalloc-1", public_ip="192.0.2.1")
RELEASE = {"AllocationId": "eipalloc-1"}
LOOK = {"AllocationIds": ["eipalloc-1"]}


@pytest.mark.parametrize("answer", ["InvalidIPAddress.InUse", "AuthFailure"])
def test_an_elastic_ip_is_released_once_its_nat_gateway_is_gone(answer):
    make(
        *("Elastic IP", "192.0.2.1", None, ADDRESS),
        ("release_address", RELEASE, answer),
        ("describe_addresses", LOOK, {"Addresses": [{"PublicIp": "192.0.2.1", "NetworkInterfaceId": "eni-1"}]}),
        ("release_address", RELEASE, answer),
        ("describe_addresses", LOOK, {"Addresses": [{"PublicIp": "192.0.2.1"}]}),
        ("release_address", RELEASE, {}),
    )


def test_wrong_credentials_are_not_waited_for():
    with pytest.raises(ClientError, match="AuthFailure"):
        make(
            *("Elastic IP", "192.0.2.1", None, ADDRESS),
            ("release_address", RELEASE, "AuthFailure"),
            ("describe_addresses", LOOK, "AuthFailure"),
        )


def test_a_release_that_takes_too_long_says_what_holds_the_elastic_ip():
    held = {"Addresses": [{"PublicIp": "192.0.2.1", "NetworkInterfaceId": "eni-1"}]}
    with pytest.raises(StackError, match=r"not done after 0 s \(wait_timeout\): network interface eni-1 still has it"):
        make(
            *("Elastic IP", "192.0.2.1", None, ADDRESS),
            ("release_address", RELEASE, "InvalidIPAddress.InUse"),
            ("describe_addresses", LOOK, held),
            timeout=0,
        )


def test_an_elastic_ip_that_an_instance_has_is_not_waited_for():
    held = {"Addresses": [{"PublicIp": "192.0.2.1", "InstanceId": "i-1", "NetworkInterfaceId": "eni-1"}]}
    with pytest.raises(StackError, match="instance i-1 has it"):
        make(
            *("Elastic IP", "192.0.2.1", None, ADDRESS),
            ("release_address", RELEASE, "InvalidIPAddress.InUse"),
            ("describe_addresses", LOOK, held),
        )


GONE = [
    ("subnet", SUBNET, "delete_subnet", {"SubnetId": "subnet-1"}, "InvalidSubnetID.NotFound"),
    ("route table", TABLE, "delete_route_table", {"RouteTableId": "rtb-1"}, "InvalidRouteTableID.NotFound"),
    ("Elastic IP", ADDRESS, "release_address", RELEASE, "InvalidAllocationID.NotFound"),
    (
        "NAT gateway",
        NatGateway("10.0.0.0/20", TAGS, id="nat-1"),
        "delete_nat_gateway",
        {"NatGatewayId": "nat-1"},
        "NatGatewayNotFound",
    ),
    (
        "VPC",
        Vpc("10.0.0.0/16", True, True, TAGS, id="vpc-1"),
        "delete_vpc",
        {"VpcId": "vpc-1"},
        "InvalidVpcID.NotFound",
    ),
]


@pytest.mark.parametrize(("kind", "have", "call", "request_", "code"), GONE)
def test_what_is_gone_already_is_deleted(kind, have, call, request_, code):
    make(kind, "goals", None, have, (call, request_, code))


def interfaces(filter_, *found):
    return "describe_network_interfaces", {"Filters": [filter_]}, {"NetworkInterfaces": list(found)}


def test_a_subnet_waits_for_interfaces_that_aws_removes_and_names_others():
    delete = ("delete_subnet", {"SubnetId": "subnet-1"}, "DependencyViolation")
    in_subnet = where("subnet-id", "subnet-1")
    balancer = {"NetworkInterfaceId": "eni-1", "Description": "ELB app/goals/1", "RequesterManaged": True}
    guest = {"NetworkInterfaceId": "eni-2", "Description": "", "Attachment": {"InstanceId": "i-1"}}
    make(
        *("subnet", "public us-east-1a", None, SUBNET),
        *(delete, interfaces(in_subnet, balancer), (delete[0], delete[1], {})),
    )
    with pytest.raises(StackError, match=r"used by network interface eni-2 \(instance i-1\)\. Remove that first"):
        make("subnet", "public a", None, SUBNET, delete, interfaces(in_subnet, balancer, guest))


def test_a_subnet_names_an_endpoint_that_stays_and_waits_for_one_that_goes():
    delete = ("delete_subnet", {"SubnetId": "subnet-1"}, "DependencyViolation")
    held = {"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "InterfaceType": "vpc_endpoint", "RequesterManaged": True}
    found = interfaces(where("subnet-id", "subnet-1"), {**held, "Description": "VPC Endpoint Interface vpce-1"})

    def endpoint(state):
        told = {"VpcEndpointId": "vpce-1", "State": state, "NetworkInterfaceIds": ["eni-1"]}
        return "describe_vpc_endpoints", {"Filters": [where("vpc-id", "vpc-1")]}, {"VpcEndpoints": [told]}

    make("subnet", "app a", None, SUBNET, delete, found, endpoint("deleting"), (delete[0], delete[1], {}))
    with pytest.raises(StackError, match=r"interface eni-1 \(VPC Endpoint Interface vpce-1\)\. Remove that first"):
        make("subnet", "app a", None, SUBNET, delete, found, endpoint("available"))


def test_a_subnet_is_left_by_endpoints_of_the_networks_own_that_are_in_one_that_stays():
    delete = ("delete_subnet", {"SubnetId": "subnet-1"}, "DependencyViolation")
    held = {"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "InterfaceType": "vpc_endpoint", "RequesterManaged": True}
    found = interfaces(where("subnet-id", "subnet-1"), {**held, "Description": "VPC Endpoint Interface vpce-1"})
    going = replace(SUBNET, staying=("subnet-2",))
    leave = ("modify_vpc_endpoint", {"VpcEndpointId": "vpce-1", "RemoveSubnetIds": ["subnet-1"]})

    def endpoint(subnets, owner="goals"):
        told = {"VpcEndpointId": "vpce-1", "State": "available", "NetworkInterfaceIds": ["eni-1"], "SubnetIds": subnets}
        told["Tags"] = [{"Key": "ha_stack:network", "Value": owner}]
        return "describe_vpc_endpoints", {"Filters": [where("vpc-id", "vpc-1")]}, {"VpcEndpoints": [told]}

    make(
        *("subnet", "app a", None, going),
        *(delete, found, endpoint(["subnet-1", "subnet-2"]), (*leave, "IncorrectState"), (*leave, {"Return": True})),
        *(delete, found, endpoint(["subnet-2"]), (delete[0], delete[1], {})),
    )
    for held in (endpoint(["subnet-1", "subnet-3"]), endpoint(["subnet-1", "subnet-2"], owner="other")):
        with pytest.raises(StackError, match=r"interface eni-1 \(VPC Endpoint Interface vpce-1\)\. Remove that first"):
            make("subnet", "app a", None, going, delete, found, held)


def test_an_internet_gateway_is_detached_once_no_interface_has_a_public_address():
    detach = {"InternetGatewayId": "igw-1", "VpcId": "vpc-1"}
    private = {"NetworkInterfaceId": "eni-1", "Attachment": {"InstanceId": "i-1"}}
    public = {
        **{"NetworkInterfaceId": "eni-2", "RequesterManaged": True},
        "Association": {"PublicIp": "192.0.2.1"},
    }
    make(
        *("internet gateway", "goals", None, InternetGateway(True, TAGS, "igw-1")),
        ("detach_internet_gateway", detach, "DependencyViolation"),
        interfaces(where("vpc-id", "vpc-1"), private, public),
        ("detach_internet_gateway", detach, {}),
        ("delete_internet_gateway", {"InternetGatewayId": "igw-1"}, {}),
    )


def test_tags_that_differ_are_put_and_the_others_taken_away():
    have = Address({"Name": "goals", "a": "1", "b": "2"}, id="eipalloc-1")
    make(
        *("Elastic IP", "us-east-1a", Address({"Name": "goals", "a": "3"}), have),
        ("create_tags", {"Resources": ["eipalloc-1"], "Tags": [{"Key": "a", "Value": "3"}]}, {}),
        ("delete_tags", {"Resources": ["eipalloc-1"], "Tags": [{"Key": "b"}]}, {}),
    )


def test_a_zone_without_a_subnet_is_asked_for_and_refused_if_there_is_none():
    nothing = [("describe_vpcs", None, {"Vpcs": []}), ("describe_addresses", None, {"Addresses": []})]
    offered = ("describe_availability_zones", {}, {"AvailabilityZones": [{"ZoneName": "us-east-1a"}]})
    with stubbed("ec2", name="goals") as (session, stub):
        expect(stub, [*nothing, offered])
        assert api.read(session, Network(name="goals", zones=("us-east-1a",))) is None
        expect(stub, [*nothing, offered])
        with pytest.raises(StackError, match=r"us-east-1z is not offered to this account\. Choose from us-east-1a"):
            api.read(session, Network(name="goals", zones=("us-east-1a", "us-east-1z")))
