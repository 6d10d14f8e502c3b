"""The whole site on real containers: what passes, what doesn't, and what the plane says of it."""

from __future__ import annotations

import collections
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from local_region.plane.docker.layout import EDGE, REGISTRY, REGISTRY_HOST
from local_region.settings import AMI_DEBIAN_12
from local_region.world import Instance, Listener, Target
from tests.plane import site
from tests.plane.conftest import Region, wait_for
from tests.plane.load import Load

pytestmark = pytest.mark.data_plane

A, B = site.INSTANCES
HOSTNAMES = {"ip-" + address.replace(".", "-") for address in site.INSTANCES.values()}


def _in_a_row(count: int) -> bool:
    """Whether so many requests in a row succeed at each node."""
    return all(site.get(node).status == 200 for node in site.ALB_PUBLIC for _ in range(count))


def test_comes_up_in_time(region: Region) -> None:
    assert region.seconds_to_answer < 60


def test_each_target_gets_its_share(region: Region) -> None:
    got = collections.Counter(site.get(site.ALB_PUBLIC[0]).body.strip() for _ in range(100))
    assert got == dict.fromkeys(HOSTNAMES, 50)


def test_forwarded_headers(region: Region, outside: str) -> None:
    request = "GET /cgi-bin/env HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n"
    script = f"exec 3<>/dev/tcp/{site.ALB_PUBLIC[0]}/80; printf '{request}' >&3; cat <&3"
    wait_for("the target tells its environment", lambda: "HTTP_HOST=" in region.run(outside, script).stdout, 20)
    answer = region.run(outside, script).stdout.splitlines()
    assert "HTTP_X_FORWARDED_FOR=198.18.0.40" in answer
    assert "HTTP_X_FORWARDED_PORT=80" in answer
    assert "HTTP_X_FORWARDED_PROTO=http" in answer


@pytest.mark.parametrize(
    ("source", "address", "port", "passes"),
    [
        ("outside", site.ALB_PUBLIC[0], 80, True),
        ("outside", site.ALB_PUBLIC[1], 80, True),
        ("outside", site.ALB_PUBLIC[0], 22, False),
        ("outside", site.INSTANCES[A], 8000, False),
        ("outside", site.INSTANCES[A], 22, False),
        ("outside", "10.0.20.254", 5432, False),
        ("outside", "169.254.169.254", 80, False),
        ("outside", "198.18.0.1", 14566, False),
        ("alb", site.INSTANCES[A], 8000, True),
        ("alb", site.INSTANCES[A], 2375, False),
        ("alb", "10.0.20.254", 5432, False),
        ("instance", "10.0.20.254", 5432, True),
        ("instance", site.INSTANCES[B], 8000, False),
        ("instance", site.INSTANCES[A], 8000, True),  # itself
        ("instance", str(REGISTRY), 443, True),
        ("instance", str(EDGE), 443, True),
        ("instance", "10.0.10.1", 14567, False),  # the router is no host
        ("instance", "198.18.0.1", 14567, False),
    ],
)
def test_reachability(region: Region, outside: str, source: str, address: str, port: int, passes: bool) -> None:
    body = {"outside": outside, "alb": "alb-web-subnet-public-a", "instance": f"instance-{A}"}[source]
    assert region.connects(body, address, port) is passes


def test_host_is_outside_of_the_vpc(region: Region) -> None:
    command = ["timeout", "2", "bash", "-c", f"exec 3<>/dev/tcp/{site.INSTANCES[A]}/8000"]
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0


def test_routing_past_the_security_group_from_outside(region: Region, outside: str) -> None:
    """An outside host that routes a private address through the host gets nowhere."""
    region.run(outside, "ip route replace 10.0.0.0/16 via 198.18.0.1")
    assert not region.connects(outside, site.INSTANCES[A], 8000)
    region.run(outside, f"ip route replace 10.0.0.0/16 via {site.NAT_PUBLIC}")
    assert not region.connects(outside, site.INSTANCES[A], 8000)


def _extra(image: str, data: bytes = b"", group: str = "sg-none") -> Instance:
    return Instance("i-0000000000000000c", image, "subnet-app-a", "10.0.10.12", (group,), data)


