"""What should change about a zonal shift."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.zonal_shift import ZonalShift, faults
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.zonal_shift import plan

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/goals/50dc6c495c0c9188"
HAVE = ZonalShift(ARN, away_from="us-east-1a", comment="trouble", id="1", expiry_time="2031-05-04T09:12:31+00:00")
PARAMS = {"resource_arn": ARN}


@pytest.mark.parametrize(
    ("want", "have", "changes"),
    [
        (ZonalShift(ARN, away_from="us-east-1a"), None, ["create zonal shift app/goals/50dc6c495c0c9188"]),
        (ZonalShift(ARN, away_from="us-east-1a"), HAVE, []),
        (ZonalShift(ARN, "us-east-1a", comment="more"), HAVE, ["update zonal shift app/goals/50dc6c495c0c9188"]),
        (None, HAVE, ["delete zonal shift app/goals/50dc6c495c0c9188"]),
        (None, None, []),
    ],
)
def test_plan(want, have, changes):
    assert [str(change) for change in plan(want, have, PARAMS)] == changes


def test_a_second_zone_is_refused():
    with pytest.raises(StackError, match=r"away from us-east-1a already, until 2031.* before one away from us-east-1b"):
        plan(ZonalShift(ARN, away_from="us-east-1b"), HAVE, PARAMS)


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"resource_arn": "goals"}, "resource_arn"),
        ({"away_from": None}, "away_from"),
        ({"expires_in": "1d"}, "expires_in"),
        ({"expires_in": "0m"}, "expires_in"),
        ({"expires_in": "73h"}, "expires_in"),
        ({"comment": "x" * 129}, "comment"),
    ],
)
def test_what_can_not_be_is_refused(given, option):
    right = {"state": "present", "resource_arn": ARN, "away_from": "us-east-1a", "expires_in": "72h", "comment": None}
    assert faults(right) == ()
    assert [fault.option for fault in faults({**right, **given})] == [option]
