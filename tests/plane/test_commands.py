"""Run Command on real instances: a script runs once, as root, and its outcome is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from local_region.world import Command, CommandResult
from tests.plane import site
from tests.plane.conftest import Region, wait_for

pytestmark = pytest.mark.data_plane

A, B = site.INSTANCES


def command(name: str, script: str, instance: str = A, timeout: int = 60, folder: str = "/srv") -> Command:
    return Command(name, instance, script, folder, timeout)


def send(region: Region, *commands: Command) -> None:
    region.apply(replace(region.world, commands=commands))


def result(region: Region, sent: Command) -> CommandResult | None:
    return region.plane.observe().commands.get((sent.id, sent.instance_id))


def ended(region: Region, sent: Command, timeout: float = 30) -> CommandResult:
    def look() -> CommandResult | None:
        seen = result(region, sent)
        return seen if seen and seen.status != "running" else None

    return wait_for(f"{sent.id} ended", look, timeout)


def test_a_script_runs_once_as_root_and_tells_how_it_went(region: Region) -> None:
    script = "id -un; pwd; hostname\necho trouble >&2\necho ran >> /root/runs\nexit 3\n"
    both = [command("one", script, instance) for instance in (A, B)]
    send(region, *both)
    for sent in both:
        host = "ip-" + site.INSTANCES[sent.instance_id].replace(".", "-")
        assert ended(region, sent) == CommandResult("exited", 3, f"root\n/srv\n{host}\n", "trouble\n")
    later = command("two", "cat /root/runs")
    send(region, *both, later)
    assert ended(region, later).stdout == "ran\n"
    assert result(region, both[0]) is not None
    send(region)
    wait_for("what is no longer asked for is forgotten", lambda: not region.plane.observe().commands, 10)


def _sleeps(region: Region, mark: str) -> bool:
    return region.inside(A, f"pgrep -f '[s]leep {mark}'").returncode == 0


def test_a_script_that_takes_too_long_is_killed_with_what_it_started(region: Region) -> None:
    slow = command("slow", "echo begun\nsleep 6001 & sleep 6001\n", timeout=1)
    send(region, slow)
    assert ended(region, slow) == CommandResult("timed out", None, "begun\n", "")
    assert not _sleeps(region, "6001")


def test_a_command_that_leaves_the_world_is_killed(region: Region) -> None:
    long = command("long", "sleep 6002")
    send(region, long)
    wait_for("it runs", lambda: _sleeps(region, "6002"), 20)
    assert result(region, long) == CommandResult("running")
    send(region)
    wait_for("it is dead", lambda: not _sleeps(region, "6002"), 20)


def test_a_container_is_killed_inside_its_instance_and_comes_back(region: Region) -> None:
    """What a drill does: Docker's restart policy brings back a container whose process died."""
    pid = "docker inspect -f '{{.State.Pid}}' web"
    before = region.inside(A, pid).stdout
    kill = command("kill", f"kill -9 $({pid})")
    send(region, kill)
    assert ended(region, kill).code == 0
    wait_for("another process serves", lambda: region.inside(A, pid).stdout not in {before, "0\n"}, 30)


def test_an_agent_that_cannot_reach_the_service_has_no_command_until_it_can(region: Region) -> None:
    region.apply(replace(region.world, nat_gateways=()))
    wait_for("there is no way out", lambda: not region.connects(f"instance-{A}", "198.18.0.2", 443), 20)
    waiting = command("waiting", "true")
    region.apply(replace(region.world, nat_gateways=(), commands=(waiting,)))
    sent = command("by-now", "true", B)
    assert result(region, waiting) is None
    send(region, waiting, sent)
    assert ended(region, waiting).code == 0


def test_an_instance_with_a_paused_container_is_stopped_all_the_same(region: Region) -> None:
    first, second = region.world.instances
    assert region.inside(A, "docker pause web").returncode == 0
    region.apply(replace(region.world, instances=(replace(first, wanted="stopped"), second)))
    wait_for("it is stopped", lambda: region.plane.observe().instances[A] == "stopped", 30)
    region.world = replace(region.world, instances=(replace(first, boots=first.boots + 1), second))
