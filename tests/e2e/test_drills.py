"""The drills, as a person runs them: each keeps its limits at 200 requests a second, on a stack that then is whole."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, NamedTuple

import pytest

from tests.e2e.conftest import REPOSITORY, STATE, Site, body, make
from tests.e2e.test_isolation import connects

pytestmark = pytest.mark.e2e

# What `make test` leaves to `make drills`.
LONG = ("container_crash", "az_outage", "az_evacuation", "scale_out")
SHORT = ("instance_crash", "db_failover")


class Drilled(NamedTuple):
    """What the play printed, and its report."""

    said: str
    report: dict[str, Any]


@pytest.fixture
def drill(site: Site) -> Callable[..., Drilled]:
    """Runs a drill, which must be passed."""

    def run(name: str, *variables: str) -> Drilled:
        arguments = "ARGS=" + " ".join(f"-e {each}" for each in variables)
        said = make("drill", f"DRILL={name}", f"STACK={site.name}", arguments)
        report = json.loads((REPOSITORY / "drills" / f"{site.name}-{name}" / "report.json").read_text())
        assert report["verdict"] == "passed", report["limits"]
        return Drilled(said, report)

    return run


@pytest.mark.parametrize("name", [*SHORT, *(pytest.param(name, marks=pytest.mark.long) for name in LONG)])
def test_a_drill_is_passed(drill, name):
    drill(name)


@contextmanager
def watched(look: Callable[[], bool]) -> Iterator[list[bool]]:
    """What ``look`` tells meanwhile, over and over: each change of it."""
    seen, over = [look()], Event()

    def watch() -> None:
        while not over.wait(0.5):
            if (now := look()) != seen[-1]:
                seen.append(now)

    watching = Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()


@pytest.mark.long
def test_the_way_out_is_lost_and_comes_back(site, bodies, drill):
    machine = body(bodies, "instance", site.instances()[0]["InstanceId"])
    with watched(lambda: connects(machine, site.region["registry"]["host"], 443)) as egress:
        drill("nat_outage")
    assert egress == [True, False, True]


def command(*words: str) -> None:
    subprocess.run(words, cwd=REPOSITORY, check=True)


@pytest.fixture
def image(site: Site) -> Iterator[Callable[[str], str]]:
    """Pushes a local image as the goals backend of its tag; its reference. The usual one comes back in the end."""

    def push(local: str) -> str:
        tag = local.rpartition(":")[2]
        state = ("--state-dir", str(STATE))
        command(sys.executable, "-m", "local_region", "push", *state, local, f"goals/backend:{tag}")
        return f"{site.region['registry']['host']}/goals/backend:{tag}"

    yield push
    make("site")


def limit(**limits: Any) -> str:
    """Limits besides the drill's own, as a variable."""
    return "'" + json.dumps({"drill_limits": limits}, separators=(",", ":")) + "'"


def test_a_new_image_reaches_every_instance(drill, image):
    command("scripts/goals-image.sh", "goals:1.1.0")
    _, report = drill("rolling_update", f"drill_image={image('goals:1.1.0')}", limit(version_at_end="1.1.0"))
    assert [each["version"] for each in report["figures"]["versions"]] == ["1.0.0", "1.1.0"]


def test_an_image_that_never_gets_healthy_is_rolled_back(drill, image):
    """The play says which instance, which check, which code."""
    command("scripts/broken-image.sh", "goals:broken", "goals:1.0.0")
    said, _ = drill("bad_update", f"drill_image={image('goals:broken')}", limit(only_version="1.0.0"))
    why, which = "rolled back.* Given up after 2 instances", "i-[0-9a-f]{17} is InService, unhealthy"
    check = r"\[500\].* HTTP GET / on port 8000"
    assert re.search(f"{why}.* {which} .*{check}", " ".join(said.split())), said
