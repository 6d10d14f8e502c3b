"""The dashboard module, against the region."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError

TEXT = {"type": "text", "x": 0, "y": 0, "width": 6, "height": 3, "properties": {"markdown": "# goals"}}


def test_twelve_steps(twelve_steps):
    given = {"name": "twelve-steps", "body": {"widgets": [TEXT]}, "tags": {"stack": "goals", "owner": "web"}}
    changed = {
        "name": "twelve-steps",
        "body": {"start": "-PT6H", "widgets": [TEXT, {**TEXT, "y": 3}]},
        "tags": {"stack": "goals", "tier": "app"},
    }
    created, updated, deleted = twelve_steps("dashboard")(given, changed, {"name": "twelve-steps"})
    assert created["plan"] == ["create dashboard twelve-steps"]
    assert created["dashboard"]["arn"].endswith(":dashboard/twelve-steps")
    assert updated["dashboard"]["tags"] == {"stack": "goals", "tier": "app"}
    assert deleted["plan"] == ["delete dashboard twelve-steps"]


def test_how_it_is_written_makes_no_difference(module, aws):
    written = json.dumps({"widgets": [dict(reversed(TEXT.items()))]}, indent=4)
    aws("cloudwatch").put_dashboard(DashboardName="by-hand", DashboardBody=written)
    assert not module("dashboard")(name="by-hand", body={"widgets": [TEXT]})["changed"]
    module("dashboard")(name="by-hand", state="absent")


def test_what_cloudwatch_refuses_is_told_in_its_words(module):
    empty = {"type": "alarm", "properties": {"alarms": []}}
    with pytest.raises(StackError, match="/widgets/0/properties/alarms: Should NOT have less than 1 items"):
        module("dashboard")(name="goals", body={"widgets": [empty]})


@pytest.mark.parametrize(
    ("wrong", "option"),
    [
        ({"name": "with space"}, "name"),
        ({"body": {}}, "body.widgets"),
        ({"body": {"widgets": [TEXT] * 501}}, "body.widgets"),
    ],
)
def test_what_cannot_be_is_told_by_its_option(module, wrong, option):
    with pytest.raises(InvalidOptions) as told:
        module("dashboard")(**{"name": "goals", **wrong})
    assert [fault.option for fault in told.value.faults] == [option]
