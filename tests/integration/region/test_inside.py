"""What can be seen only with a data plane that the test drives: see inside.py."""

import json
import subprocess
import sys

import pytest

from tests.integration.region.inside import SCENARIOS
from tests.integration.region.regions import ROOT


@pytest.fixture(scope="module")
def outcomes():
    command = [sys.executable, "-m", "tests.integration.region.inside"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario, outcomes):
    assert outcomes[scenario] == ""
