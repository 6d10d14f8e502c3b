"""What should change about an experiment template, as a table."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment_template import ExperimentTemplate
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.fis_experiment_template import plan

ACTIONS = {"stop": {"action_id": "aws:ec2:stop-instances", "targets": {"Instances": "instances"}}}
HAVE = ExperimentTemplate(
    "drill",
    description="A drill",
    role_arn="arn:role",
    targets={"instances": {"resource_type": "aws:ec2:instance", "selection_mode": "ALL"}},
    actions=ACTIONS,
    stop_conditions=("arn:alarm",),
    empty_target_resolution_mode="fail",
    tags={"a": "1", "b": "2"},
)


@pytest.mark.parametrize(
    ("want", "purge", "after"),
    [
        pytest.param({}, True, None, id="nothing given, nothing changed"),
        pytest.param({"actions": dict(ACTIONS)}, True, None, id="equal"),
        pytest.param({"stop_conditions": ()}, True, {"stop_conditions": []}, id="empty clears"),
        pytest.param({"targets": {}}, True, {"targets": {}}, id="targets as a whole"),
        pytest.param({"tags": {"a": "1"}}, True, {"tags": {"a": "1"}}, id="unlisted tags go"),
        pytest.param({"tags": {"a": "1"}}, False, None, id="unlisted tags stay"),
    ],
)
def test_update(want, purge, after):
    changes = plan(ExperimentTemplate("drill", **want), HAVE, {"purge_tags": purge})
    assert [change.after for change in changes] == ([] if after is None else [after])


@pytest.mark.parametrize(
    ("want", "have", "actions"), [(HAVE, None, ["create"]), (None, HAVE, ["delete"]), (None, None, [])]
)
def test_create_and_delete(want, have, actions):
    assert [change.action for change in plan(want, have, {"purge_tags": True})] == actions


def test_a_new_one_gets_what_fis_takes_none_without():
    (change,) = plan(ExperimentTemplate("drill", role_arn="arn:role", actions=ACTIONS), None, {"purge_tags": True})
    assert (change.after["description"], change.after["stop_conditions"]) == ("drill", [])


def test_a_new_one_needs_a_role_and_an_action():
    with pytest.raises(InvalidOptions) as told:
        plan(ExperimentTemplate("drill", actions={}), None, {"purge_tags": True})
    assert [fault.option for fault in told.value.faults] == ["role_arn", "actions"]
