"""The tags of a change: those to set, and the keys of those to take away."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags


@pytest.mark.parametrize(
    ("before", "after", "to_set", "to_take"),
    [
        pytest.param({}, {}, {}, [], id="not of this change"),
        pytest.param({"tags": {"a": "1"}}, {}, {}, [], id="there, and not of this change"),
        pytest.param({}, {"tags": {"a": "1"}}, {"a": "1"}, [], id="the first ones"),
        pytest.param({"tags": None}, {"tags": {"a": "1"}}, {"a": "1"}, [], id="none there"),
        pytest.param({"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1", "b": "3"}}, {"b": "3"}, [], id="one differs"),
        pytest.param({"tags": {"a": "1", "b": "2"}}, {"tags": {"b": "2"}}, {}, ["a"], id="one too many"),
        pytest.param({"tags": {"a": "1"}}, {"tags": {}}, {}, ["a"], id="all go"),
    ],
)
def test_only_what_differs_is_written(
    before: dict[str, Any], after: dict[str, Any], to_set: dict[str, str], to_take: list[str]
) -> None:
    assert tags.changes(before, after) == (to_set, to_take)
