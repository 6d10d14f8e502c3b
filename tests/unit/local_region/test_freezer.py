"""What is frozen below a process's control group is thawed, and nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_region.plane.docker.freezer import thaw


def group(root: Path, path: str, state: str) -> Path:
    file = root / path / "freezer.state"
    file.parent.mkdir(parents=True)
    file.write_text(state + "\n")
    return file


def process(folder: Path, pid: int, *lines: str) -> None:
    (folder / str(pid)).mkdir(parents=True)
    (folder / str(pid) / "cgroup").write_text("\n".join(lines) + "\n")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    process(tmp_path / "proc", 7, "3:cpu,cpuacct:/docker/one", "2:freezer:/docker/one", "0::/")
    process(tmp_path / "proc", 8, "0::/docker/two")
    return tmp_path


@pytest.mark.parametrize("state", ["FROZEN", "FREEZING"])
def test_a_nested_container_is_thawed(machine: Path, state: str) -> None:
    outer = group(machine / "freezer", "docker/one", "THAWED")
    inner = group(machine / "freezer", "docker/one/docker/inner", state)
    other = group(machine / "freezer", "docker/other", "FROZEN")
    thaw(7, machine / "proc", machine / "freezer")
    assert [each.read_text().strip() for each in (outer, inner, other)] == ["THAWED", "THAWED", "FROZEN"]


@pytest.mark.parametrize("pid", [8, 9, 0], ids=["control groups v2", "no such process", "not running"])
def test_nothing_to_thaw(machine: Path, pid: int) -> None:
    other = group(machine / "freezer", "docker/two", "FROZEN")
    thaw(pid, machine / "proc", machine / "freezer")
    assert other.read_text().strip() == "FROZEN"
