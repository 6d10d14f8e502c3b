"""What should change about a network, and in which order, as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model import network as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.network import (
    Address,
    NatGateway,
    Network,
    Subnet,
    from_params,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.network import corrections, fitted, plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import COMMON_OPTIONS

A, B, C = "us-east-1a", "us-east-1b", "us-east-1c"


def params(**given):
    options = {"name": "goals", "availability_zones": [A, B], **given}
    return ArgumentSpecValidator({**COMMON_OPTIONS, **model.OPTIONS}).validate(options).validated_parameters


def built(**given):
    """The network as it is once ``given`` is carried out, with ids that tell what they are of."""
    want = fitted(from_params(params(**given)), Network(name="goals"))
    tables = tuple(replace(each, id=f"rtb-{'-'.join(filter(None, each.key))}") for each in want.route_tables)
    ids = {table.key: table.id for table in tables}
    nats = tuple(
        replace(nat, id=f"nat-{nat.zone}", state="available", allocation_id=f"eipalloc-{nat.zone}")
        for nat in want.nat_gateways
    )
    by_cidr = {nat.subnet: nat.id for nat in nats}
    return replace(
        want,
        vpc=replace(want.vpc, id="vpc-1"),
        internet_gateway=replace(want.internet_gateway, id="igw-1") if want.internet_gateway else None,
        subnets=tuple(
            replace(each, id=f"subnet-{each.tier}-{each.zone}", route_table_id=ids[each.table]) for each in want.subnets
        ),
        route_tables=tuple(replace(each, target=by_cidr.get(each.nat_subnet) or target(each)) for each in tables),
        nat_gateways=nats,
        addresses=tuple(replace(each, id=f"eipalloc-{each.zone}") for each in want.addresses),
    )


def target(table):
    return "igw-1" if table.route == "internet" else None


def changes(have, want_absent=False, **given):
    options = params(**given)
    return plan(None if want_absent else from_params(options), have, options)


def told(have, **given):
    return [str(change) for change in changes(have, **given)]


PER_AZ = {"nat_gateways": "per_az"}


@pytest.mark.parametrize("given", [{}, PER_AZ, {"availability_zones": [A, B, C], "tags": {"stack": "goals"}}])
def test_what_is_built_stays(given):
    assert told(built(**given), **given) == []


def with_subnet(network, at_tier, at_zone, **other):
    """``network`` with ``other`` fields in one of its subnets."""
    subnets = (
        replace(each, **other) if (each.tier, each.zone) == (at_tier, at_zone) else each for each in network.subnets
    )
    return replace(network, subnets=tuple(subnets))


def with_table(network, tier, **other):
    tables = (replace(each, **other) if each.tier == tier else each for each in network.route_tables)
    return replace(network, route_tables=tuple(tables))


def with_nat(network, **other):
    return replace(network, nat_gateways=(replace(network.nat_gateways[0], **other), *network.nat_gateways[1:]))


HAVE = built()
FOREIGN = Subnet(A, "10.0.240.0/24", False, None, {}, id="subnet-9", own=False)
GUEST = NatGateway("10.0.240.0/24", {}, A, "nat-guest", state="available", own=False)

DRIFTS = [
    pytest.param(replace(HAVE, subnets=(*HAVE.subnets, FOREIGN)), [], id="another one's subnet"),
    pytest.param(replace(HAVE, nat_gateways=(*HAVE.nat_gateways, GUEST)), [], id="another one's NAT gateway"),
    pytest.param(
        replace(HAVE, vpc=replace(HAVE.vpc, enable_dns_hostnames=False)), ["update VPC goals"], id="attribute"
    ),
    pytest.param(with_subnet(HAVE, "app", A, tags={}), [f"update subnet app {A}"], id="a subnet's tags"),
    pytest.param(
        with_subnet(HAVE, "app", A, tags={}, tier="", own=False), [f"update subnet app {A}"], id="a subnet taken over"
    ),
    pytest.param(
        with_subnet(HAVE, "database", B, route_table_id=None), [f"update subnet database {B}"], id="main table"
    ),
    pytest.param(
        with_table(HAVE, "app", target="igw-1", route="internet"), ["update route table app"], id="led astray"
    ),
    pytest.param(
        with_table(HAVE, "database", target="igw-1", route="internet"), ["update route table database"], id="let out"
    ),
    pytest.param(
        replace(HAVE, internet_gateway=replace(HAVE.internet_gateway, attached=False)),
        ["update internet gateway goals"],
        id="internet gateway detached",
    ),
    pytest.param(
        replace(HAVE, internet_gateway=None),
        ["create internet gateway goals", "update route table public"],
        id="internet gateway gone",
    ),
    pytest.param(
        replace(HAVE, nat_gateways=()), [f"create NAT gateway {A}", "update route table app"], id="NAT gateway gone"
    ),
    pytest.param(
        with_nat(HAVE, state="failed"),
        [f"delete NAT gateway {A}", f"create NAT gateway {A}", "update route table app"],
        id="NAT gateway failed: its Elastic IP serves the next one",
    ),
    pytest.param(
        with_nat(HAVE, state="deleting"),
        [
            f"create Elastic IP {A}",
            f"create NAT gateway {A}",
            "update route table app",
            "delete Elastic IP (known after apply)",
        ],
        id="NAT gateway going: it still holds its Elastic IP",
    ),
    pytest.param(with_nat(HAVE, own=False, tags={}), [f"update NAT gateway {A}"], id="a NAT gateway taken over"),
    pytest.param(replace(HAVE, addresses=()), [f"update Elastic IP {A}"], id="an Elastic IP without its tags"),
    pytest.param(
        replace(HAVE, addresses=(*HAVE.addresses, Address({}, "", "eipalloc-9", "192.0.2.9"))),
        ["delete Elastic IP 192.0.2.9"],
        id="an Elastic IP left over",
    ),
    pytest.param(
        replace(HAVE, route_tables=(*HAVE.route_tables, replace(HAVE.route_tables[0], id="rtb-9"))),
        ["delete route table public"],
        id="a route table left over",
    ),
]


@pytest.mark.parametrize(("have", "plan"), DRIFTS)
def test_drift(have, plan):
    assert told(have) == plan


def test_an_elastic_ip_from_a_run_that_was_cut_short_is_used():
    cut = replace(HAVE, nat_gateways=(), route_tables=HAVE.route_tables[:1], subnets=HAVE.subnets[:2])
    made = changes(cut)
    assert not any(change.kind == "Elastic IP" for change in made)
    assert next(change.want.allocation_id for change in made if change.kind == "NAT gateway") == f"eipalloc-{A}"


def test_from_single_to_one_a_zone():
    """The NAT gateway that serves goes on serving; subnets move to tables of their zone; the shared table goes last."""
    assert told(HAVE, **PER_AZ) == [
        f"create Elastic IP {B}",
        f"create NAT gateway {B}",
        f"create route table app {A}",
        f"create route table app {B}",
        f"update subnet app {A}",
        f"update subnet app {B}",
        "delete route table app",
    ]


def test_from_one_a_zone_to_single():
    assert told(built(**PER_AZ)) == [
        "create route table app",
        f"update subnet app {A}",
        f"update subnet app {B}",
        f"delete NAT gateway {B}",
        "delete Elastic IP (known after apply)",
        f"delete route table app {A}",
        f"delete route table app {B}",
    ]


def test_to_none():
    tiers = [{"name": "public", "route": "internet"}, {"name": "app", "route": "none"}]
    have = built(tiers=[tiers[0], {"name": "app", "route": "nat"}])
    assert told(have, tiers=tiers, nat_gateways="none") == [
        "update route table app",
        f"delete NAT gateway {A}",
        "delete Elastic IP (known after apply)",
    ]


def test_a_single_nat_gateway_stays_in_its_zone():
    assert told(HAVE, availability_zones=[B, A]) == []


def test_the_zone_of_the_single_nat_gateway_leaves():
    """What is behind it is led elsewhere first, and its own subnet goes after it."""
    made = told(built(availability_zones=[A, B, C]), availability_zones=[B, C])
    assert made == [
        f"create Elastic IP {B}",
        f"create NAT gateway {B}",
        "update route table app",
        f"delete subnet app {A}",
        f"delete subnet database {A}",
        f"delete NAT gateway {A}",
        "delete Elastic IP (known after apply)",
        f"delete subnet public {A}",
    ]


def test_the_whole_order_of_making_and_of_removing():
    made = told(None, availability_zones=[A, B], **PER_AZ)
    kinds = [change.removeprefix("create ").partition(" goals")[0] for change in made]
    assert kinds[:3] == ["VPC", "internet gateway", "route table public"]
    assert kinds.index(f"NAT gateway {B}") < kinds.index(f"route table app {A}") < kinds.index(f"subnet app {A}")
    gone = [str(change) for change in changes(built(**PER_AZ), want_absent=True)]
    assert gone == [
        *(f"delete subnet {tier} {zone}" for tier in ("app", "database") for zone in (A, B)),
        *(f"delete NAT gateway {zone}" for zone in (A, B)),
        *["delete Elastic IP (known after apply)"] * 2,
        *(f"delete subnet public {zone}" for zone in (A, B)),
        *(f"delete route table {table}" for table in ("public", f"app {A}", f"app {B}", "database")),
        "delete internet gateway goals",
        "delete VPC goals",
    ]


def test_absent_leaves_what_is_anothers():
    gateway = replace(HAVE.internet_gateway, own=False)
    have = Network(name="goals", internet_gateway=gateway, subnets=(FOREIGN,), nat_gateways=(GUEST,))
    assert changes(have, want_absent=True) == ()
    assert changes(None, want_absent=True) == ()


def test_absent_refuses_a_vpc_that_only_has_the_name():
    there = built()
    have = replace(there, vpc=replace(there.vpc, tags={"Name": "goals"}))
    with pytest.raises(StackError, match=r"vpc-1 has this Name but not the tag ha_stack:network=goals"):
        changes(have, want_absent=True)


@pytest.mark.parametrize(
    ("given", "after"),
    [
        pytest.param({}, None, id="no tags given: others stay"),
        pytest.param({"tags": {"a": "1"}, "purge_tags": False}, None, id="no purge"),
        pytest.param({"tags": {"a": "1"}}, {"a": "1"}, id="purge"),
        pytest.param({"tags": {}}, {}, id="an empty dictionary clears"),
    ],
)
def test_tags(given, after):
    have = replace(HAVE, vpc=replace(HAVE.vpc, tags={**HAVE.vpc.tags, "a": "1", "b": "2"}))
    found = [change.after["tags"] for change in changes(have, **given) if change.kind == "VPC"]
    assert found == ([] if after is None else [{**after, "Name": "goals", "ha_stack:network": "goals"}])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        pytest.param(
            {"cidr": "10.1.0.0/16"}, "VPC goals: cidr is '10.0.0.0/16', wanted '10.1.0.0/16'", id="VPC's range"
        ),
        pytest.param(
            {"tiers": [{"name": "public", "route": "internet", "cidrs": ["10.0.0.0/21", "10.0.16.0/20"]}]},
            rf"subnet public {A}: 10.0.0.0/21 overlaps subnet subnet-public-{A} \(10.0.0.0/20 in {A}\)",
            id="a range cut smaller",
        ),
        pytest.param(
            {"tiers": [{"name": "public", "route": "internet", "cidrs": ["10.0.16.0/20", "10.0.0.0/20"]}]},
            f"subnet public {A}: 10.0.16.0/20 overlaps subnet subnet-public-{B}",
            id="a range in another zone",
        ),
    ],
)
def test_what_aws_can_not_change_is_refused(given, message):
    with pytest.raises(StackError, match=message):
        changes(HAVE, **given)


def test_what_check_mode_tells_is_what_will_be():
    """Of what is there the ids are known, of what is to be made they are not."""
    facts = settled(from_params(params(availability_zones=[B, C], **PER_AZ)), HAVE).facts()
    assert facts["vpc_id"] == "vpc-1"
    assert facts["subnet_ids"]["app"] == [f"subnet-app-{B}", KNOWN_AFTER_APPLY]
    assert [(nat["zone"], nat["id"]) for nat in facts["nat_gateways"]] == [
        (B, KNOWN_AFTER_APPLY),
        (C, KNOWN_AFTER_APPLY),
    ]
    same = settled(from_params(params()), HAVE)
    assert same.facts() == HAVE.facts()


def test_an_elastic_ip_that_is_free_only_after_the_plan_goes_with_its_network():
    """At the plan's time the NAT gateway was gone already, and the Elastic IP not yet told to be free."""
    address = Address({"Name": "goals"}, zone="us-east-1a", id="eipalloc-1", public_ip="192.0.2.1")
    seen = Network("goals", addresses=(address,))
    assert [str(change) for change in corrections(None, seen)] == ["delete Elastic IP 192.0.2.1"]
    assert corrections(Network("goals"), seen) == ()
