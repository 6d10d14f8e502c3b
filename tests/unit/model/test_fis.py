"""What can't be right about experiments and their templates, and what FIS's answers mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model import fis_experiment as experiment
from ansible_collections.ha_stack.aws.plugins.module_utils._model import fis_experiment_template as template
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment_template_faults import faults

ROLE = "arn:aws:iam::123456789012:role/drills"
ALARM = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:no healthy host"
TARGET = {"name": "instances", "resource_type": "aws:ec2:instance", "resource_tags": {"stack": "goals"}}
STOP = {"name": "stop", "action_id": "aws:ec2:stop-instances", "targets": {"Instances": "instances"}}


def options(spec, **given):
    return {"state": "present", **{option: each.get("default") for option, each in spec.items()}, **given}


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"name": "a b"}, ["name"], id="a name with a space"),
        pytest.param({"role_arn": "drills"}, ["role_arn"], id="a role's name"),
        pytest.param({"stop_conditions": [ALARM]}, [], id="an alarm"),
        pytest.param({"stop_conditions": ["no-healthy-host"]}, ["stop_conditions"], id="an alarm's name"),
        pytest.param({"targets": [TARGET, TARGET]}, ["targets[1].name"], id="a target's name twice"),
        pytest.param({"actions": [STOP, STOP]}, ["actions[1].name"], id="an action's name twice"),
        pytest.param(
            {"targets": [{"name": "instances", "resource_type": "aws:ec2:instance"}]},
            ["targets[instances]"],
            id="a target that chooses nothing",
        ),
        pytest.param(
            {"targets": [{**TARGET, "resource_tags": {}, "resource_arns": ["arn"] * 6}]},
            ["targets[instances].resource_arns"],
            id="too many resources",
        ),
        pytest.param(
            {"targets": [{**TARGET, "resource_arns": ["arn"]}]},
            ["targets[instances].resource_tags"],
            id="both",
        ),
        pytest.param(
            {"targets": [{**TARGET, "selection_mode": "PERCENT(101)"}]},
            ["targets[instances].selection_mode"],
            id="too much",
        ),
        pytest.param({"targets": [{**TARGET, "selection_mode": "COUNT(2)"}]}, [], id="a count"),
        pytest.param({"targets": []}, ["actions[stop].targets.Instances"], id="a target that isn't there"),
        pytest.param(
            {"actions": [{**STOP, "start_after": ["stop"]}]}, ["actions[stop].start_after"], id="an action after itself"
        ),
        pytest.param({"log_configuration": {"prefix": "drills"}}, ["log_configuration"], id="logs to nowhere"),
        pytest.param({"tags": {"Name": "x"}}, ["tags"], id="the tag that is the name"),
    ],
)
def test_faults_of_a_template(given, faulty):
    params = {"name": "drill", "role_arn": ROLE, "targets": [TARGET], "actions": [STOP], **given}
    assert [fault.option for fault in faults(options(template.OPTIONS, **params))] == faulty


def test_a_template_that_was_read_equals_the_options_it_was_made_from():
    """In whatever order, and with FIS's texts where the options have numbers and documents."""
    given = options(
        template.OPTIONS,
        name="drill",
        description="A drill",
        role_arn=ROLE,
        targets=[
            {
                **TARGET,
                "filters": [
                    {"path": "State.Name", "values": ["running", "pending"]},
                    {"path": "Placement.AvailabilityZone", "values": ["us-east-1a"]},
                ],
                "selection_mode": "ALL",
            }
        ],
        actions=[
            STOP,
            {
                "name": "kill",
                "action_id": "aws:ssm:send-command",
                "parameters": {"documentParameters": {"commands": ["docker kill backend"]}, "percentage": 50},
                "targets": {"Instances": "instances"},
                "start_after": ["stop"],
            },
        ],
        stop_conditions=[ALARM],
        log_configuration={"bucket": "logs", "prefix": "drills", "log_group_arn": None},
        empty_target_resolution_mode="skip",
        tags={"stack": "goals"},
    )
    want = template.from_params(given)
    sent = template.to_api(want.settings())
    kill = sent["actions"]["kill"]
    assert json.loads(kill["parameters"]["documentParameters"]) == {"commands": ["docker kill backend"]}
    assert kill["parameters"]["percentage"] == "50"
    assert sent["stopConditions"] == [{"source": "aws:cloudwatch:alarm", "value": ALARM}]
    sent["targets"]["instances"]["filters"].reverse()
    answer = {**sent, "id": "EXT1", "arn": "arn:1", "tags": {"Name": "drill", "stack": "goals", "aws:own": "x"}}
    assert template.from_api(answer).settings() == want.settings()


