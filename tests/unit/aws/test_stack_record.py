"""What is asked of AWS for a record of a stack, checked against the services' own models."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import stack_record as api
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_read import activities_since
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

from tests.support.stubbed import stubbed

SINCE = datetime(2026, 7, 1, 12, tzinfo=UTC)
BEFORE, AFTER = SINCE - timedelta(seconds=1), SINCE + timedelta(seconds=1)
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/goals/50dc6c495c0c9188"


def activity(identity, start):
    return {
        "ActivityId": identity,
        "AutoScalingGroupName": "goals",
        "Cause": "x",
        "StartTime": start,
        "StatusCode": "Successful",
    }


def test_activities_are_read_until_the_first_that_is_older():
    with stubbed("autoscaling") as (session, stub):
        page = {"Activities": [activity("3", AFTER)], "NextToken": "more"}
        stub.add_response("describe_scaling_activities", page, {"AutoScalingGroupName": "goals"})
        page = {"Activities": [activity("2", SINCE), activity("1", BEFORE)], "NextToken": "never asked for"}
        stub.add_response("describe_scaling_activities", page, {"AutoScalingGroupName": "goals", "NextToken": "more"})
        assert [each["ActivityId"] for each in activities_since(session, "goals", SINCE)] == ["3", "2"]


def test_only_experiments_of_the_time_are_read():
    with stubbed("fis") as (session, stub):
        listed = [{"id": "EXP1", "creationTime": AFTER}, {"id": "EXP0", "creationTime": BEFORE}]
        stub.add_response("list_experiments", {"experiments": listed}, {})
        stub.add_response("get_experiment", {"experiment": {"id": "EXP1"}}, {"id": "EXP1"})
        assert api.experiments(session, SINCE) == [{"id": "EXP1"}]


def test_only_shifts_of_the_stack_that_were_in_force_count():
    def shift(identity, resource, expiry, begun=BEFORE, status="ACTIVE"):
        return {
            "zonalShiftId": identity,
            "resourceIdentifier": resource,
            "awayFrom": "use1-az1",
            "expiryTime": expiry,
            "startTime": begun,
            "status": status,
            "comment": "",
        }

    with stubbed("arc-zonal-shift") as (session, stub):
        other = f"{BALANCER}2"
        items = [
            shift("shift1", BALANCER, AFTER),
            shift("shift2", other, AFTER),
            shift("shift3", BALANCER, BEFORE),
            shift("shift4", BALANCER, AFTER, status="CANCELED"),
            shift("shift5", BALANCER, AFTER, begun=AFTER, status="CANCELED"),
        ]
        stub.add_response("list_zonal_shifts", {"items": items}, {})
        found = api.zonal_shifts(session, (BALANCER,), SINCE)
        assert [each["zonalShiftId"] for each in found] == ["shift1", "shift5"]


def test_a_load_balancers_nodes_are_found_by_its_network_interfaces():
    with stubbed("ec2") as (session, stub):
        interfaces = [
            {"AvailabilityZone": "us-east-1a", "Association": {"PublicIp": "198.51.100.7"}},
            {"AvailabilityZone": "us-east-1b"},
        ]
        asked = {"Filters": [{"Name": "description", "Values": ["ELB app/goals/50dc6c495c0c9188"]}]}
        stub.add_response("describe_network_interfaces", {"NetworkInterfaces": interfaces}, asked)
        assert api.nodes(session, [BALANCER]) == [{"address": "198.51.100.7", "zone": "us-east-1a"}]


def test_without_a_load_balancer_none_is_asked_for():
    with stubbed("ec2") as (session, _):
        assert api.nodes(session, []) == []


def test_database_events_are_those_of_the_database_since_then():
    with stubbed("rds") as (session, stub):
        asked = {"SourceIdentifier": "goals", "SourceType": "db-instance", "StartTime": SINCE}
        stub.add_response("describe_events", {"Events": [{"Message": "one"}], "Marker": "more"}, asked)
        stub.add_response("describe_events", {"Events": [{"Message": "two"}]}, {**asked, "Marker": "more"})
        assert [each["Message"] for each in api.database_events(session, "goals", SINCE)] == ["one", "two"]


def test_a_database_that_is_gone_is_no_failure():
    with stubbed("rds") as (session, stub):
        stub.add_client_error("describe_db_instances", "DBInstanceNotFound")
        watched = api.Stack("goals", (), (), "goals")
        assert api._database(session, watched.database) is None


def test_a_group_that_is_not_there_is_refused():
    with stubbed("autoscaling") as (session, stub):
        stub.add_response("describe_auto_scaling_groups", {"AutoScalingGroups": []})
        with pytest.raises(StackError, match="'goals' is not there"):
            api.stack(session, "goals", None)
