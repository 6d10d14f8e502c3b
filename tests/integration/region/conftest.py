"""A control-plane-only region in a process of its own; every delay a fifth of the default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.region.regions import Network, Region, local_region


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Region]:
    up = Region(tmp_path_factory.mktemp("region"))
    common = ("--state-dir", str(up.state_dir))
    started = local_region("up", *common, "--no-data-plane", "--port", str(up.port), "--time-scale", "0.2")
    assert started.returncode == 0, started.stderr
    yield up
    stopped = local_region("down", *common)
    assert stopped.returncode == 0, stopped.stderr


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
