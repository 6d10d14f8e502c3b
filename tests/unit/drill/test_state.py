"""AWS's answers become a state; two states become what changed between them."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.state import (
    by_kind,
    healthy,
    phase,
    state,
    transitions,
)
from hypothesis import given, settings
from hypothesis import strategies as st

GROUP = {
    "AutoScalingGroupName": "goals",
    "MinSize": 2,
    "DesiredCapacity": 2,
    "MaxSize": 3,
    "AvailabilityZones": ["us-east-1b", "us-east-1a"],
    "SuspendedProcesses": [{"ProcessName": "AZRebalance"}],
}
MEMBER = {
    "InstanceId": "i-1",
    "AvailabilityZone": "us-east-1a",
    "LifecycleState": "InService",
    "HealthStatus": "Healthy",
    "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "3"},
}


def target(told, identity="i-1", **more):
    return {"Target": {"Id": identity, "Port": 8000}, "TargetHealth": {"State": told, **more}}


def test_a_state_has_the_group_its_instances_and_the_database():
    database = {"DBInstanceIdentifier": "goals", "DBInstanceStatus": "available", "AvailabilityZone": "us-east-1a"}
    found = state({**GROUP, "Instances": [MEMBER]}, [target("healthy")], database)
    assert found["group", "goals"]["zones"] == ["us-east-1a", "us-east-1b"]
    assert found["group", "goals"]["suspended"] == ["AZRebalance"]
    assert found["instance", "i-1"] == {
        "zone": "us-east-1a",
        "lifecycle": "InService",
        "health": "Healthy",
        "version": "3",
        "target": "healthy",
        "reason": "",
        "told": "",
        "shifted": False,
    }
    assert found["database", "goals"]["secondary_zone"] == "", "a database that is failing over may have none"


def test_a_target_that_has_left_the_group_is_still_there_while_it_drains():
    found = state({**GROUP, "Instances": []}, [target("draining", "i-9")], None)
    assert phase(found["instance", "i-9"]) == "draining"


@pytest.mark.parametrize("order", [1, -1])
def test_of_several_target_groups_the_worst_counts(order):
    told = [target("healthy"), target("unhealthy", Reason="Target.Timeout"), target("initial")][::order]
    found = state({**GROUP, "Instances": [MEMBER]}, told, None)
    assert (found["instance", "i-1"]["target"], found["instance", "i-1"]["reason"]) == ("unhealthy", "Target.Timeout")


PHASES = [
    ({"target": "healthy", "lifecycle": "InService"}, "healthy"),
    ({"target": "healthy", "shifted": True}, "shifted"),
    ({"target": "unhealthy", "shifted": True}, "unhealthy"),
    ({"target": "unhealthy.draining"}, "draining"),
    ({"target": "initial", "lifecycle": "InService"}, "initial"),
    ({"lifecycle": "Pending:Wait"}, "pending"),
    ({"lifecycle": "Pending"}, "pending"),
    ({"lifecycle": "Terminating:Proceed"}, "terminating"),
    ({"lifecycle": "InService"}, "running"),
    ({"lifecycle": "Standby"}, "standby"),
    ({}, "unknown"),
    ({"gone": True, "target": "healthy"}, "gone"),
]


@pytest.mark.parametrize(("fields", "word"), PHASES)
def test_an_instances_phase(fields, word):
    assert phase(fields) == word


def test_a_target_in_a_zone_that_traffic_was_shifted_away_from_is_healthy_and_not_used():
    shifted = {**target("healthy"), "AdministrativeOverride": {"State": "zonal_shift_active"}}
    found = state({**GROUP, "Instances": [MEMBER]}, [shifted], None)
    assert phase(found["instance", "i-1"]) == "shifted"
    assert healthy(found) == 1
    assert by_kind(found)["instance"]["i-1"]["phase"] == "shifted"


FIELDS = st.dictionaries(st.sampled_from(["zone", "target"]), st.sampled_from(["a", "b"]))
STATES = st.dictionaries(st.tuples(st.sampled_from(["instance", "database"]), st.sampled_from("xyz")), FIELDS)


@settings(deadline=None)
@given(STATES, STATES)
def test_the_transitions_lead_from_one_state_to_the_other(before, after):
    reached = dict(before)
    for record in transitions(before, after):
        subject = record["subject"], record["id"]
        if record.get("gone"):
            del reached[subject]
        else:
            assert reached.get(subject) != after[subject], "told only where something changed"
            reached[subject] = {key: record[key] for key in record.keys() - {"subject", "id"}}
    assert reached == after
