"""The drills, as a person runs them: each keeps its limits at 200 requests a second, on a stack that then is whole."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.conftest import REPOSITORY, STATE, Site, make

pytestmark = pytest.mark.e2e

# What `make test` leaves to `make drills`.
LONG = ("container_crash", "az_outage", "nat_outage", "az_evacuation", "scale_out")
SHORT = ("instance_crash", "db_failover")


@pytest.fixture
def drill(site: Site) -> Callable[..., dict[str, Any]]:
    """Runs a drill; its report."""

    def run(name: str, *variables: str) -> dict[str, Any]:
        arguments = "ARGS=" + " ".join(f"-e {each}" for each in variables)
        print(make("drill", f"DRILL={name}", f"STACK={site.name}", arguments))
        return json.loads((REPOSITORY / "drills" / f"{site.name}-{name}" / "report.json").read_text())

    return run


@pytest.mark.parametrize("name", [*SHORT, *(pytest.param(name, marks=pytest.mark.long) for name in LONG)])
def test_a_drill_is_passed(drill, name):
    report = drill(name)
    assert report["verdict"] == "passed", report["limits"]


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
    report = drill("rolling_update", f"drill_image={image('goals:1.1.0')}", limit(version_at_end="1.1.0"))
    assert report["verdict"] == "passed", report["limits"]
    assert [each["version"] for each in report["figures"]["versions"]] == ["1.0.0", "1.1.0"]


@pytest.mark.long
def test_an_image_that_never_gets_healthy_is_rolled_back(drill, image):
    command("scripts/broken-image.sh", "goals:broken", "goals:1.0.0")
    report = drill("bad_update", f"drill_image={image('goals:broken')}", limit(only_version="1.0.0"))
    assert report["verdict"] == "passed", report["limits"]
