"""Auto Scaling with a clock and bodies that the test drives: see scaling.py and the programs named here."""

import pytest

from tests.integration.region import (
    inside_health,
    inside_lifecycle,
    inside_refresh,
    inside_refresh_failures,
    inside_zones,
)
from tests.integration.region.regions import outcomes_of, scenarios_of

PROGRAMS = (inside_refresh, inside_refresh_failures, inside_zones, inside_health, inside_lifecycle)


@pytest.mark.parametrize(("program", "scenario"), scenarios_of(*PROGRAMS))
def test_scenario(program, scenario):
    assert outcomes_of(program)[scenario] == ""
