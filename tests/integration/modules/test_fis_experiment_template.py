"""The experiment template module, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions

from tests.integration.modules.fis import make_role, remove_role


@pytest.fixture
def role(aws):
    yield make_role(aws("iam"))
    remove_role(aws("iam"))


@pytest.fixture
def template(module):
    return module("fis_experiment_template")


def options(role, **more):
    return {
        "name": "twelve-steps",
        "description": "An instance of one zone stops",
        "role_arn": role,
        "targets": [
            {
                "name": "instances",
                "resource_type": "aws:ec2:instance",
                "resource_tags": {"stack": "goals"},
                "filters": [
                    {"path": "State.Name", "values": ["running"]},
                    {"path": "Placement.AvailabilityZone", "values": ["us-east-1a"]},
                ],
                "selection_mode": "COUNT(1)",
            }
        ],
        "actions": [
            {"name": "before", "action_id": "aws:fis:wait", "parameters": {"duration": "PT1M"}},
            {
                "name": "stop",
                "action_id": "aws:ec2:stop-instances",
                "parameters": {"startInstancesAfterDuration": "PT3M"},
                "targets": {"Instances": "instances"},
                "start_after": ["before"],
            },
        ],
        "tags": {"stack": "goals", "owner": "web"},
        **more,
    }


def test_twelve_steps(twelve_steps, aws, role):
    given = options(role)
    changed = options(
        role,
        description="An instance of the other zone stops",
        targets=[
            {
                **given["targets"][0],
                "filters": [{"path": "Placement.AvailabilityZone", "values": ["us-east-1b"]}],
                "selection_mode": "ALL",
            }
        ],
        actions=[{**given["actions"][1], "start_after": []}],
        empty_target_resolution_mode="skip",
        tags={"stack": "goals", "tier": "app"},
    )
    created, updated, deleted = twelve_steps("fis_experiment_template")(given, changed, {"name": "twelve-steps"})
    assert created["plan"] == ["create experiment template twelve-steps"]
    assert updated["diff"]["before"]["experiment template twelve-steps"].keys() == {
        "description",
        "targets",
        "actions",
        "empty_target_resolution_mode",
        "tags",
    }
    assert updated["fis_experiment_template"]["actions"].keys() == {"stop"}
    assert deleted["fis_experiment_template"] == {}
    assert aws("fis").list_experiment_templates()["experimentTemplates"] == []


def test_settings_not_given_are_left_alone(template, role):
    made = template(**options(role))["fis_experiment_template"]
    assert not template(name="twelve-steps")["changed"]
    kept = template(name="twelve-steps", tags={"tier": "app"}, purge_tags=False)["fis_experiment_template"]
    assert (kept["id"], kept["tags"]) == (made["id"], {"stack": "goals", "owner": "web", "tier": "app"})
    template(name="twelve-steps", state="absent")


def test_a_new_one_needs_a_role_and_an_action(template, aws):
    with pytest.raises(InvalidOptions) as told:
        template(name="no-such")
    assert [fault.option for fault in told.value.faults] == ["role_arn", "actions"]
    assert aws.writes() == []
