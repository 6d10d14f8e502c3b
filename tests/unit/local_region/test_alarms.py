"""A CloudWatch alarm's state, as the user guide's tables of missing data have it."""

import pytest

from local_region.control.alarms import verdict

BAD, GOOD, NONE = True, False, None


@pytest.mark.parametrize(
    ("seen", "to_alarm", "expected"),  # expected for missing, ignore, breaching, notBreaching
    [
        ([GOOD, GOOD, GOOD], 3, ("OK", "OK", "OK", "OK")),
        ([BAD, BAD, BAD], 3, ("ALARM", "ALARM", "ALARM", "ALARM")),
        ([BAD, GOOD, BAD], 3, ("OK", "OK", "OK", "OK")),
        ([BAD, GOOD, BAD], 2, ("ALARM", "ALARM", "ALARM", "ALARM")),
        ([NONE, NONE, NONE], 3, ("INSUFFICIENT_DATA", "before", "ALARM", "OK")),
        ([GOOD, NONE, NONE], 3, ("OK", "before", "OK", "OK")),
        ([NONE, NONE, BAD], 3, ("ALARM", "before", "ALARM", "OK")),
        ([NONE], 1, ("INSUFFICIENT_DATA", "before", "ALARM", "OK")),
    ],
)
def test_missing_data(seen, to_alarm, expected):
    treatments = ("missing", "ignore", "breaching", "notBreaching")
    assert tuple(verdict(seen, to_alarm, missing, "before") for missing in treatments) == expected
