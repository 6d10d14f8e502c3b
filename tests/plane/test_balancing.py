"""The load balancer when something goes: a zone, a target, traffic moved away; and what its attributes ask for."""

from __future__ import annotations

import socket
import ssl
import threading
from dataclasses import replace

import pytest

from local_region.world import Certificate, Listener, NetworkAcl, NetworkAclEntry, World
from tests.plane import site
from tests.plane.conftest import Region, wait_for
from tests.plane.load import Load

pytestmark = pytest.mark.data_plane

A, B = site.INSTANCES
BODIES = {id_: "ip-" + address.replace(".", "-") for id_, address in site.INSTANCES.items()}


def cut_off(world: World, *subnet_ids: str) -> World:
    """Nothing passes into or out of the subnets."""
    deny = tuple(NetworkAclEntry(100, way, "deny", "-1", "0.0.0.0/0") for way in ("ingress", "egress"))
    subnets = tuple(replace(s, network_acl_id="acl-1") if s.id in subnet_ids else s for s in world.subnets)
    return replace(world, subnets=subnets, network_acls=(NetworkAcl("acl-1", "vpc-1", deny),))


def resolved(region: Region) -> set[str]:
    """What the load balancer's name stands for in the VPC."""
    found = region.inside(A, f"getent ahostsv4 {site.ALB_NAME}").stdout
    return {line.split()[0] for line in found.splitlines()}


def test_a_node_that_is_cut_off_leaves_dns_until_it_answers_again(region: Region) -> None:
    """Its eyes don't count either: what it can't reach is healthy all the same."""
    states = set()

    def named() -> set[str]:
        states.update(health.state for health in region.plane.observe().targets.values())
        return region.addresses()

    region.apply(cut_off(region.world, "subnet-public-b"))
    wait_for("the node has left DNS", lambda: named() == {site.ALB_PUBLIC[0]}, 30)
    assert resolved(region) == {site.ALB_PUBLIC[0]}
    region.apply(region.world)
    wait_for("it is back", lambda: named() == set(site.ALB_PUBLIC), 45)
    assert states == {"healthy"}
    with Load() as load:
        wait_for("100 requests", lambda: load.answers >= 100)
    assert not load.failures


AT_A_SLOW_ONE = "grep -aqxz '[s]low' /proc/[0-9]*/cmdline"  # the argument of a shell: its script


def test_a_target_comes_and_goes_without_a_failed_request(region: Region) -> None:
    """What a deregistered target has begun it ends, and its state tells when that is done."""
    key, group = (site.GROUP, A, 8000), site.target_group()
    slow: list[int] = []
    clients: list[threading.Thread] = []

    def one_more_is_at_a() -> bool:
        """Whose turn it is depends on the load: there are more slow ones until A has one."""
        client = threading.Thread(target=lambda: slow.append(site.get(site.ALB_PUBLIC[1], "/cgi-bin/slow").status))
        clients.append(client)
        client.start()
        return region.inside(A, AT_A_SLOW_ONE).returncode == 0

    with Load() as load:
        wait_for("both serve", lambda: set(load.served) == set(BODIES.values()))
        wait_for("A is at a slow one", one_more_is_at_a)
        region.apply(replace(region.world, target_groups=(site.deregistered(group, A),)))
        wait_for("draining", lambda: region.plane.observe().targets[key].state == "draining")
        wait_for("it has nothing left", lambda: key not in region.plane.observe().targets)
        ended = load.served[BODIES[A]]
        seen = load.answers
        wait_for("100 more requests", lambda: load.answers >= seen + 100)
        assert load.served[BODIES[A]] == ended
        region.apply(region.world)
        wait_for("it serves again", lambda: load.served[BODIES[A]] > ended)
        wait_for("healthy", region.healthy)
    for client in clients:
        client.join()
    assert slow == [200] * len(clients)
    assert not load.failures


def test_a_zonal_shift_moves_every_new_request_away(region: Region) -> None:
    away = replace(site.balancer(), zones_away=("us-east-1a",))
    with Load() as load:
        wait_for("both serve", lambda: set(load.served) == set(BODIES.values()))
        region.apply(replace(region.world, load_balancers=(away,)))
        wait_for("the zone's node has left DNS", lambda: region.addresses() == {site.ALB_PUBLIC[1]}, 10)

        def quiet() -> bool:
            before, seen = load.served[BODIES[A]], load.answers
            wait_for("40 more requests", lambda: load.answers >= seen + 40)
            return load.served[BODIES[A]] == before

        wait_for("no node sends the zone's target anything", quiet, 20)
        assert region.healthy()  # it is checked all the same
        region.apply(region.world)
        wait_for("it serves again", lambda: not quiet())
    assert not load.failures


def https(address: str, name: str, authority: str) -> tuple[str, dict[str, str]]:
    """The common name of the certificate that is presented for ``name``, and the target's environment."""
    context = ssl.create_default_context(cafile=authority)
    with (
        socket.create_connection((address, 443), 5) as plain,
        context.wrap_socket(plain, server_hostname=name) as connection,
    ):
        subject = dict(pair[0] for pair in connection.getpeercert()["subject"])  # type: ignore[index,misc]
        request = (
            f"GET /cgi-bin/env HTTP/1.1\r\nHost: {name}\r\nX-Forwarded-For: 203.0.113.9\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    return str(subject["commonName"]), dict(line.split("=", 1) for line in answer.splitlines() if "=" in line)


def test_certificates_by_name_headers_and_sticky_sessions(region: Region) -> None:
    certificates = tuple(Certificate(f"arn:{name}", (name,)) for name in ("one.example", "two.example"))
    forward = {"Type": "forward", "TargetGroupArn": site.GROUP}
    balancer = site.balancer()
    listeners = (*balancer.listeners, Listener("l-443", 443, "HTTPS", (forward,), certificates=certificates))
    groups = tuple(
        replace(g, rules=(*g.rules, replace(g.rules[0], from_port=443, to_port=443))) if g.id == "sg-alb" else g
        for g in region.world.security_groups
    )
    sticky = replace(site.target_group(), cookie_seconds=60)
    region.apply(
        replace(
            region.world,
            load_balancers=(replace(balancer, listeners=listeners),),
            security_groups=groups,
            target_groups=(sticky,),
        )
    )
    node, authority = site.ALB_PUBLIC[0], str(region.settings.state_dir / "ca.crt")
    presented, environment = wait_for("HTTPS", lambda: https(node, "one.example", authority), 20)
    assert presented == "one.example"
    assert https(node, "two.example", authority)[0] == "two.example"
    assert environment["HTTP_X_FORWARDED_PROTO"] == "https"
    assert environment["HTTP_X_FORWARDED_PORT"] == "443"
    assert environment["HTTP_X_FORWARDED_FOR"].startswith("203.0.113.9, ")
    assert environment["HTTP_X_AMZN_TRACE_ID"].startswith("Root=1-")
    answer = site.get(node)
    cookie = answer.headers["set-cookie"].split(";")[0]
    assert {site.get(node, headers={"Cookie": cookie}).body for _ in range(6)} == {answer.body}
    assert {site.get(node).body.strip() for _ in range(6)} == set(BODIES.values())
