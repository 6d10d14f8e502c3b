"""Frozen processes that must die.

With control groups v1 a process that is frozen doesn't die of SIGKILL until it is thawed (kernel documentation,
cgroup-v1/freezer-subsystem); a container that an instance's own engine has paused would keep the instance's body from
ending. Control groups v2 have no such trouble.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

FREEZER = Path("/sys/fs/cgroup/freezer")


def thaw(pid: int, processes: Path = Path("/proc"), root: Path = FREEZER) -> None:
    """Thaw the control group of process ``pid`` and all below it; nothing happens when there is no such process."""
    with contextlib.suppress(FileNotFoundError):
        lines = (processes / str(pid) / "cgroup").read_text().splitlines() if pid else ()
        for _, controllers, path in (line.split(":", 2) for line in lines):
            if "freezer" in controllers.split(","):
                _thaw_below(root / path.lstrip("/"))


def _thaw_below(group: Path) -> None:
    for state in group.rglob("freezer.state"):
        with contextlib.suppress(OSError):  # the root group has no state to write, and a group may go meanwhile
            if state.read_text().strip() != "THAWED":
                state.write_text("THAWED")
