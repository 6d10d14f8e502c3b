"""The pure parts: worlds in, text or plans out. No engine and no root needed, but for nft's own check."""

from __future__ import annotations

import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from local_region.plane.docker import firewall, names, routing
from local_region.plane.docker.addresses import AddressBook
from local_region.plane.docker.ca import Authority, write_private
from local_region.plane.docker.databases.postgres import scram_verifier
from local_region.plane.docker.firewall import Fabric, Interface
from local_region.plane.docker.layout import Layout
from local_region.plane.docker.plane import _overlaps, _without
from local_region.plane.docker.workqueue import NotReady, WorkQueue
from local_region.settings import Settings
from local_region.world import Route, RouteTable, Rule, SecurityGroup, Subnet, Vpc, World
from tests.plane import site

LAYOUT = Layout(Settings(name="t"))


def fabric(*rules: Rule) -> Fabric:
    groups = (SecurityGroup("sg-1", "vpc-1", rules), SecurityGroup("sg-2", "vpc-1", ()))
    interfaces = (Interface("10.0.0.5", ("sg-1",)), Interface("10.0.0.6", ("sg-2",)), Interface("10.0.0.7"))
    return Fabric((Vpc("vpc-1", "10.0.0.0/16", None),), (), groups, interfaces)


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (Rule("ingress", "tcp", 80, 80, cidr="0.0.0.0/0"), "ip saddr 0.0.0.0/0 tcp dport 80 accept"),
        (Rule("ingress", "udp", 1, 9, cidr="10.1.0.0/16"), "ip saddr 10.1.0.0/16 udp dport 1-9 accept"),
        (Rule("ingress", "icmp", None, None, cidr="10.1.0.0/16"), "ip saddr 10.1.0.0/16 meta l4proto icmp accept"),
        (Rule("ingress", "-1", None, None, group_id="sg-2"), "ip saddr @g_sg_2 accept"),
        (Rule("egress", "tcp", 5432, 5432, group_id="sg-2"), "ip daddr @g_sg_2 tcp dport 5432 goto ingress"),
        (Rule("egress", "-1", None, None, cidr="0.0.0.0/0"), "ip daddr 0.0.0.0/0 goto ingress"),
    ],
)
def test_security_group_rule(rule: Rule, line: str) -> None:
    assert line in [text.strip() for text in firewall.render(LAYOUT, fabric(rule)).splitlines()]


def test_members_of_a_group_are_its_private_addresses() -> None:
    public = replace(fabric(), interfaces=(Interface("10.0.0.5", ("sg-1",), "198.18.0.70"),))
    text = firewall.render(LAYOUT, public)
    assert "set g_sg_1 { type ipv4_addr; elements = { 10.0.0.5 }; }" in text
    assert "198.18.0.70 : jump i_" in text


@pytest.mark.skipif(shutil.which("nft") is None, reason="nft is not installed")
@pytest.mark.parametrize("world", [World(), site.network()], ids=["empty", "site"])
def test_nft_takes_the_table(world: World) -> None:
    script = firewall.render(LAYOUT, Fabric(world.vpcs, world.subnets, world.security_groups, fabric().interfaces))
    done = subprocess.run(["nft", "--check", "-f", "-"], input=script, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_routes_of_the_tiers() -> None:
    rules, routes = routing.desired(LAYOUT, site.network())
    numbers = routing.table_numbers(s.id for s in site.network().subnets)
    via_nat = {r.table for r in routes if r.via == "10.0.0.10" and r.device == LAYOUT.bridge("subnet-public-a")}
    assert via_nat == {numbers["subnet-app-a"], numbers["subnet-app-b"]}
    blackholes = {r.table for r in routes if r.via is None and r.destination == "0.0.0.0/0"}
    assert blackholes == set(numbers.values()) - via_nat
    assert {r.source for r in rules if r.preference == routing.SUBNET_PREFERENCE} == {
        s.cidr for s in site.network().subnets
    }


@pytest.mark.parametrize("lost", ["gateway", "its internet", "route"])
def test_without_a_working_nat_gateway_there_is_a_blackhole(lost: str) -> None:
    world = site.network()
    if lost == "gateway":
        world = replace(world, nat_gateways=())
    elif lost == "its internet":
        world = replace(world, vpcs=(replace(world.vpcs[0], internet_gateway_id=None),))
    else:
        tables = tuple(
            replace(t, routes=(Route("0.0.0.0/0", ""),)) if t.id == "rtb-app" else t for t in world.route_tables
        )
        world = replace(world, route_tables=tables)
    assert all(route.via is None for route in routing.desired(LAYOUT, world)[1])


def test_specific_route_through_a_nat_gateway() -> None:
    world = site.network()
    table = RouteTable("rtb-db", "vpc-1", (Route("203.0.113.0/24", "nat-1"),))
    world = replace(world, route_tables=(*world.route_tables[:2], table))
    number = routing.table_numbers(s.id for s in world.subnets)["subnet-db-a"]
    found = {r.destination: r.via for r in routing.desired(LAYOUT, world)[1] if r.table == number}
    assert found == {"0.0.0.0/0": None, "203.0.113.0/24": "10.0.0.10"}


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "10.0.128.0/17", "198.18.0.0/16"])
def test_a_vpc_that_overlaps_gets_no_body_and_takes_none_away(cidr: str) -> None:
    world = site.site(b"")
    second = replace(
        world,
        vpcs=(*world.vpcs, Vpc("vpc-2", cidr, None)),
        subnets=(*world.subnets, Subnet("subnet-2", "vpc-2", cidr, "us-east-1a", "rtb-2")),
        instances=(*world.instances, replace(world.instances[0], id="i-2", subnet_id="subnet-2")),
    )
    refused = _overlaps(second)
    assert refused.keys() == {"vpc-2"}
    assert cidr in refused["vpc-2"]
    assert _without(second, refused) == world
    assert _overlaps(world) == {}


