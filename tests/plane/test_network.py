"""Network ACLs, security groups' egress and the loss of a NAT gateway, with real packets."""

from __future__ import annotations

import http.client
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from local_region.plane.docker.databases.postgres import answers as probe
from local_region.plane.docker.layout import EDGE
from local_region.settings import AMI_DEBIAN_12
from local_region.world import Instance, NetworkAcl, NetworkAclEntry, Rule, World
from tests.plane import site
from tests.plane.conftest import Region, wait_for

pytestmark = pytest.mark.data_plane

A, B = site.INSTANCES
NODES = {zone: f"alb-web-subnet-public-{zone}" for zone in "ab"}
TIERS = ("public", "app", "db")
ALL = (100, "allow", "-1", "0.0.0.0/0", None)


def acl(*entries: tuple[int, str, str, str, tuple[int, int] | None], direction: str = "both") -> NetworkAcl:
    """Entries as (number, action, protocol, cidr, ports), for the direction given; the other lets all pass."""
    made = []
    for way in ("ingress", "egress"):
        of_way = entries if direction in {way, "both"} else (ALL,)
        for number, action, protocol, cidr, ports in of_way:
            made.append(NetworkAclEntry(number, way, action, protocol, cidr, *(ports or ())))  # type: ignore[arg-type]
        made.append(NetworkAclEntry(32767, way, "deny", "-1", "0.0.0.0/0"))  # type: ignore[arg-type]
    return NetworkAcl("acl-drill", "vpc-1", tuple(made))


def guarded(world: World, guard: NetworkAcl, *subnet_ids: str) -> World:
    subnets = tuple(replace(s, network_acl_id=guard.id) if s.id in subnet_ids else s for s in world.subnets)
    return replace(world, subnets=subnets, network_acls=(guard,))


def answers(region: Region, body: str, address: str, port: int) -> str:
    """How a connection attempt ends: "open", "refused" (somebody is there), or "nothing" within 2 seconds."""
    code = region.run(body, f"timeout 2 bash -c 'exec 3<>/dev/tcp/{address}/{port}'").returncode
    return {0: "open", 124: "nothing"}.get(code, "refused")


@contextmanager
def conversation(address: str) -> Iterator[http.client.HTTPConnection]:
    """A connection to a node that has had an answer already."""
    connection = http.client.HTTPConnection(address, 80, timeout=3)
    connection.request("GET", "/")
    assert connection.getresponse().read()
    try:
        yield connection
    finally:
        connection.close()


def goes_on(connection: http.client.HTTPConnection) -> bool:
    try:
        connection.request("GET", "/")
        return connection.getresponse().read() != b""
    except TimeoutError:
        return False


def test_a_zone_that_is_cut_off_is_a_blackhole_until_its_acls_are_back(region: Region, outside: str) -> None:
    cut = [f"subnet-{tier}-a" for tier in TIERS]
    before = region.plane.observe().databases["goals"].zone
    member = {zone: f"10.0.2{n}.254" for n, zone in enumerate("ab")}
    with conversation(site.ALB_PUBLIC[0]) as here, conversation(site.ALB_PUBLIC[1]) as there:
        region.apply(guarded(region.world, acl(), *cut))
        wait_for("the zone's node is silent", lambda: answers(region, outside, site.ALB_PUBLIC[0], 80) == "nothing", 10)
        assert not goes_on(here)
        assert there.sock is not None
    # from the internet, from the host, between the zones, and out
    assert answers(region, outside, site.ALB_PUBLIC[1], 80) == "open"
    assert answers(region, NODES["b"], site.INSTANCES[A], 8000) == "nothing"
    assert answers(region, f"instance-{B}", member["a"], 5432) == "nothing"
    assert answers(region, f"instance-{A}", member["b"], 5432) == "nothing"
    assert answers(region, f"instance-{B}", str(EDGE), 443) == "nothing"  # the NAT gateway stands in the zone
    assert not probe(member["a"], 5432)
    assert probe(member["b"], 5432)
    # inside of a subnet, and what AWS answers from outside of the network
    assert answers(region, NODES["a"], "10.0.0.10", 9) == "refused"
    assert region.inside(A, f"getent ahostsv4 {site.DB_NAME}").returncode == 0
    token = "curl -s -m 2 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token"
    assert region.inside(A, token).stdout == "token"
    if before == "us-east-1a":
        wait_for("the database moved", lambda: region.plane.observe().databases["goals"].zone == "us-east-1b", 30)
    wait_for("the other zone serves alone", lambda: _served_by(region, site.ALB_PUBLIC[1]) == {"ip-10-0-11-11"}, 30)
    region.apply(region.world)
    wait_for("both nodes answer", lambda: all(site.get(node).status == 200 for node in site.ALB_PUBLIC), 30)
    assert answers(region, f"instance-{B}", str(EDGE), 443) == "open"


def _served_by(region: Region, node: str) -> set[str]:
    return {site.get(node).body.strip() for _ in range(4)}


