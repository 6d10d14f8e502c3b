"""What should change about a target group, as a table."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.target_group import TargetGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.target_group import plan

HAVE = TargetGroup(
    name="goals", vpc_id="vpc-1", port=8000, health_check_path="/", health_check_interval=30, tags={"a": "1", "b": "2"}
)


@pytest.mark.parametrize(
    ("want", "purge", "after"),
    [
        pytest.param({}, True, None, id="nothing given, nothing changed"),
        pytest.param({"health_check_path": "/"}, True, None, id="equal"),
        pytest.param({"health_check_interval": 5}, True, {"health_check_interval": 5}, id="one setting"),
        pytest.param({"tags": {"a": "1"}}, True, {"tags": {"a": "1"}}, id="unlisted tags go"),
        pytest.param({"tags": {"a": "1"}}, False, None, id="unlisted tags stay"),
        pytest.param({"tags": {"a": "3"}}, False, {"tags": {"a": "3", "b": "2"}}, id="listed tags change, others stay"),
        pytest.param({"tags": {}}, True, {"tags": {}}, id="empty clears"),
    ],
)
def test_update(want, purge, after):
    changes = plan(TargetGroup(name="goals", **want), HAVE, {"purge_tags": purge})
    assert [change.after for change in changes] == ([] if after is None else [after])


@pytest.mark.parametrize(
    ("want", "have", "actions"), [(HAVE, None, ["create"]), (None, HAVE, ["delete"]), (None, None, [])]
)
def test_create_and_delete(want, have, actions):
    assert [change.action for change in plan(want, have, {"purge_tags": True})] == actions


def test_port_can_not_change():
    with pytest.raises(StackError, match="port is 8000, wanted 9000"):
        plan(TargetGroup(name="goals", port=9000), HAVE, {"purge_tags": True})


@pytest.mark.parametrize(
    ("want", "have"),
    [
        pytest.param({"health_check_interval": 5}, None, id="a new one's timeout is 5 s"),
        pytest.param({"health_check_interval": 5}, {"health_check_timeout": 6}, id="the timeout it has"),
        pytest.param({"health_check_timeout": 30}, {"health_check_interval": 30}, id="the interval it has"),
    ],
)
def test_a_timeout_that_is_not_shorter_than_the_interval_is_refused(want, have):
    there = None if have is None else TargetGroup(name="goals", **have)
    with pytest.raises(StackError, match=r"is too long\. Give a health_check_timeout of less than"):
        plan(TargetGroup(name="goals", **want), there, {"purge_tags": True})
