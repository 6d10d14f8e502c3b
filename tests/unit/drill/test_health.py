"""What a stack lacks to be whole."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.health import ailments
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.state import DATABASE, GROUP, INSTANCE

WELL = {"lifecycle": "InService", "target": "healthy", "told": "", "shifted": False}
STATE = {
    (GROUP, "goals"): {"desired": 2, "zones": ["a", "b"], "suspended": []},
    (INSTANCE, "i-1"): {**WELL, "zone": "a"},
    (INSTANCE, "i-2"): {**WELL, "zone": "b"},
    (DATABASE, "goals"): {"status": "available", "zone": "a", "secondary_zone": "b", "multi_az": True},
}


def test_a_whole_stack_lacks_nothing():
    assert ailments(STATE, [{"InstanceRefreshId": "1", "Status": "Successful"}]) == []


@pytest.mark.parametrize(
    ("subject", "fields", "told"),
    [
        ((GROUP, "goals"), {"desired": 3}, "group goals has 2 instances in service, wants 3"),
        ((GROUP, "goals"), {"suspended": ["Launch"]}, "group goals has suspended Launch"),
        ((INSTANCE, "i-1"), {"zone": "b"}, "group goals is out of balance: 0 in a, 2 in b"),
        ((INSTANCE, "i-1"), {"target": "unhealthy", "told": "Timeout"}, "instance i-1 is unhealthy (Timeout)"),
        ((INSTANCE, "i-1"), {"target": None}, "instance i-1 is in no target group"),
        (
            (INSTANCE, "i-1"),
            {"shifted": True},
            "instance i-1 gets no requests: a zonal shift leads away from a",
        ),
        ((DATABASE, "goals"), {"status": "rebooting"}, "database goals is rebooting"),
        ((DATABASE, "goals"), {"secondary_zone": ""}, "database goals has no standby"),
    ],
)
def test_each_ailment_is_told(subject, fields, told):
    assert ailments({**STATE, subject: {**STATE[subject], **fields}}) == [told]


def test_instances_that_come_or_go_are_told():
    pending = {(INSTANCE, "i-3"): {"lifecycle": "Pending", "zone": "a"}}
    leaving = {(INSTANCE, "i-4"): {"target": "draining"}}
    assert ailments({**STATE, **pending, **leaving}) == [
        "instance i-3 is Pending",
        "target i-4 is draining, and of no instance of the group",
    ]


def test_a_single_database_needs_no_standby():
    single = {"status": "available", "zone": "a", "secondary_zone": "", "multi_az": False}
    assert ailments({**STATE, (DATABASE, "goals"): single}) == []


def test_a_refresh_under_way_is_told():
    assert ailments(STATE, [{"InstanceRefreshId": "1", "Status": "Baking"}]) == ["instance refresh 1 is Baking"]
