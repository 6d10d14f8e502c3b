"""What should change about one rule of a listener, as a table."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener_rule import ListenerRule
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.listener_rule import plan

ORDERS = ({"field": "path-pattern", "values": ["/orders"]},)
FORWARD = ({"forward": {"target_group": "orders"}},)
HAVE = ListenerRule(10, ORDERS, FORWARD, {}, {"a": "1", "b": "2"}, "arn:rule", name="orders")


def changes(want, have=HAVE, purge_tags=True):
    planned = plan(ListenerRule(name="orders", **want), have, {"purge_tags": purge_tags})
    return [(each.action, dict(each.after)) for each in planned]


@pytest.mark.parametrize(
    ("want", "after"),
    [
        pytest.param({}, None, id="nothing given"),
        pytest.param({"priority": 10, "conditions": ORDERS, "actions": FORWARD}, None, id="equal"),
        pytest.param({"priority": 11}, {"priority": 11}, id="another place"),
        pytest.param({"transforms": {}, "tags": {"a": "1", "b": "2"}}, None, id="nothing to clear"),
        pytest.param({"tags": {"a": "1"}}, {"tags": {"a": "1"}}, id="unlisted tags go"),
    ],
)
def test_update(want, after):
    assert changes(want) == ([("update", after)] if after else [])


def test_unlisted_tags_stay_where_they_are_not_to_be_purged():
    assert changes({"tags": {"c": "3"}}, purge_tags=False) == [("update", {"tags": {"a": "1", "b": "2", "c": "3"}})]


def test_it_goes_whole():
    assert [str(each) for each in plan(None, HAVE, {})] == ["delete listener rule orders"]
    assert plan(None, None, {}) == ()


def test_half_of_a_rule_is_none():
    with pytest.raises(InvalidOptions, match="actions: None is missing, and there is no rule orders yet"):
        changes({"priority": 10, "conditions": ORDERS}, have=None)


def test_a_login_needs_its_secret_once():
    login = ({"authenticate_oidc": {"issuer": "https://id.example"}}, *FORWARD)
    with pytest.raises(StackError, match=r"listener rule orders: authenticate_oidc\.client_secret is missing"):
        changes({"actions": login})
    assert changes({"actions": login, "client_secret": "word"}) == [("update", {"actions": list(login)})]
