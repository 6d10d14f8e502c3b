"""What can be seen only with a data plane that the test drives: see inside.py."""

import pytest

from tests.integration.region import inside, inside_balancing, inside_databases, inside_faults
from tests.integration.region.regions import outcomes_of, scenarios_of

PROGRAMS = (inside, inside_balancing, inside_databases, inside_faults)


@pytest.mark.parametrize(("program", "scenario"), scenarios_of(*PROGRAMS))
def test_scenario(program, scenario):
    assert outcomes_of(program)[scenario] == ""
