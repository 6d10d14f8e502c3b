"""The kernel's side of a paused container: killed it stays, thawed it dies."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_region.plane.docker.freezer import FREEZER, thaw
from tests.plane.conftest import wait_for

pytestmark = pytest.mark.skipif(
    not (FREEZER / "cgroup.procs").exists() or os.geteuid() != 0, reason="no freezer of control groups v1, or no root"
)


def member(group: Path) -> subprocess.Popen[bytes]:
    group.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(["sleep", "600"])
    (group / "cgroup.procs").write_text(str(process.pid))
    return process


@pytest.fixture
def group() -> Iterator[Path]:
    outer = FREEZER / f"local-region-test-{os.getpid()}"
    outer.mkdir()
    yield outer
    for folder in (outer / "inner", outer):
        if folder.exists():
            folder.rmdir()


def test_a_frozen_process_dies_once_the_group_above_it_is_thawed(group: Path) -> None:
    outer, inner = member(group), member(group / "inner")
    state = group / "inner" / "freezer.state"
    state.write_text("FROZEN")
    wait_for("it is frozen", lambda: state.read_text().strip() == "FROZEN", 5)
    inner.kill()
    with pytest.raises(subprocess.TimeoutExpired):
        inner.wait(0.5)
    thaw(outer.pid)
    assert inner.wait(5) == -9
    outer.kill()
    outer.wait()
