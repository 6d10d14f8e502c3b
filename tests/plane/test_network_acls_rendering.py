"""Network ACLs as text: what an entry becomes, and which subnets cost no rule."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace

import pytest

from local_region.plane.docker import firewall, network_acls
from local_region.plane.docker.firewall import Fabric, Interface
from local_region.plane.docker.layout import Layout
from local_region.plane.docker.network_acls import closes, opens
from local_region.settings import Settings
from local_region.world import NetworkAcl, NetworkAclEntry
from tests.plane import site

LAYOUT = Layout(Settings(name="t"))
ALL = "0.0.0.0/0"


def entry(number: int, action: str, protocol: str = "-1", cidr: str = ALL, **more: object) -> NetworkAclEntry:
    return NetworkAclEntry(number, "ingress", action, protocol, cidr, **more)  # type: ignore[arg-type]


def both_ways(*entries: NetworkAclEntry) -> NetworkAcl:
    ways = [replace(each, direction=direction) for each in entries for direction in ("ingress", "egress")]
    return NetworkAcl("acl-1", "vpc-1", tuple(ways))


DEFAULT = both_ways(entry(100, "allow"), entry(32767, "deny"))
CLOSED = both_ways(entry(32767, "deny"))


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (entry(1, "allow", "6", from_port=80, to_port=80), "ip saddr 0.0.0.0/0 tcp dport 80-80"),
        (entry(1, "allow", "17", "10.0.0.0/8", from_port=1, to_port=9), "ip saddr 10.0.0.0/8 udp dport 1-9"),
        (entry(1, "deny", "1", icmp_type=-1, icmp_code=-1), "ip saddr 0.0.0.0/0 meta l4proto 1"),
        (entry(1, "deny", "1", icmp_type=3, icmp_code=4), "ip saddr 0.0.0.0/0 meta l4proto 1 icmp type 3 icmp code 4"),
        (entry(1, "deny", "50"), "ip saddr 0.0.0.0/0 meta l4proto 50"),
        (entry(1, "deny"), "ip saddr 0.0.0.0/0"),
        (replace(entry(1, "deny", "50"), direction="egress"), "ip daddr 0.0.0.0/0 meta l4proto 50"),
    ],
)
def test_entry(given: NetworkAclEntry, line: str) -> None:
    assert network_acls.match(given) == line


@pytest.mark.parametrize(
    ("acl", "is_open", "is_closed"),
    [
        (DEFAULT, True, False),
        (CLOSED, False, True),
        (both_ways(entry(1, "deny"), *DEFAULT.entries[::2]), False, True),  # what is behind a denial of all is dead
        (both_ways(entry(50, "deny", cidr="10.0.1.0/24"), entry(100, "allow")), False, False),
        (both_ways(entry(200, "deny", cidr="10.0.1.0/24"), entry(100, "allow")), True, False),  # first match wins
        (both_ways(entry(100, "allow", "6", from_port=80, to_port=80), entry(32767, "deny")), False, False),
        (NetworkAcl("acl-1", "vpc-1", (entry(100, "allow"),)), True, True),  # in, but nothing out
    ],
)
def test_an_acl_that_passes_everything_or_nothing_is_recognised(
    acl: NetworkAcl, is_open: bool, is_closed: bool
) -> None:
    assert (opens(acl, "ingress"), closes(acl)) == (is_open, is_closed)


def rendered(acl: NetworkAcl, *subnet_ids: str) -> str:
    world = site.network()
    subnets = tuple(replace(s, network_acl_id=acl.id) if s.id in subnet_ids else s for s in world.subnets)
    interfaces = (Interface("10.0.0.20", ("sg-alb",), "198.18.0.65"), Interface("10.0.0.10", public="198.18.0.64"))
    return firewall.render(
        LAYOUT, Fabric(world.vpcs, subnets, world.security_groups, interfaces, (("10.0.20.9", "10.0.21.9"),), (acl,))
    )


def chain(text: str, name: str) -> list[str]:
    lines = text.split(f"chain {name} {{\n", 1)[1].split("\n}", 1)[0]
    return [line.strip() for line in lines.splitlines()]


def test_an_open_acl_costs_no_rule() -> None:
    assert rendered(DEFAULT, "subnet-public-a", "subnet-app-a") == rendered(DEFAULT)


def test_entries_are_asked_in_order_where_a_boundary_is_crossed() -> None:
    acl = both_ways(entry(200, "allow"), entry(100, "deny", "6", from_port=22, to_port=22), entry(32767, "deny"))
    text = rendered(acl, "subnet-app-a")
    bridge = LAYOUT.bridge("subnet-app-a")
    assert f'iifname "{bridge}" oifname != "{bridge}" jump egress_acl_1' in chain(text, "acls")
    assert f'oifname "{bridge}" iifname != "{bridge}" jump ingress_acl_1' in chain(text, "acls")
    assert chain(text, "ingress_acl_1") == [
        "ip saddr 0.0.0.0/0 tcp dport 22-22 drop", "ip saddr 0.0.0.0/0 return", "drop",
    ]  # fmt: skip
    assert chain(text, "probe") == ["accept"]  # a port that is closed is no zone without power


def test_acls_stand_before_what_lets_known_connections_pass() -> None:
    text = rendered(CLOSED, "subnet-app-a")
    for hook, jump in (("forward", "jump acls"), ("input", "jump acls_public"), ("output", "jump acls_public")):
        lines = chain(text, hook)
        assert lines.index(jump) < lines.index("ct state established,related accept")


def test_a_cut_off_subnet_takes_its_public_addresses_and_the_probes_with_it() -> None:
    text = rendered(CLOSED, "subnet-public-a")
    bridge, outside = LAYOUT.bridge("subnet-public-a"), LAYOUT.bridge("outside")
    assert chain(text, "acls_public") == [
        f'iifname "{outside}" ip saddr {{ 198.18.0.64, 198.18.0.65 }} jump egress_acl_1',
        f'oifname "{outside}" ip daddr {{ 198.18.0.64, 198.18.0.65 }} jump ingress_acl_1',
    ]
    assert chain(text, "acls_of_peers") == [f'iifname {{ "{bridge}" }} drop', f'oifname {{ "{bridge}" }} drop']
    assert chain(text, "probe") == [
        f'oifname {{ "{bridge}" }} drop', "ip daddr { 198.18.0.64, 198.18.0.65 } drop", "accept",
    ]  # fmt: skip


@pytest.mark.skipif(shutil.which("nft") is None, reason="nft is not installed")
@pytest.mark.parametrize("subnets", [[], ["subnet-app-a"], [s.id for s in site.network().subnets]])
def test_nft_takes_every_entry(subnets: list[str]) -> None:
    entries = (
        entry(1, "allow", "6", from_port=80, to_port=80), entry(2, "deny", "17", from_port=0, to_port=65535),
        entry(3, "deny", "1", icmp_type=3, icmp_code=4), entry(4, "allow", "1", icmp_type=-1, icmp_code=-1),
        entry(5, "deny", "50"), entry(6, "allow", cidr="10.0.0.0/8"), entry(32767, "deny"),
    )  # fmt: skip
    for acl in (both_ways(*entries), CLOSED, DEFAULT):
        script = rendered(acl, *subnets)
        done = subprocess.run(["nft", "--check", "-f", "-"], input=script, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr + script