def test_a_template_that_nothing_stops_has_no_stop_conditions():
    assert template.to_api({"stop_conditions": []}) == {"stopConditions": [{"source": "none"}]}
    read = template.from_api({"id": "EXT1", "arn": "arn:1", "stopConditions": [{"source": "none"}]})
    assert read.settings()["stop_conditions"] == []


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        pytest.param({"template": "drill"}, [], id="by name"),
        pytest.param({"template_id": "EXT1"}, [], id="by id"),
        pytest.param({}, ["template"], id="of no template"),
        pytest.param({"state": "stopped"}, [], id="stopped by its name alone"),
        pytest.param({"template": "drill", "template_id": "EXT1"}, ["template_id"], id="of two templates"),
        pytest.param({"template": "drill", "name": ""}, ["name"], id="no name"),
    ],
)
def test_faults_of_an_experiment(given, faulty):
    params = {"name": "run-1", **given}
    assert [fault.option for fault in experiment.faults(options(experiment.OPTIONS, **params))] == faulty


def seen(status, to_complete=True, reason=None, **actions):
    """An experiment in this state, and its actions: name -> (status, reason)."""
    answer = {
        "id": "EXP1",
        "experimentTemplateId": "EXT1",
        "state": {"status": status, "reason": reason, "error": {"code": "AuthorizationFailure", "location": "stop"}},
        "tags": {"Name": "run-1", "stack": "goals"},
        "startTime": datetime(2031, 5, 4, 9, 12, 31, 482000, tzinfo=UTC),
        "actions": {
            name: {
                "actionId": f"aws:ec2:{name}",
                "state": {"status": of_action, "reason": why},
                "startTime": datetime(2031, 5, 4, 9, 12, 40 - number, tzinfo=UTC),
            }
            for number, (name, (of_action, why)) in enumerate(actions.items())
        },
    }
    return experiment.from_api(answer, [], to_complete=to_complete)


def test_actions_are_in_the_order_they_started_with_their_times():
    read = seen("running", stop=("completed", "done"), wait=("running", None))
    assert [(each["name"], each["start_time"]) for each in read.actions] == [
        ("wait", "2031-05-04T09:12:39.000+00:00"),
        ("stop", "2031-05-04T09:12:40.000+00:00"),
    ]
    assert (read.start_time, read.end_time, read.tags) == ("2031-05-04T09:12:31.482+00:00", None, {"stack": "goals"})


def test_an_experiment_under_way_says_what_it_does():
    told = experiment.pending(seen("running", reason="Experiment is running", stop=("running", None)))
    assert told == "experiment EXP1 is running (Experiment is running); action stop is running"


@pytest.mark.parametrize(
    ("status", "to_complete", "fails"),
    [
        ("completed", True, False),
        ("failed", True, True),
        ("stopped", True, True),
        ("cancelled", True, True),
        ("stopped", False, False),
        ("completed", False, False),
        ("failed", False, False),
    ],
)
def test_an_experiment_that_was_to_complete_fails_when_it_did_not(status, to_complete, fails):
    read = seen(status, to_complete)
    if fails:
        with pytest.raises(StackError, match=f"experiment run-1 \\(EXP1\\) {status}"):
            experiment.pending(read)
    else:
        assert experiment.pending(read) is None


def test_a_failure_tells_the_reason_of_each_action():
    read = seen(
        "failed",
        reason="Experiment failed.",
        stop=("failed", "Insufficient permissions: ec2:StopInstances"),
        wait=("completed", None),
        later=("cancelled", "Action cancelled"),
    )
    with pytest.raises(StackError) as told:
        experiment.pending(read)
    assert str(told.value) == (
        "experiment run-1 (EXP1) failed (AuthorizationFailure): Experiment failed; "
        "action later (aws:ec2:later) cancelled: Action cancelled; "
        "action stop (aws:ec2:stop) failed: Insufficient permissions: ec2:StopInstances. "
        "An experiment runs once: give the next run another name, when the cause is mended."
    )
