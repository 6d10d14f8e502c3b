"""A region that was killed leaves bodies, rules and names behind; whoever comes next finds and removes all of it.

Runs before the tests that share a region (files run in the order of their names): two regions can't have one
"internet".
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local_region.plane.docker import DockerPlane
from local_region.plane.docker.engine import EngineError
from local_region.plane.docker.layout import Layout
from local_region.plane.docker.names import write_hosts_block
from local_region.settings import Settings

pytestmark = pytest.mark.data_plane

ABANDON = """
import os, sys, time
from dataclasses import replace
from pathlib import Path
from local_region.plane.docker import DockerPlane
from local_region.plane.docker.engine import EngineError
from local_region.settings import Settings
from tests.plane import site
plane = DockerPlane(Settings(name=sys.argv[1], state_dir=Path(sys.argv[2]), api_port=14566, imds_port=14567))
plane.start()
plane.apply(replace(site.network(), load_balancers=(site.balancer(),), target_groups=(site.target_group(),)))
while set(plane.observe().load_balancers.values()) != {"active"}:
    time.sleep(0.1)
os.kill(os.getpid(), 9)
"""


def traces(settings: Settings) -> dict[str, str]:
    """What is left of a region, by the place it is in; empty when there is nothing."""
    layout = Layout(settings)

    def output(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    label = f"label=local-region={settings.name}"
    seen = {
        "containers": output("docker", "ps", "-aq", "--filter", label),
        "volumes": output("docker", "volume", "ls", "-q", "--filter", label),
        "networks": output("docker", "network", "ls", "-q", "--filter", label),
        "tables": "\n".join(line for line in output("nft", "list", "tables").splitlines() if layout.table in line),
        "rules": "\n".join(
            line for line in output("ip", "rule").splitlines() if line.split(":")[0] in {"1100", "1200"}
        ),
        "routes": "\n".join(
            line for line in output("ip", "route", "show", "table", "all").splitlines() if "10.0." in line
        ),
        "links": "\n".join(line for line in output("ip", "-br", "link").splitlines() if layout.bridge_prefix in line),
        "engine's rules": "\n".join(
            line for line in output("iptables", "-S", "DOCKER-USER").splitlines() if layout.bridge_prefix in line
        ),
        "hosts": "\n".join(line for line in Path("/etc/hosts").read_text().splitlines() if "local-region" in line),
        "folder": "there" if layout.runtime_dir.exists() else "",
    }
    return {place: found for place, found in seen.items() if found}


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Settings]:
    """A region that was killed; nothing of it stays when the test is over, whatever came of it."""
    settings = Settings(name="plane-killed", state_dir=tmp_path, api_port=14566, imds_port=14567)
    command = [sys.executable, "-c", ABANDON, settings.name, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == -9, done.stderr
    yield settings
    DockerPlane(settings).stop()


def other(folder: Path) -> DockerPlane:
    return DockerPlane(Settings(name="plane-other", state_dir=folder / "other", api_port=14568, imds_port=14569))


def test_its_own_name_removes_it_and_another_leaves_it_while_it_runs(killed: Settings, tmp_path: Path) -> None:
    another = other(tmp_path)
    with pytest.raises(EngineError, match=rf"overlaps with the engine's network \S*{killed.name}"):
        another.start()
    another.stop()
    left = traces(killed)
    assert {"containers", "networks", "tables", "rules", "engine's rules", "hosts"} <= left.keys()
    DockerPlane(killed).stop()
    assert traces(killed) == {}


def test_any_other_removes_it_when_nothing_of_it_runs(killed: Settings, tmp_path: Path) -> None:
    """As after the host's restart: the engine still has its containers and networks."""
    running = ["docker", "ps", "-q", "--filter", f"label=local-region={killed.name}"]
    bodies = subprocess.run(running, capture_output=True, text=True, check=True).stdout.split()
    subprocess.run(["docker", "kill", *bodies], check=True, capture_output=True)
    forgotten = Layout(replace(killed, name="plane-forgotten"))  # the engine's storage was emptied
    write_hosts_block(forgotten, {"forgotten.example": ("198.18.0.99",)})
    another = other(tmp_path)
    another.start()
    try:
        assert "forgotten" not in Path("/etc/hosts").read_text()
        assert traces(killed).keys() <= {"rules", "engine's rules", "hosts"}, "the other's own have the same places"
        assert killed.name not in Path("/etc/hosts").read_text()
    finally:
        another.stop()
    assert traces(killed) == {}
