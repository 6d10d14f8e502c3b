"""The experiment module, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

from tests.integration.modules.fis import make_role, remove_role


@pytest.fixture
def role(aws):
    yield make_role(aws("iam"))
    remove_role(aws("iam"))


@pytest.fixture
def template(module, role):
    """A template of an experiment that does nothing for a minute."""
    waiting = {"name": "wait", "action_id": "aws:fis:wait", "parameters": {"duration": "PT1M"}}
    made = module("fis_experiment_template")(name="nothing", role_arn=role, actions=[waiting])
    yield made["fis_experiment_template"]["id"]
    module("fis_experiment_template")(name="nothing", state="absent")


@pytest.fixture
def experiment(module):
    return module("fis_experiment")


def test_twelve_steps(twelve_steps, experiment, template):
    """An experiment can't be deleted: the last four steps stop one that is under way."""
    lifecycle = twelve_steps("fis_experiment")
    run = {"name": "run-1", "template": "nothing", "tags": {"stack": "goals"}}
    done = lifecycle.step(run)["fis_experiment"]
    assert (done["status"], done["template_id"]) == ("completed", template)
    assert [(each["name"], each["status"]) for each in done["actions"]] == [("wait", "completed")]
    assert done["start_time"] <= done["actions"][0]["start_time"] < done["actions"][0]["end_time"] <= done["end_time"]

    tagged = lifecycle.step({**run, "tags": {"stack": "goals", "owner": "web"}})
    assert tagged["diff"]["after"] == {"experiment run-1": {"tags": {"stack": "goals", "owner": "web"}}}

    experiment(name="run-2", template="nothing", wait=False)
    stopped = lifecycle.step({"name": "run-2", "state": "stopped"})
    assert stopped["diff"]["after"] == {"experiment run-2": {"state": "stopped"}}
    assert stopped["fis_experiment"]["status"] == "stopped"


def test_what_was_started_without_waiting_is_followed_by_its_name(experiment, template, aws):
    started = experiment(name="run-3", template="nothing", wait=False)
    followed = experiment(name="run-3", template="nothing")
    assert (started["changed"], followed["changed"]) == (True, False)
    assert followed["fis_experiment"]["id"] == started["fis_experiment"]["id"]
    assert followed["fis_experiment"]["status"] == "completed"


def test_one_that_was_stopped_fails_whoever_waits_for_its_end(experiment, template):
    experiment(name="run-4", template="nothing", wait=False)
    experiment(name="run-4", state="stopped")
    with pytest.raises(StackError, match=r"experiment run-4 \(EXP\w+\) stopped.*give the next run another name"):
        experiment(name="run-4", template="nothing")


def test_one_that_is_no_longer_waited_for_is_stopped_where_that_is_asked_for(experiment, template):
    with pytest.raises(StackError, match=r"not done after 0 s.*Experiment EXP\w+ was told to stop"):
        experiment(name="run-5", template="nothing", wait_timeout=0, stop_when_abandoned=True)
    seen = experiment(name="run-5", state="stopped")
    assert (seen["changed"], seen["fis_experiment"]["status"]) == (False, "stopped")


def test_one_that_never_ran_is_not_running(experiment, aws):
    assert experiment(name="no-such", state="stopped") == {
        "changed": False,
        "diff": {"before": {}, "after": {}},
        "plan": [],
        "pending": None,
        "fis_experiment": {},
    }
    assert aws.writes() == []


def test_a_template_that_is_not_there_yet_is_planned_with_and_refused_by_a_run(experiment, aws):
    planned = experiment(name="run-6", template="to-come", check_mode=True)
    assert planned["plan"] == ["create experiment run-6"]
    assert planned["fis_experiment"]["template_id"] == KNOWN_AFTER_APPLY
    with pytest.raises(StackError, match="there is no experiment template to-come"):
        experiment(name="run-6", template="to-come")
    assert aws.writes() == []


def test_a_failure_tells_fis_s_code_and_reason(module, experiment, role):
    options = {
        "targets": [{"name": "instances", "resource_type": "aws:ec2:instance", "resource_tags": {"stack": "no-such"}}],
        "actions": [
            {"name": "stop", "action_id": "aws:ec2:stop-instances", "targets": {"Instances": "instances"}},
        ],
    }
    module("fis_experiment_template")(name="empty", role_arn=role, **options)
    with pytest.raises(StackError, match=r"experiment run-7 \(EXP\w+\) failed \(InvalidTarget\): \w+"):
        experiment(name="run-7", template="empty")
    module("fis_experiment_template")(name="empty", state="absent")
