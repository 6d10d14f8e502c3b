"""Options that every suite shares."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

set_hypothesis_home_dir(Path(__file__).parent / ".cache" / "hypothesis")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--keep",
        action="store_true",
        help="leave the region and the stack of tests/e2e and tests/plane standing, to look at them",
    )


@pytest.fixture(scope="session")
def keep(pytestconfig: pytest.Config) -> bool:
    """Whether what the tests build is left standing."""
    return bool(pytestconfig.getoption("--keep"))
