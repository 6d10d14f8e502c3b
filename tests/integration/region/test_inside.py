"""What can be seen only with a data plane that the test drives: see inside.py."""

import pytest

from tests.integration.region import inside, inside_balancing, inside_databases, inside_faults
from tests.integration.region.regions import outcomes_of, scenarios_of

PROGRAMS = (inside, inside_balancing, inside_databases, inside_faults)


@pytest.fixture(scope="module")
def outcomes(request):
    return outcomes_of(request.param)


@pytest.mark.parametrize(("outcomes", "scenario"), scenarios_of(*PROGRAMS), indirect=["outcomes"])
def test_scenario(scenario, outcomes):
    assert outcomes[scenario] == ""
