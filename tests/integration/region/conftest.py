"""A control-plane-only region in a process of its own; every delay a fifth of the default."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration.region.experiments import Faults
from tests.integration.region.regions import Network, Region, local_region


@contextmanager
def running_region(state_dir: Path, time_scale: float) -> Iterator[Region]:
    up = Region(state_dir)
    common, own = ("--state-dir", str(up.state_dir)), ("--name", f"test{up.port}", "--port", str(up.port))
    started = local_region("up", *common, *own, "--no-data-plane", "--time-scale", str(time_scale))
    assert started.returncode == 0, started.stderr
    yield up
    stopped = local_region("down", *common)
    assert stopped.returncode == 0, stopped.stderr


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    with running_region(tmp_path_factory.mktemp("region"), 0.2) as up:
        yield up


@pytest.fixture(scope="session")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    """A region whose minute takes 1.2 s: FIS has no duration below a minute."""
    with running_region(tmp_path_factory.mktemp("hasty"), 0.02) as up:
        yield up


@pytest.fixture(scope="session")
def faults(hasty: Region) -> Faults:
    return Faults(hasty)


@pytest.fixture(scope="session")
def ec2(region: Region) -> Any:
    return region.client("ec2")


@pytest.fixture(scope="session")
def elbv2(region: Region) -> Any:
    return region.client("elbv2")


@pytest.fixture(scope="session")
def rds(region: Region) -> Any:
    return region.client("rds")


@pytest.fixture(scope="session")
def autoscaling(region: Region) -> Any:
    return region.client("autoscaling")


@pytest.fixture
def network(ec2: Any) -> Network:
    return Network(ec2)
