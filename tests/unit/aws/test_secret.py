"""What is sent to Secrets Manager for a secret, checked against the service's own model."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import eventual
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import secret as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.secret import NOT_SHOWN, OWN_KEY, Secret
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.secret import plan
from botocore.exceptions import ClientError

from tests.support.stubbed import stubbed

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:goals/registry-AbCdEf"
NAME = "goals/registry"
VERSION = "EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE"
HAVE = Secret(
    NAME,
    description="x",
    value=NOT_SHOWN,
    kms_key_id=OWN_KEY,
    deletion_date=None,
    tags={"a": "1", "b": "2"},
    arn=ARN,
    version_id=VERSION,
    secret="hunter2",
)
DESCRIBED = {"Name": NAME, "ARN": ARN, "VersionIdsToStages": {VERSION: ["AWSCURRENT"]}}
SECRET = {"SecretId": ARN}
LATER = datetime(2031, 5, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_delay(monkeypatch):
    monkeypatch.setattr(eventual, "FIRST_DELAY", 0.0)


def change(want, have=HAVE):
    return plan(want, have, {"purge_tags": True})[0]


def test_create():
    want = Secret(NAME, description="x", kms_key_id="alias/goals", secret={"token": "x"}, tags={"stack": "goals"})
    sent = {
        "Name": NAME,
        "Description": "x",
        "KmsKeyId": "alias/goals",
        "SecretString": '{"token": "x"}',
        "Tags": [{"Key": "stack", "Value": "goals"}],
    }
    with stubbed("secretsmanager") as (session, stub):
        stub.add_response("create_secret", {"ARN": ARN}, sent)
        api.create(session, change(want, None))


def test_a_name_that_is_not_free_yet_is_waited_for():
    taken = "You can't create this secret because a secret with this name is already scheduled for deletion."
    with stubbed("secretsmanager", wait_timeout=60) as (session, stub):
        stub.add_client_error("create_secret", "InvalidRequestException", taken)
        stub.add_client_error("create_secret", "InvalidRequestException", "no")
        with pytest.raises(ClientError, match="no"):
            api.create(session, change(Secret(NAME), None))


def test_update_sends_what_differs_and_no_more():
    with stubbed("secretsmanager") as (session, stub):
        stub.add_response("update_secret", {}, {**SECRET, "SecretString": "new"})
        stub.add_response("tag_resource", {}, {**SECRET, "Tags": [{"Key": "a", "Value": "3"}]})
        stub.add_response("untag_resource", {}, {**SECRET, "TagKeys": ["b"]})
        api.update(session, change(Secret(NAME, description="x", secret="new", tags={"a": "3"})))


def test_tags_alone_make_no_version():
    with stubbed("secretsmanager") as (session, stub):
        stub.add_response("untag_resource", {}, {**SECRET, "TagKeys": ["a", "b"]})
        api.update(session, change(Secret(NAME, tags={})))


def test_restore_comes_first():
    scheduled = Secret(NAME, description="x", value=NOT_SHOWN, deletion_date="2031-05-04", arn=ARN, kms_key_id=OWN_KEY)
    with stubbed("secretsmanager") as (session, stub):
        stub.add_response("restore_secret", {}, SECRET)
        stub.add_response("update_secret", {}, {**SECRET, "Description": "y"})
        api.update(session, change(Secret(NAME, description="y"), scheduled))


@pytest.mark.parametrize(
    ("window", "how"), [(7, {"RecoveryWindowInDays": 7}), (0, {"ForceDeleteWithoutRecovery": True})]
)
def test_delete(window, how):
    with stubbed("secretsmanager", recovery_window=window) as (session, stub):
        stub.add_response("delete_secret", {}, {**SECRET, **how})
        api.delete(session, change(None))


def test_read_asks_for_the_value_only_where_it_is_compared():
    with stubbed("secretsmanager", state="present") as (session, stub):
        stub.add_response("describe_secret", DESCRIBED, {"SecretId": NAME})
        assert api.read(session, Secret(NAME)).version_id == VERSION
        stub.add_response("describe_secret", DESCRIBED, {"SecretId": NAME})
        stub.add_response("get_secret_value", {"SecretString": "hunter2"}, {"SecretId": NAME})
        assert api.read(session, Secret(NAME, secret="x")).secret == "hunter2"


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "InvalidRequestException"])
def test_a_value_that_is_not_there_or_can_not_be_read(code):
    with stubbed("secretsmanager", state="present") as (session, stub):
        stub.add_response("describe_secret", {**DESCRIBED, "DeletedDate": LATER})
        stub.add_client_error("get_secret_value", code)
        assert not api.read(session, Secret(NAME, secret="x")).secret


def test_a_secret_that_is_not_there_is_none():
    with stubbed("secretsmanager", state="present") as (session, stub):
        stub.add_client_error("describe_secret", "ResourceNotFoundException")
        assert api.read(session, Secret(NAME)) is None


@pytest.mark.parametrize(("window", "gone"), [(30, True), (0, False)])
def test_a_secret_that_is_scheduled_for_deletion_is_gone_unless_it_shall_be_at_once(window, gone):
    with stubbed("secretsmanager", state="absent", recovery_window=window) as (session, stub):
        stub.add_response("describe_secret", {**DESCRIBED, "DeletedDate": LATER})
        assert (api.read(session, Secret(NAME, secret="x")) is None) is gone
