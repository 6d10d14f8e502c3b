"""What can't be right about a flow log, what AWS's answers mean, and which one is the wanted one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model.flow_log import (
    FORMAT,
    OPTIONS,
    FlowLog,
    completed,
    faults,
    from_api,
    from_params,
    matching,
    request,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET

GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/vpc/goals"
BUCKET = "arn:aws:s3:::goals-logs/network/"
STREAM = "arn:aws:firehose:us-east-1:123456789012:deliverystream/goals"
ROLE = "arn:aws:iam::123456789012:role/goals-flow-log"
LOGS = {"destination": GROUP, "role_arn": ROLE}
OBJECTS = {"destination": BUCKET}


def options(given):
    validated = ArgumentSpecValidator({"flow_log": {"type": "dict", "options": OPTIONS}}).validate({"flow_log": given})
    assert validated.error_messages == []
    return validated.validated_parameters["flow_log"]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, []),
        ({}, []),
        (LOGS, []),
        ({**LOGS, "destination": f"{GROUP}:*"}, []),
        ({"destination": KNOWN_AFTER_APPLY, "role_arn": KNOWN_AFTER_APPLY}, []),
        ({"traffic": "ALL"}, ["destination"]),
        ({"tags": {"cost": "low"}}, ["destination"]),
        ({"destination": GROUP}, ["role_arn"]),
        ({**LOGS, "role_arn": "goals"}, ["role_arn"]),
        ({**LOGS, "per_hour_partition": False}, ["per_hour_partition"]),
        ({**OBJECTS, "file_format": "parquet"}, []),
        ({**OBJECTS, "role_arn": ROLE}, ["role_arn"]),
        ({"destination": STREAM}, []),
        ({"destination": STREAM, "role_arn": ROLE}, []),
        ({"destination": "goals-logs"}, ["destination"]),
        ({"destination": "arn:aws:sqs:us-east-1:123456789012:goals"}, ["destination"]),
        ({**OBJECTS, "format": "${srcaddr}\n  ${action}"}, []),
        ({**OBJECTS, "format": "srcaddr action"}, ["format"]),
    ],
)
def test_faults(given, expected):
    assert [fault.option for fault in faults(options(given))] == [f"flow_log.{name}" for name in expected]


def test_what_is_given():
    assert from_params(None, {}) is UNSET
    assert from_params(options({}), {}) is None
    spaced = {**LOGS, "destination": f"{GROUP}:*", "format": "${srcaddr}\n  ${action}\n", "tags": {"cost": 1}}
    assert from_params(options(spaced), {"Name": "goals"}) == FlowLog(
        GROUP, format="${srcaddr} ${action}", role_arn=ROLE, tags={"cost": "1", "Name": "goals"}
    )


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (LOGS, {"LogDestinationType": "cloud-watch-logs", "DeliverLogsPermissionArn": ROLE}),
        (
            {**OBJECTS, "file_format": "parquet", "per_hour_partition": True},
            {
                "LogDestinationType": "s3",
                "DestinationOptions": {
                    "FileFormat": "parquet",
                    "HiveCompatiblePartitions": False,
                    "PerHourPartition": True,
                },
            },
        ),
        ({"destination": STREAM}, {"LogDestinationType": "kinesis-data-firehose"}),
    ],
)
def test_what_is_sent(given, sent):
    whole = completed(from_params(options(given), {}))
    assert request(whole.settings()) == {
        "LogDestination": given["destination"],
        "TrafficType": "ALL",
        "MaxAggregationInterval": 600,
        "LogFormat": FORMAT,
        **sent,
    }


def test_what_an_answer_means():
    seen = from_api(
        {
            "FlowLogId": "fl-1",
            "LogDestination": BUCKET,
            "TrafficType": "REJECT",
            "MaxAggregationInterval": 60,
            "LogFormat": FORMAT,
            "DeliverLogsErrorMessage": "Access error",
            "Tags": [{"Key": "Name", "Value": "goals"}],
        },
        True,
    )
    assert (seen.traffic, seen.file_format, seen.per_hour_partition) == ("REJECT", "plain-text", False)
    assert (seen.id, seen.error, seen.tags) == ("fl-1", "Access error", {"Name": "goals"})
    named = from_api({"FlowLogId": "fl-1", "LogGroupName": "goals"}, False)
    assert (named.destination, named.file_format) == ("goals", UNSET)


HAVE = replace(completed(FlowLog(BUCKET, tags={})), id="fl-1")
BY_NAME = replace(completed(FlowLog(GROUP, role_arn=ROLE, tags={})), id="fl-1")
OTHERS = replace(HAVE, id="fl-9", own=False)


@pytest.mark.parametrize(
    ("want", "found", "expected"),
    [
        (FlowLog(GROUP, role_arn=ROLE), [replace(BY_NAME, destination="/vpc/goals")], "fl-1"),
        (FlowLog(GROUP, role_arn=ROLE), [replace(BY_NAME, destination="goals")], None),
        (FlowLog(BUCKET), [HAVE], "fl-1"),
        (FlowLog(BUCKET.rstrip("/")), [HAVE], "fl-1"),
        (FlowLog(BUCKET, tags={"cost": "low"}), [HAVE], "fl-1"),
        (FlowLog(BUCKET), [replace(HAVE, traffic="REJECT")], "fl-1"),
        (FlowLog(BUCKET, traffic="ALL"), [replace(HAVE, traffic="REJECT")], None),
        (FlowLog(GROUP), [HAVE], None),
        (FlowLog(BUCKET), [OTHERS, HAVE], "fl-1"),
        (FlowLog(BUCKET), [OTHERS], "fl-9"),
        (FlowLog(BUCKET), [replace(OTHERS, traffic="REJECT")], None),
        (FlowLog(BUCKET), [], None),
    ],
)
def test_which_one_is_wanted(want, found, expected):
    there = matching(want, found)
    assert (there.id if there else None) == expected


def test_what_is_not_given_stays_where_the_destination_is_of_the_same_kind():
    there = replace(HAVE, traffic="REJECT", file_format="parquet")
    same_kind = completed(FlowLog("arn:aws:s3:::other"), there)
    assert (same_kind.traffic, same_kind.file_format) == ("REJECT", "parquet")
    named = completed(FlowLog(GROUP, role_arn=ROLE), replace(BY_NAME, destination="other", traffic="REJECT"))
    assert named.traffic == "REJECT"
    other_kind = completed(FlowLog(GROUP, role_arn=ROLE), there)
    assert (other_kind.traffic, other_kind.file_format) == ("ALL", UNSET)
