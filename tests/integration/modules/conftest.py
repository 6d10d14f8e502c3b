"""What several modules' tests need besides."""

from __future__ import annotations

import pytest

from tests.integration.modules.ground import Ground


@pytest.fixture
def ground(aws):
    made = Ground(aws)
    yield made
    made.remove()
