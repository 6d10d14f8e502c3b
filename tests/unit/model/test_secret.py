"""What can't be right about a secret, what Secrets Manager's answers mean, and that a value is never shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model import secret as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"


def options(**given):
    everything = {option: spec.get("default") for option, spec in model.OPTIONS.items()}
    return {**everything, "state": "present", "name": "goals/registry", **given}


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"name": "goals registry"}, ["name"], id="name"),
        pytest.param({"description": "x" * 2049}, ["description"], id="description"),
        pytest.param({"value": ""}, ["value"], id="empty"),
        pytest.param({"value": "\u00e9" * 32769}, ["value"], id="too long"),
        pytest.param({"value": {"token": "x"}}, [], id="a dictionary"),
        pytest.param({"recovery_window": 0}, [], id="at once"),
        pytest.param({"recovery_window": 6}, ["recovery_window"], id="window"),
        pytest.param({"tags": {"aws:a": "1"}}, ["tags"], id="tags"),
    ],
)
def test_faults(given, faulty):
    assert [fault.option for fault in model.faults(options(**given))] == faulty


def test_a_fault_does_not_show_the_value():
    (fault,) = model.faults(options(value="hunter2" * 10000))
    assert "hunter2" not in str(fault)


def test_a_value_is_shown_nowhere():
    secret = model.from_params(options(value={"token": "hunter2"}))
    assert secret.secret == {"token": "hunter2"}
    assert "hunter2" not in f"{secret!r} {secret.settings()} {secret.facts()}"
    assert "value" not in secret.facts()


@pytest.mark.parametrize(
    ("given", "compared"),
    [({}, False), ({"value": "x"}, True), ({"value": "x", "update_value": "on_create"}, False)],
)
def test_a_value_is_compared_only_where_it_must_be(given, compared):
    assert model.from_params(options(**given)).is_compared is compared


def test_from_api():
    versions = {"old": ["AWSPREVIOUS"], "new": ["AWSCURRENT"]}
    described = {"Name": "goals", "ARN": "arn:secret", "VersionIdsToStages": versions}
    seen = model.from_api({**described, "DeletedDate": datetime(2031, 5, 4, tzinfo=UTC)}, "x")
    assert (seen.version_id, seen.value, seen.secret) == ("new", model.NOT_SHOWN, "x")
    assert (seen.description, seen.kms_key_id, seen.tags) == ("", "alias/aws/secretsmanager", {})
    assert seen.deletion_date == "2031-05-04T00:00:00+00:00"


def test_a_secret_without_a_value():
    seen = model.from_api({"Name": "goals", "ARN": "arn:secret"}, None)
    assert (seen.version_id, seen.value, seen.secret, seen.deletion_date) == (None, None, UNSET, None)


@pytest.mark.parametrize(
    ("secret", "kept", "same"),
    [
        ("x", "x", True),
        ("x", "y", False),
        ("x", UNSET, False),
        ({"a": 1, "b": 2}, '{"b":2, "a":1}', True),
        ({"a": 1}, '{"a": 2}', False),
        ({"a": 1}, "no JSON", False),
        ('{"a": 1}', '{"a":1}', False),
    ],
)
def test_the_same_value(secret, kept, same):
    assert model.is_same(secret, kept) is same


@pytest.mark.parametrize(("secret", "kept"), [("x", "x"), ({"a": "b"}, '{"a": "b"}'), (5, "5")])
def test_what_is_kept(secret, kept):
    assert model.written(secret) == kept


@pytest.mark.parametrize(
    ("key", "there", "same"),
    [
        (KEY, f"arn:aws:kms:us-east-1:123456789012:key/{KEY}", True),
        ("alias/goals", "arn:aws:kms:us-east-1:123456789012:alias/goals", True),
        ("alias/goals", "alias/goals", True),
        ("goals", "alias/goals", False),
    ],
)
def test_a_key_is_called_by_id_alias_or_arn(key, there, same):
    assert model.is_key(key, there) is same
