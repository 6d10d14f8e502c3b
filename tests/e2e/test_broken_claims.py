"""Each claim's test can fail: the claim is broken as a mistake might break it, its test is run, and it is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.e2e import test_boot as booting
from tests.e2e import test_browser as browser
from tests.e2e import test_claims as claims
from tests.e2e import test_isolation as isolation
from tests.e2e.conftest import Site, body, until

pytestmark = pytest.mark.e2e
Command = tuple[str, ...]


@dataclass(frozen=True)
class Break:
    """AWS CLI commands that break what the tests claim, and those that mend it."""

    tests: tuple[Callable[..., None], ...]
    commands: Callable[[Site], Command]
    mend: Callable[[Site], Command]


def group(*options: str) -> Callable[[Site], Command]:
    return lambda site: (
        *("autoscaling", "update-auto-scaling-group"),
        *("--auto-scaling-group-name", site.name, *options),
    )


def target_group(*options: str) -> Callable[[Site], Command]:
    return lambda site: (
        *("elbv2", "modify-target-group"),
        *("--target-group-arn", site.target_group()["TargetGroupArn"], *options),
    )


def ingress(verb: str, of: str, port: int) -> Callable[[Site], Command]:
    """Port ``port`` of the security group ``of`` for everybody."""
    return lambda site: (
        *("ec2", f"{verb}-security-group-ingress", "--group-id", site.security_group(of)["GroupId"]),
        *("--protocol", "tcp", "--port", str(port), "--cidr", "0.0.0.0/0"),
    )


def opened(of: str, port: int, *tests: Callable[..., None]) -> Break:
    return Break(tests, ingress("authorize", of, port), ingress("revoke", of, port))


def one_target(verb: str) -> Callable[[Site], Command]:
    """The group's first instance as a target."""

    def command(site: Site) -> Command:
        target = f"Id={min(instance['InstanceId'] for instance in site.instances())},Port=8000"
        arn = site.target_group()["TargetGroupArn"]
        return ("elbv2", f"{verb}-targets", "--target-group-arn", arn, "--targets", target)

    return command


def database(*options: str) -> Callable[[Site], Command]:
    return lambda site: (
        *("rds", "modify-db-instance", "--db-instance-identifier", site.name),
        *("--apply-immediately", *options),
    )


BREAKS = {
    "1: up to four instances": Break(
        (claims.test_the_group_spans_two_private_subnets_with_one_instance_each,),
        group("--max-size", "4"),
        group("--max-size", "3"),
    ),
    "6: the load balancer is open on another port": opened(
        "alb", 8080, claims.test_the_load_balancer_faces_the_internet_on_port_80_only
    ),
    "7: any answer counts as healthy": Break(
        (claims.test_health_checks_ask_for_the_root_and_every_target_is_healthy,),
        target_group("--matcher", "HttpCode=200-499"),
        target_group("--matcher", "HttpCode=200"),
    ),
    "8: one instance gets no requests": Break(
        (claims.test_requests_are_spread_evenly,), one_target("deregister"), one_target("register")
    ),
    "9: instances are open to all": opened("backend", 8000, isolation.test_only_the_allowed_connections_pass),
    "11: no standby": Break(
        (claims.test_the_database_is_private_and_has_a_standby_in_another_zone,),
        database("--no-multi-az"),
        database("--multi-az"),
    ),
    "12: the database is open to all": opened(
        "database",
        5432,
        claims.test_the_database_admits_the_backend_only,
        isolation.test_only_the_allowed_connections_pass,
    ),
}


def settled(site: Site) -> bool:
    """Nothing that was broken or mended is still under way."""
    return site.database()["DBInstanceStatus"] == "available" and sorted(site.health().values()) == ["healthy"] * 2


@pytest.mark.parametrize("how", BREAKS.values(), ids=BREAKS)
def test_a_broken_claim_fails_its_test(site, how, fails):
    site.aws(*how.commands(site))
    try:
        for test in how.tests:
            fails(test)
    finally:
        until(lambda: site.database()["DBInstanceStatus"] == "available", timeout=60, what="the break is through")
        site.aws(*how.mend(site))
        until(lambda: settled(site), timeout=60, what="the claim is mended")