def test_hosts_block_comes_and_goes(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n")
    names.write_hosts_block(LAYOUT, {"a.example": ("198.18.0.65", "198.18.0.66")}, hosts)
    names.write_hosts_block(Layout(Settings(name="other")), {"b.example": ("198.18.0.67",)}, hosts)
    names.write_hosts_block(LAYOUT, {"c.example": ("198.18.0.68",)}, hosts)
    assert names.regions(hosts) == {LAYOUT.name, "other"}
    assert "a.example" not in hosts.read_text()
    assert "198.18.0.68 c.example" in hosts.read_text()
    names.write_hosts_block(LAYOUT, {}, hosts)
    names.write_hosts_block(Layout(Settings(name="other")), {}, hosts)
    assert hosts.read_text() == "127.0.0.1 localhost\n"


def test_addresses_come_from_the_top_and_stay() -> None:
    book, subnet = AddressBook(), Subnet("s", "v", "10.0.20.0/28", "a", "r")
    assert [book.take(subnet, owner) for owner in ("x", "y", "x")] == ["10.0.20.14", "10.0.20.13", "10.0.20.14"]
    book.give_back("x")
    assert book.take(subnet, "z") == "10.0.20.14"
    for number in range(9):  # 16 addresses, of which AWS reserves 5 and two are taken
        book.take(subnet, str(number))
    with pytest.raises(LookupError, match="no free address"):
        book.take(subnet, "one too many")


def test_scram_verifier_is_the_one_of_rfc_7677() -> None:
    """RFC 7677's example: user "user", password "pencil"."""
    import base64

    verifier = scram_verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096)
    assert verifier == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
        "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )


def test_secret_files_are_private(tmp_path: Path) -> None:
    write_private(tmp_path / "a" / "b", b"x")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_issued_certificate_verifies(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "secrets", tmp_path / "ca.crt", "t")
    issued = Authority(tmp_path / "secrets", tmp_path / "ca.crt", "t").issue("a.example", "*.b.example")
    (tmp_path / "leaf.crt").write_bytes(issued.certificate)
    assert authority.pem == (tmp_path / "ca.crt").read_bytes()
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "ca.crt", "-verify_hostname", "x.b.example", "leaf.crt"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_queue_never_works_on_a_key_twice_at_once_and_tries_again() -> None:
    busy, seen, done = set(), [], threading.Event()

    def work(key: object) -> None:
        assert key not in busy
        busy.add(key)
        seen.append(key)
        busy.discard(key)
        if seen.count("flaky") == 1:
            raise NotReady("not yet")
        if seen.count("flaky") == 2:
            raise ValueError("broken")
        if seen.count("flaky") == 3:
            done.set()

    queue = WorkQueue(work, 3)
    for _ in range(50):
        queue.add("steady")
    queue.add("flaky")
    assert done.wait(5)
    queue.close()
    assert seen.count("flaky") >= 3
    assert "steady" in seen
