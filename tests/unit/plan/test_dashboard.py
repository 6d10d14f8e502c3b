"""What should change about a dashboard, as a table."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.dashboard import Dashboard
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.dashboard import plan

BODY = {"widgets": [{"type": "text", "properties": {"markdown": "goals"}}]}
HAVE = Dashboard("goals", BODY, {"a": "1"}, "arn:dashboard")


@pytest.mark.parametrize(
    ("want", "after"),
    [
        pytest.param({}, None, id="nothing given"),
        pytest.param({"body": dict(reversed(BODY.items()))}, None, id="the same, written otherwise"),
        pytest.param({"body": {"widgets": []}}, {"body": {"widgets": []}}, id="another"),
        pytest.param({"tags": {}}, {"tags": {}}, id="unlisted tags go"),
    ],
)
def test_update(want, after):
    changes = plan(Dashboard("goals", **want), HAVE, {"purge_tags": True})
    assert [dict(each.after) for each in changes] == ([after] if after else [])


def test_a_new_one_needs_its_body():
    with pytest.raises(InvalidOptions, match="body: None is missing, and there is no dashboard goals yet"):
        plan(Dashboard("goals"), None, {"purge_tags": True})
    assert [str(each) for each in plan(Dashboard("goals", BODY), None, {"purge_tags": True})] == [
        "create dashboard goals"
    ]
    assert [str(each) for each in plan(None, HAVE, {})] == ["delete dashboard goals"]
