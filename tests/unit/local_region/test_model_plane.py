"""The plane of pure model: everything the world asks for becomes healthy after its delay, and not before."""

from dataclasses import replace

import pytest

from local_region import timing
from local_region.plane.model import ModelPlane
from local_region.world import (
    Command,
    CommandResult,
    Database,
    HealthCheck,
    Instance,
    LoadBalancer,
    NatGateway,
    Subnet,
    Target,
    TargetGroup,
    World,
)

CHECK = HealthCheck("HTTP", "/", None, 5, 2, 2, 2, "200")


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(timing.time, "monotonic", lambda: now[0])
    return now


def world(wanted="running"):
    subnets = tuple(
        Subnet(f"subnet-{zone}", "vpc-1", f"10.0.{n}.0/24", f"us-east-1{zone}", "") for n, zone in enumerate("ab")
    )
    return World(
        subnets=subnets,
        nat_gateways=(NatGateway("nat-1", "subnet-a", "10.0.0.4", "198.18.0.64"),),
        instances=(Instance("i-1", "ami-1", "subnet-a", "10.0.0.5", (), b"", wanted),),
        target_groups=(TargetGroup("arn:tg", "tg", CHECK, (Target("i-1", "10.0.0.5", 8000),)),),
        load_balancers=(LoadBalancer("arn:lb", "lb", "lb", (), (), ()),),
        databases=(Database("db", "db", 5432, "16.4", None, "u", "p", ("subnet-a", "subnet-b")),),
    )


def test_nothing_is_there_before_the_first_world():
    assert ModelPlane(1).observe().instances == {}


def test_everything_takes_its_delay(clock):
    plane = ModelPlane(1)
    plane.apply(world())
    seen = plane.observe()
    assert seen.instances == {"i-1": "pending"}
    assert seen.nat_gateways == {"nat-1": "pending"}
    assert seen.load_balancers == {"arn:lb": "provisioning"}
    assert seen.databases["db"].status == "creating"
    assert seen.targets["arn:tg", "i-1", 8000].state == "unhealthy"  # its instance does not answer yet
    clock[0] += max(timing.DELAYS.values())
    assert plane.observe().targets["arn:tg", "i-1", 8000].state == "initial"
    clock[0] += timing.DELAYS["target.initial"] + 0.01
    seen = plane.observe()
    assert seen.instances == {"i-1": "running"}
    assert seen.nat_gateways == {"nat-1": "available"}
    assert seen.load_balancers == {"arn:lb": "active"}
    assert (seen.databases["db"].zone, seen.databases["db"].standby_zone) == ("us-east-1a", "us-east-1b")
    assert seen.targets["arn:tg", "i-1", 8000].state == "healthy"


def test_stopping_starting_and_leaving(clock):
    plane = ModelPlane(1)
    for wanted, before, after in [("running", "pending", "running"), ("stopped", "stopping", "stopped")] * 2:
        plane.apply(world(wanted))
        assert plane.observe().instances == {"i-1": before}
        clock[0] += 1
        assert plane.observe().instances == {"i-1": after}
    plane.apply(World())
    assert plane.observe().instances == {"i-1": "stopping"}
    clock[0] += 1
    assert plane.observe().instances == {}


def test_scale_zero_is_at_once():
    plane = ModelPlane(0)
    plane.apply(world())
    assert plane.observe().instances == {"i-1": "running"}


def test_a_command_succeeds_after_a_moment_on_an_instance_that_runs(clock):
    plane = ModelPlane(1)
    sent = replace(world(), commands=(Command("c", "i-1", "true\n", "/", 60),))
    plane.apply(sent)
    assert plane.observe().commands == {}  # the instance isn't there yet
    clock[0] += timing.DELAYS["instance.pending"] + 0.01
    assert plane.observe().commands == {("c", "i-1"): CommandResult("running")}
    clock[0] += timing.DELAYS["command.running"] + 0.01
    assert plane.observe().commands == {("c", "i-1"): CommandResult("exited", 0)}
    plane.apply(world())
    assert plane.observe().commands == {}
