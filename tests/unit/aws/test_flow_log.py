"""What is sent to EC2 for a flow log, checked against the service's own model."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import eventual
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import flow_log as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.flow_log import FORMAT, FlowLog, completed
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare
from botocore.exceptions import ClientError

from tests.support.stubbed import stubbed

GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:goals"
ROLE = "arn:aws:iam::123456789012:role/goals"
WANT = completed(FlowLog(GROUP, role_arn=ROLE, tags={"Name": "goals"}))
REQUEST = {
    "ResourceIds": ["vpc-1"],
    "ResourceType": "VPC",
    "LogDestinationType": "cloud-watch-logs",
    "LogDestination": GROUP,
    "TrafficType": "ALL",
    "MaxAggregationInterval": 600,
    "LogFormat": FORMAT,
    "DeliverLogsPermissionArn": ROLE,
    "TagSpecifications": [{"ResourceType": "vpc-flow-log", "Tags": [{"Key": "Name", "Value": "goals"}]}],
}
MADE = {"FlowLogIds": ["fl-2"], "Unsuccessful": []}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setitem(eventual.retried.__kwdefaults__, "sleep", lambda seconds: None)


def refused(code, message="no"):
    return {"FlowLogIds": [], "Unsuccessful": [{"ResourceId": "vpc-1", "Error": {"Code": code, "Message": message}}]}


def make(want, have, *calls):
    """Carry out the one change; ``calls`` are (operation, request, answer, or error code and message)."""
    (change,) = compare(api.KIND, "goals", want, have)
    with stubbed("ec2", name="goals") as (session, stub):
        session.ids["VPC", "goals"] = "vpc-1"
        for operation, request, answer in calls:
            if isinstance(answer, tuple):
                stub.add_client_error(operation, *answer, expected_params=request)
            else:
                stub.add_response(operation, answer, request)
        api.OPERATIONS[api.KIND, change.action](session, change)
        return session.ids


UNSEEN = "Unable to assume given IAM role"


@pytest.mark.parametrize(
    "first",
    [("InvalidParameter", UNSEEN), ("InvalidVpcID.NotFound", "no"), refused("InvalidParameter", f"{UNSEEN} {ROLE}")],
)
def test_it_is_made_once_its_role_and_its_vpc_are_seen(first):
    ids = make(WANT, None, ("create_flow_logs", REQUEST, first), ("create_flow_logs", REQUEST, MADE))
    assert ids["flow log", "goals"] == "fl-2"


def test_what_could_not_be_made_is_told():
    with pytest.raises(ClientError, match="LogDestination: goals does not exist"):
        make(WANT, None, ("create_flow_logs", REQUEST, refused("400", "LogDestination: goals does not exist")))


def test_its_predecessor_goes_first_only_where_aws_takes_no_second():
    exists, delete = ("FlowLogAlreadyExists", "no"), {"FlowLogIds": ["fl-1"]}
    make(
        *(replace(WANT, replaces=("fl-1",)), None),
        ("create_flow_logs", REQUEST, exists),
        ("delete_flow_logs", delete, {"Unsuccessful": []}),
        ("create_flow_logs", REQUEST, MADE),
    )
    with pytest.raises(ClientError, match="FlowLogAlreadyExists"):
        make(WANT, None, ("create_flow_logs", REQUEST, exists))


@pytest.mark.parametrize(
    "answer", [{"Unsuccessful": []}, ("InvalidFlowLogId.NotFound", "no"), refused("InvalidFlowLogId.NotFound")]
)
def test_what_is_gone_is_deleted(answer):
    answer = {"Unsuccessful": answer["Unsuccessful"]} if isinstance(answer, dict) else answer
    make(None, replace(WANT, id="fl-1"), ("delete_flow_logs", {"FlowLogIds": ["fl-1"]}, answer))


def test_only_its_tags_change():
    request = {"Resources": ["fl-1"], "Tags": [{"Key": "cost", "Value": "low"}]}
    have = replace(WANT, id="fl-1")
    make(replace(WANT, tags={**WANT.tags, "cost": "low"}), have, ("create_tags", request, {}))
