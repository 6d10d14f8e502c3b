"""The secret module, against the region."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY


@pytest.fixture
def secret(module):
    yield module("secret")
    for name in ("left-alone", "drifted", "restored", "planned"):
        module("secret")(name=name, state="absent", recovery_window=0)


def value(aws, name):
    return aws("secretsmanager").get_secret_value(SecretId=name)["SecretString"]


def test_twelve_steps(twelve_steps, aws):
    given = {
        "name": "twelve/steps",
        "description": "what is secret",
        "value": {"username": "deploy", "token": "hunter2"},
        "tags": {"stack": "goals", "owner": "web"},
    }
    changed = {
        **given,
        "description": "",
        "value": "swordfish",
        "kms_key_id": "alias/goals",
        "tags": {"stack": "goals", "tier": "app"},
    }
    gone = {"name": "twelve/steps", "recovery_window": 0}
    created, updated, deleted = twelve_steps("secret")(given, changed, gone)
    assert created["plan"] == ["create secret twelve/steps"]
    assert updated["diff"]["before"]["secret twelve/steps"] == {
        "description": "what is secret",
        "value": "(not shown)",
        "kms_key_id": "alias/aws/secretsmanager",
        "tags": {"stack": "goals", "owner": "web"},
    }
    assert updated["diff"]["after"]["secret twelve/steps"]["value"] == "(not shown, another one)"
    assert updated["secret"]["arn"] == created["secret"]["arn"]
    assert updated["secret"]["version_id"] != created["secret"]["version_id"]
    assert deleted["secret"] == {}
    shown = json.dumps([created, updated, deleted])
    assert not [each for each in ("hunter2", "swordfish") if each in shown]


def test_settings_not_given_are_left_alone(secret, aws):
    made = secret(name="left-alone", value="a", description="x", tags={"stack": "goals"})["secret"]
    aws.calls.clear()
    again = secret(name="left-alone")
    assert not again["changed"]
    assert again["secret"] == made
    assert aws.calls == ["DescribeSecret"]
    kept = secret(name="left-alone", tags={"tier": "app"}, purge_tags=False)["secret"]
    assert (kept["tags"], kept["version_id"]) == ({"stack": "goals", "tier": "app"}, made["version_id"])


def test_a_value_may_be_rotated_by_somebody_else(secret, aws):
    secret(name="left-alone", value="a", update_value="on_create")
    aws("secretsmanager").put_secret_value(SecretId="left-alone", SecretString="rotated")
    assert not secret(name="left-alone", value="a", update_value="on_create")["changed"]
    assert value(aws, "left-alone") == "rotated"


def test_drift_is_planned_and_repaired(secret, aws):
    given = {"name": "drifted", "value": {"token": "a"}, "description": "x", "tags": {"stack": "goals"}}
    secret(**given)
    client = aws("secretsmanager")
    client.update_secret(SecretId="drifted", SecretString="b", Description="y")
    client.tag_resource(SecretId="drifted", Tags=[{"Key": "stack", "Value": "other"}])
    planned, done = secret(**given, check_mode=True), secret(**given)
    assert planned["diff"]["after"]["secret drifted"].keys() == {"value", "description", "tags"}
    assert (done["plan"], done["diff"]) == (planned["plan"], planned["diff"])
    assert json.loads(value(aws, "drifted")) == {"token": "a"}
    assert not secret(**given)["changed"]


def test_a_secret_that_is_scheduled_for_deletion_is_restored(secret, aws):
    made = secret(name="restored", value="a")["secret"]
    assert secret(name="restored", state="absent", recovery_window=7)["plan"] == ["delete secret restored"]
    assert not secret(name="restored", state="absent")["changed"], "it is gone, as far as that can be"
    planned = secret(name="restored", value="a", check_mode=True)
    assert planned["diff"]["after"]["secret restored"]["deletion_date"] is None
    restored = secret(name="restored", value="a")
    assert (restored["plan"], restored["diff"]) == (planned["plan"], planned["diff"])
    assert restored["secret"]["arn"] == made["arn"]
    assert value(aws, "restored") == "a"
    assert not secret(name="restored", value="a")["changed"]
    secret(name="restored", state="absent")
    assert secret(name="restored", state="absent", recovery_window=0)["plan"] == ["delete secret restored"]
    with pytest.raises(aws("secretsmanager").exceptions.ResourceNotFoundException):
        aws("secretsmanager").describe_secret(SecretId="restored")


def test_check_mode_tells_what_is_only_known_after_it_is_made(secret):
    planned = secret(name="planned", value="a", check_mode=True)["secret"]
    assert (planned["arn"], planned["version_id"]) == (KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY)
    again = secret(name="planned", value="a")["secret"]
    assert secret(name="planned", value="b", check_mode=True)["secret"]["arn"] == again["arn"]
