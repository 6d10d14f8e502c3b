"""How a VPC's addresses are shared out: examples, and what holds for every size."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.addressing import (
    Occupied,
    choices,
    place,
    subnet_prefix,
)
from hypothesis import given, settings
from hypothesis import strategies as st

VPC = IPv4Network("10.0.0.0/16")
TIERS, ZONES = ("public", "app", "database"), ("a", "b")


def wants(tiers=TIERS, zones=ZONES, vpc=VPC):
    options = choices(vpc, len(tiers), len(zones))
    return {(tier, zone): options[i, j] for i, tier in enumerate(tiers) for j, zone in enumerate(zones)}


def there(placed):
    return [Occupied(cidr, zone, tier) for (tier, zone), cidr in placed.items()]


def test_on_empty_ground():
    assert place(wants(), ()) == {
        ("public", "a"): "10.0.0.0/20",
        ("public", "b"): "10.0.16.0/20",
        ("app", "a"): "10.0.64.0/20",
        ("app", "b"): "10.0.80.0/20",
        ("database", "a"): "10.0.128.0/20",
        ("database", "b"): "10.0.144.0/20",
    }


BUILT = place(wants(), ())


@pytest.mark.parametrize(
    ("tiers", "zones", "added"),
    [
        pytest.param(TIERS, ("b", "a"), {}, id="zones in another order"),
        pytest.param(TIERS, ("a", "b", "c"), {("app", "c"): "10.0.96.0/20"}, id="a third zone"),
        pytest.param(TIERS, ("c", "b"), {("app", "c"): "10.0.96.0/20"}, id="a zone in another's stead"),
        pytest.param((*TIERS, "cache"), ZONES, {("cache", "a"): "10.0.192.0/20"}, id="a fourth tier"),
        pytest.param((*TIERS, "x", "y"), ZONES, {("y", "a"): "10.0.160.0/21"}, id="a fifth tier"),
        pytest.param(("cache", *TIERS), ZONES, {("cache", "a"): "10.0.32.0/20"}, id="a tier in front"),
        pytest.param(("app",), ZONES, {}, id="tiers go"),
    ],
)
def test_what_is_there_stays(tiers, zones, added):
    placed = place(wants(tiers, zones), there(BUILT))
    assert {where: cidr for where, cidr in placed.items() if where in BUILT}.items() <= BUILT.items()
    assert added.items() <= placed.items()


@pytest.mark.parametrize(
    ("subnets", "cidr"),
    [
        pytest.param([], "10.0.0.0/20", id="free"),
        pytest.param([Occupied("10.0.0.0/20", "a")], "10.0.0.0/20", id="no one's, in its zone: taken over"),
        pytest.param([Occupied("10.0.0.0/20", "b")], "10.0.32.0/20", id="no one's, in another zone"),
        pytest.param([Occupied("10.0.8.0/24", "a")], "10.0.32.0/20", id="overlapped"),
        pytest.param([Occupied("10.0.240.0/20", "a", "public")], "10.0.240.0/20", id="the tier's own, elsewhere"),
        pytest.param([Occupied("10.0.0.0/18", "a")], "10.0.192.0/20", id="its block is taken: a block of no tier's"),
    ],
)
def test_a_derived_range(subnets, cidr):
    assert place(wants(), subnets)["public", "a"] == cidr


def test_a_given_range_comes_first_and_others_keep_off_it():
    options = {**wants(), ("app", "a"): ("10.0.0.0/17",)}
    placed = place(options, ())
    assert placed["app", "a"] == "10.0.0.0/17"
    assert placed["public", "a"] == "10.0.192.0/20"


def test_no_room():
    with pytest.raises(ValueError, match="public a"):
        place(wants(), [Occupied("10.0.0.0/16", "b")])


@settings(deadline=None)
@given(prefix=st.integers(16, 22), tiers=st.integers(1, 9), zones=st.integers(2, 6), more=st.integers(0, 3))
def test_subnets_lie_in_the_vpc_share_nothing_and_stay(prefix, tiers, zones, more):
    vpc = IPv4Network((int(IPv4Network("10.0.0.0/8").network_address), prefix))
    tier_names, zone_names = [f"t{i}" for i in range(tiers)], [f"z{i}" for i in range(zones + more)]
    before = place(wants(tier_names, zone_names[:zones], vpc), ())
    assert len(before) == tiers * zones
    networks = [IPv4Network(cidr) for cidr in before.values()]
    assert all(network.subnet_of(vpc) for network in networks)
    assert {network.prefixlen for network in networks} == {subnet_prefix(vpc, tiers, zones)}
    assert not any(one.overlaps(other) for one, other in combinations(networks, 2))
    if zones + more <= 4:
        assert before.items() <= place(wants(tier_names, zone_names, vpc), there(before)).items()
