"""What should change about a secret, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.secret import ANOTHER, NOT_SHOWN, OWN_KEY, Secret
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.secret import plan, settled

KEY = "arn:aws:kms:us-east-1:123456789012:alias/goals"
HAVE = Secret(
    "goals",
    description="x",
    value=NOT_SHOWN,
    kms_key_id=OWN_KEY,
    deletion_date=None,
    tags={"a": "1", "b": "2"},
    arn="arn:secret",
    version_id="v1",
    secret="hunter2",
)
EMPTY = replace(HAVE, value=None, version_id=None, secret=UNSET)
SCHEDULED = replace(HAVE, deletion_date="2031-05-04T00:00:00+00:00", secret=UNSET)


def changes(want, have=HAVE, purge_tags=True):
    return [
        (each.action, dict(each.before), dict(each.after))
        for each in plan(Secret("goals", **want), have, {"purge_tags": purge_tags})
    ]


@pytest.mark.parametrize(
    ("want", "have"),
    [
        pytest.param({}, HAVE, id="nothing given"),
        pytest.param({"secret": "hunter2"}, HAVE, id="the same value"),
        pytest.param({"secret": "other", "update_value": "on_create"}, HAVE, id="a value that is left alone"),
        pytest.param({"secret": {"a": 1}}, replace(HAVE, secret='{"a":1}'), id="the same dictionary"),
        pytest.param({"kms_key_id": "alias/goals"}, replace(HAVE, kms_key_id=KEY), id="the same key"),
        pytest.param({"kms_key_id": OWN_KEY}, HAVE, id="Secrets Manager's own key"),
    ],
)
def test_nothing_to_do(want, have):
    assert changes(want, have) == []


@pytest.mark.parametrize(
    ("want", "have", "before", "after"),
    [
        pytest.param({"secret": "new"}, HAVE, {"value": NOT_SHOWN}, {"value": ANOTHER}, id="another value"),
        pytest.param({"secret": "new"}, EMPTY, {"value": None}, {"value": ANOTHER}, id="the first value"),
        pytest.param(
            {"secret": "new", "update_value": "on_create"},
            EMPTY,
            {"value": None},
            {"value": ANOTHER},
            id="still the first",
        ),
        pytest.param({"description": ""}, HAVE, {"description": "x"}, {"description": ""}, id="description"),
        pytest.param({"kms_key_id": KEY}, HAVE, {"kms_key_id": OWN_KEY}, {"kms_key_id": KEY}, id="key"),
        pytest.param({"tags": {"a": "1"}}, HAVE, {"tags": {"a": "1", "b": "2"}}, {"tags": {"a": "1"}}, id="tags"),
        pytest.param(
            {}, SCHEDULED, {"deletion_date": SCHEDULED.deletion_date}, {"deletion_date": None}, id="it is restored"
        ),
        pytest.param(
            {"secret": "hunter2"},
            SCHEDULED,
            {"deletion_date": SCHEDULED.deletion_date, "value": NOT_SHOWN},
            {"deletion_date": None, "value": ANOTHER},
            id="it is restored, and its value written, which could not be read",
        ),
        pytest.param(
            {"secret": "hunter2", "update_value": "on_create"},
            SCHEDULED,
            {"deletion_date": SCHEDULED.deletion_date},
            {"deletion_date": None},
            id="it is restored with its value",
        ),
    ],
)
def test_update(want, have, before, after):
    assert changes(want, have) == [("update", before, after)]


def test_tags_that_are_not_listed_may_stay():
    assert changes({"tags": {"a": "1"}}, purge_tags=False) == []


def test_create_and_delete():
    given = {"secret": "hunter2", "tags": {"a": "1"}}
    assert changes(given, None) == [("create", {}, {"name": "goals", "value": NOT_SHOWN, "tags": {"a": "1"}})]
    assert changes({}, None) == [("create", {}, {"name": "goals"})]
    assert [str(change) for change in plan(None, HAVE, {"purge_tags": True})] == ["delete secret goals"]
    assert plan(None, None, {"purge_tags": True}) == ()


@pytest.mark.parametrize("have", [None, HAVE, EMPTY, SCHEDULED])
def test_no_plan_shows_a_value(have):
    planned = [repr(each) for each in plan(Secret("goals", secret="swordfish"), have, {"purge_tags": True})]
    assert planned
    assert not [each for each in planned if "swordfish" in each or "hunter2" in each]


@pytest.mark.parametrize(
    ("want", "have", "version"),
    [
        ({}, None, None),
        ({"secret": "x"}, None, KNOWN_AFTER_APPLY),
        ({"secret": "x"}, HAVE, KNOWN_AFTER_APPLY),
        ({"description": "y"}, HAVE, "v1"),
    ],
)
def test_settled(want, have, version):
    assert settled(Secret("goals", **want), have).version_id == version


def test_settled_is_not_to_be_deleted():
    assert settled(Secret("goals"), SCHEDULED).deletion_date is None
