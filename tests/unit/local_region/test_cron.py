"""When a scheduled action recurs, as a table."""

from __future__ import annotations

from datetime import datetime

import pytest

from local_region.control.auto_scaling.cron import following

NOW = datetime(2031, 5, 7, 12, 30)  # a Wednesday


@pytest.mark.parametrize(
    ("recurrence", "coming"),
    [
        pytest.param("* * * * *", datetime(2031, 5, 7, 12, 31), id="every minute"),
        pytest.param("30 12 * * *", datetime(2031, 5, 8, 12, 30), id="not now, but tomorrow"),
        pytest.param("*/15 9-17 * * MON-FRI", datetime(2031, 5, 7, 12, 45), id="steps in a range"),
        pytest.param("0 8 * * SAT,SUN", datetime(2031, 5, 10, 8, 0), id="a list of names"),
        pytest.param("0 8 * * 6-7", datetime(2031, 5, 10, 8, 0), id="up to 7, which is Sunday"),
        pytest.param("0 8 * * 0", datetime(2031, 5, 11, 8, 0), id="and so is 0"),
        pytest.param("30 0 1 1,6,12 *", datetime(2031, 6, 1, 0, 30), id="months"),
        pytest.param("0 0 8 * FRI", datetime(2031, 5, 8), id="one of two days is enough"),
        pytest.param("0 0 29 2 *", datetime(2032, 2, 29), id="a leap day"),
        pytest.param("0 0 31 2 *", None, id="a day that never comes"),
    ],
)
def test_following(recurrence, coming):
    assert following(recurrence, NOW) == coming


@pytest.mark.parametrize("recurrence", ["0 8 * *", "0 8 * * SOMEDAY"])
def test_what_is_no_recurrence(recurrence):
    with pytest.raises(ValueError, match=r"five fields|SOMEDAY"):
        following(recurrence, NOW)
