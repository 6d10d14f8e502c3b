"""What can be seen only with a data plane that the test drives: see inside.py."""

import json
import subprocess
import sys

import pytest

from tests.integration.region import inside, inside_balancing, inside_faults, inside_refresh, inside_scaling
from tests.integration.region.regions import ROOT

PROGRAMS = {each.__name__: each for each in (inside, inside_balancing, inside_faults, inside_refresh, inside_scaling)}


@pytest.fixture(scope="module", params=PROGRAMS)
def outcomes(request):
    command = [sys.executable, "-m", request.param]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("outcomes", "scenario"),
    [(program, scenario) for program, module in PROGRAMS.items() for scenario in module.SCENARIOS],
    indirect=["outcomes"],
)
def test_scenario(scenario, outcomes):
    assert outcomes[scenario] == ""
