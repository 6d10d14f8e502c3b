"""Each service's history in one form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.events import (
    Event,
    activities,
    database_events,
    experiments,
    refreshes,
    shifts,
)

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
AT = NOON.timestamp()
LATER = NOON + timedelta(seconds=30)


@pytest.mark.parametrize(("status", "failed"), [("Successful", False), ("InProgress", False), ("Failed", True)])
def test_a_scaling_activity_tells_its_cause(status, failed):
    activity = {
        "StartTime": NOON,
        "EndTime": LATER,
        "Description": "Terminating EC2 instance: i-1",
        "Cause": "At 12:00 an instance was taken out of service in response to an ELB system health check failure.",
        "StatusCode": status,
        "StatusMessage": "Why.",
    }
    (event,) = activities([activity])
    assert (event.at, event.until, event.failed) == (AT, AT + 30, failed)
    assert event.what == "Terminating EC2 instance: i-1"
    assert event.detail.endswith("ELB system health check failure. Why.")


def test_an_activity_that_goes_on_has_no_end():
    (event,) = activities([{"StartTime": NOON, "StatusCode": "InProgress"}])
    assert "until" not in event.record()


def test_a_database_event_tells_its_categories():
    told = {"Date": NOON, "Message": "Multi-AZ instance failover started.", "EventCategories": ["failover"]}
    assert database_events([told]) == [Event(AT, "database", "Multi-AZ instance failover started", "failover")]


def test_a_refresh_that_was_rolled_back_is_two_events():
    refresh = {
        "Status": "RollbackSuccessful",
        "StatusReason": "i-1 never became healthy",
        "StartTime": NOON,
        "EndTime": LATER + timedelta(seconds=60),
        "DesiredConfiguration": {"LaunchTemplate": {"Version": "4"}},
        "RollbackDetails": {"RollbackStartTime": LATER, "RollbackReason": "a health check failed"},
    }
    whole, rollback = refreshes([refresh])
    assert (whole.what, whole.failed) == ("Instance refresh to template version 4: RollbackSuccessful", True)
    assert (rollback.what, rollback.at, rollback.until) == ("Rollback", AT + 30, AT + 90)
    assert rollback.detail == "a health check failed."


def test_only_actions_that_began_are_events():
    experiment = {
        "id": "EXP1",
        "actions": {
            "cut": {
                "actionId": "aws:network:disrupt-connectivity",
                "state": {"status": "completed", "reason": "Action was completed."},
                "startTime": NOON,
                "endTime": LATER,
            },
            "never": {"actionId": "aws:ec2:stop-instances", "state": {"status": "skipped"}},
        },
    }
    (event,) = experiments([experiment])
    assert (event.what, event.until) == ("cut (aws:network:disrupt-connectivity): completed", AT + 30)
    assert event.detail == "Action was completed. experiment EXP1."


@pytest.mark.parametrize(("status", "until"), [("ACTIVE", AT + 30), ("CANCELED", None), ("EXPIRED", AT + 30)])
def test_a_shift_names_the_zone(status, until):
    shift = {"startTime": NOON, "expiryTime": LATER, "awayFrom": "use1-az1", "status": status, "comment": "drill"}
    (event,) = shifts([shift], {"use1-az1": "us-east-1a"})
    assert (event.what, event.until) == (f"Away from us-east-1a: {status.lower()}", until)
