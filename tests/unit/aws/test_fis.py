"""What is sent to Fault Injection Service, checked against the service's own model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import fis_experiment as run_api
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import fis_experiment_template as template_api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import fis_experiment_template as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment import Experiment
from ansible_collections.ha_stack.aws.plugins.module_utils._plan import fis_experiment as run_plan
from ansible_collections.ha_stack.aws.plugins.module_utils._plan import fis_experiment_template as template_plan
from botocore.exceptions import ClientError

from tests.support.stubbed import stubbed

ROLE = "arn:aws:iam::123456789012:role/drills"
LOGS = "arn:aws:logs:us-east-1:123456789012:log-group:drills:*"
ARN = "arn:aws:fis:us-east-1:123456789012:experiment-template/EXT1"
RUN_ARN = "arn:aws:fis:us-east-1:123456789012:experiment/EXP1"
NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)

GIVEN = {
    "name": "drill",
    "role_arn": ROLE,
    "targets": [
        {
            "name": "instances",
            "resource_type": "aws:ec2:instance",
            "resource_tags": {"stack": "goals"},
            "filters": [{"path": "State.Name", "values": ["running"]}],
            "selection_mode": "COUNT(1)",
        }
    ],
    "actions": [
        {
            "name": "stop",
            "action_id": "aws:ec2:stop-instances",
            "parameters": {"startInstancesAfterDuration": "PT3M"},
            "targets": {"Instances": "instances"},
        }
    ],
    "log_configuration": {"log_group_arn": LOGS},
    "empty_target_resolution_mode": "fail",
    "tags": {"stack": "goals"},
}
SENT = {
    "description": "drill",
    "roleArn": ROLE,
    "targets": {
        "instances": {
            "resourceType": "aws:ec2:instance",
            "resourceTags": {"stack": "goals"},
            "filters": [{"path": "State.Name", "values": ["running"]}],
            "selectionMode": "COUNT(1)",
        }
    },
    "actions": {
        "stop": {
            "actionId": "aws:ec2:stop-instances",
            "parameters": {"startInstancesAfterDuration": "PT3M"},
            "targets": {"Instances": "instances"},
        }
    },
    "stopConditions": [{"source": "none"}],
    "logConfiguration": {"logSchemaVersion": 2, "cloudWatchLogsConfiguration": {"logGroupArn": LOGS}},
    "experimentOptions": {"emptyTargetResolutionMode": "fail"},
    "tags": {"Name": "drill", "stack": "goals"},
}
HAVE = model.from_api({"id": "EXT1", "arn": ARN, **SENT})


def wanted(**given):
    params = {option: spec.get("default") for option, spec in model.OPTIONS.items()}
    return model.from_params({**params, **given})


def change(want, have=None):
    return template_plan.plan(want, have, {"purge_tags": True})[0]


def summary(id, name, arn=ARN):
    return {"id": id, "arn": arn, "tags": {"Name": name}, "creationTime": NOON}


def listed(stub, *summaries):
    stub.add_response("list_experiment_templates", {"experimentTemplates": list(summaries)}, {})


def test_create_sends_all_that_was_given():
    with stubbed("fis") as (session, stub):
        stub.add_response("create_experiment_template", {}, SENT)
        template_api.create(session, change(wanted(**GIVEN)))


def test_a_role_that_can_not_be_assumed_yet_is_tried_again():
    with stubbed("fis", wait_timeout=60) as (session, stub):
        unseen = "The role can't be assumed by the fis.amazonaws.com service"
        stub.add_client_error("create_experiment_template", "ValidationException", unseen)
        stub.add_response("create_experiment_template", {}, SENT)
        template_api.create(session, change(wanted(**GIVEN)))


def test_another_refusal_is_not_tried_again():
    with stubbed("fis", wait_timeout=60) as (session, stub):
        stub.add_client_error("create_experiment_template", "ValidationException", "Invalid duration")
        with pytest.raises(ClientError, match="Invalid duration"):
            template_api.create(session, change(wanted(**GIVEN)))


def test_what_was_made_is_read_as_no_change():
    with stubbed("fis") as (session, stub):
        listed(stub, summary("EXT0", "other"), summary("EXT1", "drill"))
        template = {"id": "EXT1", "arn": ARN, **SENT}
        stub.add_response("get_experiment_template", {"experimentTemplate": template}, {"id": "EXT1"})
        read = template_api.read(session, wanted(**GIVEN))
    assert template_plan.plan(wanted(**GIVEN), read, {"purge_tags": True}) == ()


def test_a_template_that_is_not_there_is_none():
    with stubbed("fis") as (session, stub):
        listed(stub, summary("EXT0", "other"))
        assert template_api.read(session, wanted(**GIVEN)) is None


def test_two_templates_of_one_name_are_refused():
    with stubbed("fis") as (session, stub):
        listed(stub, summary("EXT1", "drill"), summary("EXT2", "drill"))
        with pytest.raises(StackError, match="EXT1, EXT2 all have the tag Name=drill"):
            template_api.read(session, wanted(**GIVEN))


def test_update_sends_what_differs_and_no_more():
    more = {**GIVEN, "empty_target_resolution_mode": "skip", "tags": {"tier": "app"}}
    with stubbed("fis") as (session, stub):
        options = {"emptyTargetResolutionMode": "skip"}
        stub.add_response("update_experiment_template", {}, {"id": "EXT1", "experimentOptions": options})
        stub.add_response("tag_resource", {}, {"resourceArn": ARN, "tags": {"tier": "app"}})
        stub.add_response("untag_resource", {}, {"resourceArn": ARN, "tagKeys": ["stack"]})
        template_api.update(session, change(wanted(**more), HAVE))


def test_what_is_gone_already_is_deleted():
    with stubbed("fis") as (session, stub):
        stub.add_client_error("delete_experiment_template", "ResourceNotFoundException", expected_params={"id": "EXT1"})
        template_api.delete(session, change(None, HAVE))


RUN = Experiment("run-1", template_id="EXT1", tags={"stack": "goals"})


def running(status="running", **more):
    answer = {"id": "EXP1", "arn": RUN_ARN, "experimentTemplateId": "EXT1", "state": {"status": status}}
    return {**answer, "tags": {"Name": "run-1", "stack": "goals"}, **more}


def experiment_read(stub, status="running"):
    stub.add_response("get_experiment", {"experiment": running(status)}, {"id": "EXP1"})
    target = {"targetName": "instances", "resourceType": "aws:ec2:instance", "targetInformation": {"arn": "arn:i-1"}}
    stub.add_response("list_experiment_resolved_targets", {"resolvedTargets": [target]}, {"experimentId": "EXP1"})


def test_an_experiment_is_started_with_its_name_as_token_and_tag():
    sent = {
        "clientToken": "run-1",
        "experimentTemplateId": "EXT1",
        "tags": {"Name": "run-1", "stack": "goals"},
    }
    with stubbed("fis") as (session, stub):
        stub.add_response("start_experiment", {"experiment": running("initiating")}, sent)
        run_api.start(session, run_plan.plan(RUN, None, {"purge_tags": True})[0])
        experiment_read(stub)
        read = run_api.read(session, RUN)
    assert (read.status, read.resolved_targets[0]["information"]) == ("running", {"arn": "arn:i-1"})


def test_the_template_is_found_by_its_name_before_it_is_started():
    with stubbed("fis") as (session, stub):
        listed(stub, summary("EXT1", "drill"))
        assert run_api.resolve(session, Experiment("run-1", template="drill")).template_id == "EXT1"


def test_a_template_that_is_not_there_starts_nothing():
    with stubbed("fis") as (session, stub):
        listed(stub)
        want = run_api.resolve(session, Experiment("run-1", template="drill"))
        with pytest.raises(StackError, match="there is no experiment template drill"):
            run_api.preflight(session, run_plan.plan(want, None, {"purge_tags": True}))


def test_the_newest_experiment_of_the_name_is_read():
    with stubbed("fis") as (session, stub):
        old = {**summary("EXP0", "run-1"), "creationTime": datetime(2030, 1, 1, tzinfo=UTC)}
        stub.add_response("list_experiments", {"experiments": [old, summary("EXP9", "x"), summary("EXP1", "run-1")]})
        experiment_read(stub, "failed")
        assert run_api.read(session, RUN).status == "failed"


def test_stopping_stops_and_keeps_the_tags():
    have = replace(RUN, state="present", id="EXP1", arn=RUN_ARN)
    stop = run_plan.plan(Experiment("run-1", state="stopped"), have, {"purge_tags": True})[0]
    with stubbed("fis") as (session, stub):
        stub.add_response("stop_experiment", {"experiment": running("stopping")}, {"id": "EXP1"})
        run_api.update(session, stop)


@pytest.mark.parametrize(
    ("asked", "status", "stopped"), [(True, "running", True), (True, "failed", False), (False, "running", False)]
)
def test_an_abandoned_experiment_is_stopped_where_that_is_asked_for(asked, status, stopped):
    with stubbed("fis", stop_when_abandoned=asked) as (session, stub):
        if asked:
            stub.add_response("list_experiments", {"experiments": [summary("EXP1", "run-1")]})
            experiment_read(stub, status)
        if stopped:
            stub.add_response("stop_experiment", {"experiment": running("stopping")}, {"id": "EXP1"})
        assert bool(run_api.abandon(session, RUN)) == stopped
