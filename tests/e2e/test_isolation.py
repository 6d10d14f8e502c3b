"""Who can connect to what, tried from the bodies on the data plane: only the wished-for connections pass."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2 as httpx
import pytest

from tests.e2e import test_claims as claims
from tests.e2e.conftest import body, make, until

pytestmark = pytest.mark.e2e

PROBE = "exec 3<>/dev/tcp/{address}/{port}"


def connects(container: Any, address: str, port: int) -> bool:
    """Whether a TCP connection from inside the container succeeds within 3 seconds."""
    probe = PROBE.format(address=address, port=port)
    return container.exec_run(["timeout", "3", "bash", "-c", probe]).exit_code == 0


def test_only_the_allowed_connections_pass(site, bodies, stranger, outsider):
    backends = site.instances()
    backend = backends[0]["PrivateIpAddress"]
    balancer = body(bodies, "alb")
    entry = socket.gethostbyname(site.load_balancer()["DNSName"])
    database = site.database()["Endpoint"]["Address"]
    inside = body(bodies, "instance", backends[1]["InstanceId"])
    address = inside.exec_run(["getent", "hosts", database]).output.decode().split()[0]
    attempts = {
        ("outside", "load balancer 80"): (outsider, entry, 80),
        ("load balancer", "backend 8000"): (balancer, backend, 8000),
        ("backend", "database 5432"): (inside, address, 5432),
        ("outside", "backend 8000"): (outsider, backend, 8000),
        ("outside", "backend 22"): (outsider, backend, 22),
        ("outside", "database 5432"): (outsider, address, 5432),
        ("load balancer", "backend 22"): (balancer, backend, 22),
        ("load balancer", "database 5432"): (balancer, address, 5432),
        ("stranger", "backend 8000"): (stranger, backend, 8000),
        ("stranger", "backend 22"): (stranger, backend, 22),
        ("stranger", "database 5432"): (stranger, address, 5432),
        ("backend", "backend 8000"): (inside, backend, 8000),
    }
    with ThreadPoolExecutor(len(attempts)) as threads:
        succeeded = list(threads.map(lambda attempt: connects(*attempt), attempts.values()))
    passed = [attempt for attempt, success in zip(attempts, succeeded, strict=True) if success]
    assert passed == list(attempts)[:3]


def test_the_standby_is_synchronous(site, bodies):
    """Asked of PostgreSQL itself: the primary is the one that has a standby attached."""
    question = ["psql", "-U", "rdsadmin", "-d", "postgres", "-Atc", "select sync_state from pg_stat_replication"]
    answers = [found.exec_run(question, user="postgres").output for (kind, *_), found in bodies.items() if kind == "db"]
    assert sorted(answers) == [b"", b"sync\n"]


def one_serves_all(url: str) -> bool:
    """Whether 40 requests in a row are answered, all by the same instance."""
    try:
        return len({httpx.get(url, timeout=3).headers["x-served-by"] for _ in range(40)}) == 1
    except httpx.TimeoutException:
        return False


def loses_its_traffic(site, hung: str, within: float = 60) -> None:
    """An instance that doesn't answer becomes unhealthy, and gets no more requests."""
    gone = {"unhealthy", "draining", None}
    until(lambda: site.health().get(hung) in gone, timeout=within, what="the target is unhealthy")
    # Each of the load balancer's nodes checks for itself: the second may find out one check later.
    until(lambda: one_serves_all(site.api), timeout=20, what="one instance serves every request")


def test_an_unhealthy_instance_gets_no_traffic_and_is_replaced(site, bodies):
    """The application hangs in one instance: all requests go to the other one, and the group heals itself."""
    hung, well = (instance["InstanceId"] for instance in site.instances())
    body(bodies, "instance", hung).exec_run(["docker", "kill", "--signal", "STOP", "backend"])
    loses_its_traffic(site, hung)
    assert site.health()[well] == "healthy"

    def healed() -> bool:
        health = site.health()
        return hung not in health and sorted(health.values()) == ["healthy"] * 2

    until(healed, timeout=180, what="the group has replaced the instance")
    assert sorted(i["Placement"]["AvailabilityZone"] for i in site.instances()) == ["us-east-1a", "us-east-1b"]


def test_egress_needs_the_nat_gateway(site, bodies):
    """Without its NAT gateway an instance reaches nothing outside; the next run of the site mends it."""
    machine = body(bodies, "instance", site.instances()[0]["InstanceId"])
    outside = site.region["registry"]["host"]
    assert connects(machine, outside, 443)
    for gateway in site.aws("ec2", "describe-nat-gateways")["NatGateways"]:
        site.aws("ec2", "delete-nat-gateway", "--nat-gateway-id", gateway["NatGatewayId"])
    until(lambda: not connects(machine, outside, 443), timeout=60, what="egress has stopped")
    with pytest.raises(AssertionError):
        claims.test_private_subnets_leave_through_the_nat_gateway(site)
    make("site")
    until(lambda: connects(machine, outside, 443), timeout=60, what="egress is back")
