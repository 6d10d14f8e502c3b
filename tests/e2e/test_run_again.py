"""A second ``make site`` finds nothing to do, writes nothing, and the whole fits a laptop."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.conftest import make

pytestmark = pytest.mark.e2e

MEMORY = 2 * 1024**3  # bytes: what the whole site may take


def test_again_changes_nothing_and_writes_nothing(site):
    calls = site.calls
    calls.mark()
    output = make("site")
    assert re.search(r"changed=0 .*failed=0", output), output[-2000:]
    made_by_ansible = [call for call in calls.records() if "Ansible" in call["agent"]]
    assert made_by_ansible, "the calls of the run are in the record"
    assert calls.writes() == []


def resident(pid: int) -> int:
    """Bytes of a process's memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) * 1024


def test_the_whole_site_fits_in_two_gigabytes(site, bodies):
    containers = [body.stats(stream=False, one_shot=True)["memory_stats"] for body in bodies.values()]
    used = sum(memory["usage"] - memory["stats"].get("total_inactive_file", 0) for memory in containers)
    assert used + resident(site.region["pid"]) < MEMORY