def test_security_groups_hold_inside_a_subnet_and_follow_changes(region: Region) -> None:
    extra = _extra(AMI_DEBIAN_12)
    world = replace(region.world, instances=(*region.world.instances, extra))
    region.apply(world)
    wait_for("the third instance runs", lambda: region.plane.observe().instances.get(extra.id) == "running")
    assert not region.connects(f"instance-{extra.id}", site.INSTANCES[A], 8000)
    region.apply(replace(world, instances=(*region.world.instances, replace(extra, security_group_ids=("sg-alb",)))))
    wait_for("a member of sg-alb may", lambda: region.connects(f"instance-{extra.id}", site.INSTANCES[A], 8000), 10)
    assert region.inside(extra.id, "command -v docker").returncode == 1
    region.apply(region.world)
    wait_for("the body is gone", lambda: region.run(f"instance-{extra.id}", "true").returncode != 0, 20)


def test_failed_user_data_is_in_the_console_and_the_instance_runs(region: Region) -> None:
    extra = _extra(AMI_DEBIAN_12, b"#!/bin/sh\necho before\nfalse || exit 7\n")
    region.apply(replace(region.world, instances=(*region.world.instances, extra)))
    console = region.settings.state_dir / "instances" / extra.id / "console.log"
    wait_for(
        "the failure is in the console", lambda: console.exists() and "exited with status 7" in console.read_text()
    )
    assert console.stat().st_mode & 0o777 == 0o600
    assert "before" in console.read_text()
    assert region.plane.observe().instances[extra.id] == "running"


def test_metadata_knows_the_asker(region: Region) -> None:
    script = (
        "t=$(curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token);"
        'curl -s -H "X-aws-ec2-metadata-token: $t" http://169.254.169.254/latest/meta-data/instance-id'
    )
    assert [region.inside(i, script).stdout for i in (A, B)] == [A, B]


def test_names(region: Region) -> None:
    def resolve(name: str) -> set[str]:
        return {line.split()[0] for line in region.inside(A, f"getent ahostsv4 {name}").stdout.splitlines()}

    assert resolve(site.ALB_NAME) == set(site.ALB_PUBLIC)
    assert resolve(site.DB_NAME) in ({"10.0.20.254"}, {"10.0.21.254"})  # whichever is primary now
    assert resolve("secretsmanager.us-east-1.amazonaws.com") == {str(EDGE)}
    assert resolve("bucket.s3-website-us-east-1.amazonaws.com") == {str(EDGE)}
    assert resolve(REGISTRY_HOST) == {str(REGISTRY)}
    assert resolve("other-9.us-east-1.elb.amazonaws.com") == set()
    region.plane.publish_names({"site.s3-website-us-east-1.amazonaws.com": ()})
    wait_for(
        "the name stands in the hosts file", lambda: f"{EDGE} site.s3-website" in Path("/etc/hosts").read_text(), 5
    )
    assert f"{site.ALB_PUBLIC[0]} {site.ALB_NAME}" in Path("/etc/hosts").read_text()


def test_no_egress_without_the_nat_gateway(region: Region) -> None:
    assert region.connects(f"instance-{A}", str(EDGE), 443)
    region.apply(replace(region.world, nat_gateways=()))
    wait_for("egress has stopped", lambda: not region.connects(f"instance-{A}", str(EDGE), 443), 20)
    assert site.get(site.ALB_PUBLIC[0]).status == 200  # what came in through the load balancer still does
    region.apply(region.world)
    wait_for("egress works again", lambda: region.connects(f"instance-{A}", str(EDGE), 443), 20)


def _booted_at(region: Region) -> str | None:
    """When the first process started, None while there is none."""
    done = region.inside(A, "stat -c %Z /proc/1")
    return done.stdout if done.returncode == 0 else None


def test_reboot_keeps_the_disk_and_runs_user_data_once(region: Region) -> None:
    first, second = region.world.instances
    region.world = replace(region.world, instances=(replace(first, boots=first.boots + 1), second))
    before = _booted_at(region)
    region.apply(region.world)
    wait_for("the instance was booted", lambda: _booted_at(region) not in {None, before})
    wait_for("its target is healthy again", region.healthy, 60)
    assert region.inside(A, "cat /root/boots").stdout == "boots\n"