# Which nodes reach the instance in subnet-app-a through an ACL of that subnet.
ENTRIES = {
    "denied first": (acl((50, "deny", "6", "10.0.0.0/24", (8000, 8000)), ALL), "b"),
    "allowed first": (acl(ALL, (200, "deny", "-1", "0.0.0.0/0", None)), "ab"),
    "only one source": (acl((100, "allow", "6", "10.0.0.0/24", (8000, 8000)), direction="ingress"), "a"),
    # stateless: the answer to what is let in goes to a port above 1023
    "no way back": (acl((100, "allow", "6", "0.0.0.0/0", (1, 1023)), direction="egress"), ""),
    "a way back to one": (acl((100, "allow", "6", "10.0.0.0/24", (1024, 65535)), direction="egress"), "a"),
}


def test_the_first_entry_that_matches_decides(region: Region) -> None:
    def reaching() -> str:
        ends = {zone: answers(region, NODES[zone], site.INSTANCES[A], 8000) for zone in "ab"}
        return "".join(zone for zone in ends if ends[zone] == "open")

    for case, (guard, wanted) in ENTRIES.items():
        region.apply(guarded(region.world, guard, "subnet-app-a"))
        wait_for(f"{case}: reached by {wanted or 'nobody'}", lambda wanted=wanted: reaching() == wanted, 15)


def test_egress_of_a_security_group(region: Region) -> None:
    to_databases = Rule("egress", "tcp", 5432, 5432, group_id="sg-db")
    groups = tuple(
        replace(g, rules=(*(r for r in g.rules if r.direction == "ingress"), to_databases)) if g.id == "sg-app" else g
        for g in region.world.security_groups
    )
    region.apply(replace(region.world, security_groups=groups))
    wait_for("no way out", lambda: answers(region, f"instance-{A}", str(EDGE), 443) == "nothing", 10)
    assert answers(region, f"instance-{A}", "10.0.20.254", 5432) == "open"
    assert site.get(site.ALB_PUBLIC[0]).status == 200  # answers to what was let in


REQUEST = r"GET /_region/status HTTP/1.1\r\nHost: x\r\n\r\n"
SCRIPT = f"""
exec 3<>/dev/tcp/{EDGE}/80
ask() {{ printf '{REQUEST}' >&3; read -t $1 -r line <&3 && echo "${{line%% *}}" || echo silent; }}
rest() {{ while read -t 1 -r line <&3; do :; done; }}
ask 5; rest
while read -r seconds; do ask $seconds; rest; done
"""


@contextmanager
def talking(region: Region) -> Iterator[subprocess.Popen[str]]:
    """An instance that asks something out there over one connection, again each time that it is told to."""
    command = ["docker", "exec", "-i", f"lr-{region.settings.name}-instance-{A}", "bash", "-c", SCRIPT]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _told(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _ask_again(process: subprocess.Popen[str], seconds: int) -> str:
    assert process.stdin is not None
    process.stdin.write(f"{seconds}\n")
    return _told(process)


def test_without_the_nat_gateway_open_connections_out_stop_too(region: Region) -> None:
    def out() -> str:
        return answers(region, f"instance-{A}", str(EDGE), 443)

    with talking(region) as process:
        assert _told(process).startswith("HTTP/")
        region.apply(guarded(region.world, acl(), "subnet-public-a"))
        wait_for("no new way out: its subnet is cut off", lambda: out() == "nothing", 20)
        assert _ask_again(process, 3) == "silent"
        region.apply(region.world)
        wait_for("a way out again", lambda: out() == "open", 20)
        assert _ask_again(process, 20).startswith("HTTP/")  # the gateway has kept its translations
        region.apply(replace(region.world, nat_gateways=()))
        wait_for("no new way out: it is deleted", lambda: out() == "nothing", 20)
        assert _ask_again(process, 3) == "silent"


def test_a_terminated_instance_leaves_its_peers_in_silence(region: Region) -> None:
    """As one whose host lost its power: no FIN, no RST, no ICMP; what was open hangs until its own timeout."""
    extra = Instance("i-0000000000000000d", AMI_DEBIAN_12, "subnet-app-a", "10.0.10.13", ("sg-app",), b"")
    region.apply(replace(region.world, instances=(*region.world.instances, extra)))
    serve = "systemd-run --quiet python3 -m http.server 8000"
    wait_for("it serves", lambda: region.run(f"instance-{extra.id}", serve).returncode == 0, 30)
    wait_for("it is reached", lambda: answers(region, NODES["b"], extra.private_ip, 8000) == "open", 20)
    listen = f"exec 3<>/dev/tcp/{extra.private_ip}/8000; echo connected; timeout 60 cat <&3"
    command = ["docker", "exec", f"lr-{region.settings.name}-{NODES['b']}", "bash", "-c", listen]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as peer:
        assert _told(peer) == "connected"
        region.apply(region.world)
        wait_for("the body is gone", lambda: region.run(f"instance-{extra.id}", "true").returncode != 0, 30)
        assert answers(region, NODES["b"], extra.private_ip, 8000) == "nothing"
        assert peer.poll() is None
        peer.kill()