@pytest.fixture
def fails(request):
    """Runs a test with the fixtures it asks for, and passes when it fails."""

    def run(test: Callable[..., None]) -> None:
        given = {name: request.getfixturevalue(name) for name in signature(test).parameters}
        with pytest.raises(AssertionError):
            test(**given)

    return run


def test_user_data_that_installs_nothing_fails_the_test_of_the_boot(site, launch):
    """Claim 2."""
    with pytest.raises(AssertionError, match="Setting up docker"):
        booting.installs_docker(site, launch, "--user-data", "#!/bin/sh\ntrue\n")


def test_a_right_password_fails_the_test_of_the_wrong_one(site, launch):
    """Claim 2."""
    with pytest.raises(AssertionError, match="refuses the user and token"):
        booting.fails_the_boot_visibly(site, launch)


def test_a_health_check_that_is_too_slow_leaves_traffic_on_a_hung_instance(site, bodies):
    """Claim 7. The check is the one that AWS uses when none is configured."""
    usual = site.target_group()
    slow = target_group("--health-check-interval-seconds", "30", "--health-check-timeout-seconds", "5")
    hung = body(bodies, "instance", site.instances()[0]["InstanceId"])
    site.aws(*slow(site))
    hung.exec_run(["docker", "kill", "--signal", "STOP", "backend"])
    try:
        with pytest.raises(AssertionError, match="the target is unhealthy"):
            isolation.loses_its_traffic(site, site.instances()[0]["InstanceId"], within=20)
    finally:
        hung.exec_run(["docker", "kill", "--signal", "CONT", "backend"])
        interval, timeout = usual["HealthCheckIntervalSeconds"], usual["HealthCheckTimeoutSeconds"]
        fast = ("--health-check-interval-seconds", str(interval), "--health-check-timeout-seconds", str(timeout))
        site.aws(*target_group(*fast)(site))
        until(lambda: settled(site), timeout=60, what="the claim is mended")


def test_a_standby_that_is_not_waited_for_fails_the_test_of_the_standby(bodies, fails):
    """Claim 11: with asynchronous replication an acknowledged write can be lost."""
    primary = next(found for (kind, *_), found in bodies.items() if kind == "db" and is_primary(found))
    standbys = sql(primary, "show synchronous_standby_names")
    wait_for(primary, "")
    try:
        fails(isolation.test_the_standby_is_synchronous)
    finally:
        wait_for(primary, standbys)
    until(lambda: sql(primary, "select sync_state from pg_stat_replication") == "sync", timeout=20, what="it waits")


def sql(member: Any, statement: str) -> str:
    command = ["psql", "-U", "rdsadmin", "-d", "postgres", "-Atc", statement]
    return member.exec_run(command, user="postgres").output.decode().strip()


def is_primary(member: Any) -> bool:
    return sql(member, "select pg_is_in_recovery()") == "f"


def wait_for(primary: Any, standbys: str) -> None:
    sql(primary, f"alter system set synchronous_standby_names = '{standbys}'")
    sql(primary, "select pg_reload_conf()")


@contextmanager
def published(site: Site, content: str, folder: Path) -> Iterator[None]:
    """Another configuration of the frontend."""
    bucket = site.frontend.removeprefix("http://").partition(".s3-website")[0]
    where = ("--bucket", bucket, "--key", "config.js")
    right, wrong = folder / "right", folder / "wrong"
    kind = site.aws("s3api", "get-object", *where, str(right))["ContentType"]
    wrong.write_text(content)
    site.aws("s3api", "put-object", *where, "--content-type", kind, "--body", str(wrong))
    try:
        yield
    finally:
        site.aws("s3api", "put-object", *where, "--content-type", kind, "--body", str(right))


def test_a_stale_endpoint_fails_the_tests_of_the_frontend(site, tmp_path, fails):
    """Claims 13 and 14: a load balancer that is no more."""
    told = httpx.get(f"{site.frontend}/config.js").text
    stale = told.replace(site.load_balancer()["DNSName"], "goals-0.us-east-1.elb.amazonaws.com")
    with published(site, stale, tmp_path):
        fails(claims.test_the_published_configuration_names_the_load_balancer)
        fails(browser.test_a_goal_that_a_person_adds_is_there_after_a_reload)
