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


@pytest.fixture(scope="module")
def outcomes(request):
    return outcomes_of(request.param)


@pytest.mark.parametrize(("outcomes", "scenario"), scenarios_of(*PROGRAMS), indirect=["outcomes"])
def test_scenario(scenario, outcomes):
    assert outcomes[scenario] == ""