def test_stop_and_start(region: Region) -> None:
    first, second = region.world.instances
    region.apply(replace(region.world, instances=(replace(first, wanted="stopped"), second)))
    wait_for("it is stopped", lambda: region.plane.observe().instances[A] == "stopped", 30)
    wait_for("its target is unhealthy", lambda: not region.healthy(), 30)
    wait_for("both nodes have seen it", lambda: _in_a_row(4), 20)
    assert {site.get(site.ALB_PUBLIC[0]).body.strip() for _ in range(6)} == {"ip-10-0-11-11"}
    region.world = replace(region.world, instances=(replace(first, boots=first.boots + 1), second))
    region.apply(region.world)
    wait_for("it runs again", region.healthy, 60)


def test_traffic_moves_away_from_a_dead_container(region: Region) -> None:
    region.inside(A, "docker stop -t 0 web")
    try:
        key = (site.GROUP, A, 8000)
        wait_for("it is unhealthy", lambda: region.plane.observe().targets[key].state == "unhealthy", 30)
        assert region.plane.observe().targets[key].reason == "Target.FailedHealthChecks"
        wait_for("the other node has seen it too", lambda: _in_a_row(4), 10)
        with Load() as load:
            wait_for("100 requests", lambda: load.answers >= 100)
        assert not load.failures
    finally:
        region.inside(A, "docker start web")


def test_wrong_code_is_said_so_and_it_fails_open(region: Region) -> None:
    region.apply(replace(region.world, target_groups=(site.target_group(path="/missing"),)))
    key = (site.GROUP, A, 8000)
    wait_for("unhealthy", lambda: region.plane.observe().targets[key].state == "unhealthy", 30)
    assert region.plane.observe().targets[key].reason == "Target.ResponseCodeMismatch"
    assert region.plane.observe().targets[key].description == "Health checks failed with these codes: [404]"
    assert site.get(site.ALB_PUBLIC[0]).status == 200


def test_targets_and_rules_change_without_a_failed_request(region: Region) -> None:
    group = site.target_group()
    balancer = site.balancer()
    forward = balancer.listeners[0].default_actions[0]
    fixed = {
        "Type": "fixed-response",
        "FixedResponseConfig": {"StatusCode": "418", "ContentType": "text/plain", "MessageBody": 'it\'s\n"tea" 100%'},
    }
    redirect = {
        "Type": "redirect",
        "RedirectConfig": {
            "Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}",
            "StatusCode": "HTTP_301",
        },
    }  # fmt: skip
    rules = (
        {"Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/tea*"]}}], "Actions": [fixed]},
        {"Conditions": [{"Field": "host-header", "Values": ["old.*"]}], "Actions": [redirect]},
        {"Conditions": [{"Field": "path-pattern", "Values": ["/tea/never"]}], "Actions": [forward]},
    )
    listener = Listener("l-80", 80, "HTTP", (forward,), rules)
    with Load() as load:
        region.apply(replace(region.world, target_groups=(site.deregistered(group, B),)))
        wait_for("one target only", lambda: len(region.plane.observe().targets) == 1)
        region.apply(replace(region.world, load_balancers=(replace(balancer, listeners=(listener,)),)))
        wait_for("the rule answers", lambda: site.get(site.ALB_PUBLIC[1], "/tea/pot").status == 418, 20)
        wait_for("healthy", region.healthy)
    assert load.answers > 50
    assert not load.failures
    wait_for("the first node too", lambda: site.get(site.ALB_PUBLIC[0], "/tea/pot").status == 418, 20)
    assert site.get(site.ALB_PUBLIC[0], "/tea/pot").body == 'it\'s\n"tea" 100%'
    moved = site.get(site.ALB_PUBLIC[0], "/a/b?c=d", {"Host": "OLD.example:80"})
    assert (moved.status, moved.headers["location"]) == (301, "https://OLD.example:443/a/b?c=d")


def test_answers_without_targets(region: Region) -> None:
    group = site.target_group()
    region.apply(replace(region.world, target_groups=(replace(group, targets=()),)))
    wait_for("no target: 503", lambda: site.get(site.ALB_PUBLIC[0]).status == 503, 20)
    refused = replace(group, targets=(Target(A, site.INSTANCES[A], 8001),))
    region.apply(replace(region.world, target_groups=(refused,)))  # the security group drops it: no connection in time
    wait_for("a target that doesn't accept: 504", lambda: site.get(site.ALB_PUBLIC[0]).status == 504, 30)
