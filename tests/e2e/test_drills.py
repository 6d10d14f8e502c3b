"""The drills, as a person runs them: each keeps its limits at 200 requests a second, on a stack that then is whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import REPOSITORY, Site, make

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
