"""What is sent to IAM for a role, its policies and its instance profile, checked against the service's own model."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import eventual
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import iam_role as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.iam_role import IamRole, InstanceProfile
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.iam_role import plan
from botocore.exceptions import ClientError

from tests.support.stubbed import stubbed

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
SSM = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
AWS = "arn:aws:iam::aws:policy/"
OWN = "arn:aws:iam::123456789012:policy/backend/own-policy"
NAME, PROFILE_NAME = {"RoleName": "goals"}, {"InstanceProfileName": "goals"}
PROFILE = InstanceProfile("goals", "/", role="other", tags={"a": "1"})
HAVE = IamRole(
    "goals",
    path="/",
    description="",
    trust_policy=TRUST,
    permissions_boundary=OWN,
    managed_policies=(SSM,),
    tags={"a": "1", "b": "2"},
    inline_policies={"read": READ},
    instance_profile=PROFILE,
    arn="arn:aws:iam::123456789012:role/goals",
    id="AROAQ3EGRIFHXKJTZ4KXK",
)
CREATED = "2026-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def no_delay(monkeypatch):
    monkeypatch.setattr(eventual, "FIRST_DELAY", 0.0)


def apply(session, want, have=HAVE):
    changes = plan(want, have, {"purge_tags": True})
    for change in changes:
        api.OPERATIONS[change.kind, change.action](session, change)


def test_create():
    want = IamRole(
        "goals",
        path="/backend/",
        trust_policy=TRUST,
        max_session_duration=7200,
        managed_policies=("AmazonSSMManagedInstanceCore",),
        inline_policies={"read": READ},
        instance_profile=InstanceProfile("goals", "/backend/", role="goals", tags={"stack": "goals"}),
        tags={"stack": "goals"},
    )
    tags = [{"Key": "stack", "Value": "goals"}]
    role = {"Arn": HAVE.arn, "RoleId": HAVE.id, "RoleName": "goals", "Path": "/backend/", "CreateDate": CREATED}
    profile = {"InstanceProfileId": HAVE.id, "Arn": HAVE.arn, "Path": "/", "CreateDate": CREATED, "Roles": []}
    sent = {
        "Path": "/backend/",
        "AssumeRolePolicyDocument": json.dumps(TRUST),
        "MaxSessionDuration": 7200,
        "Tags": tags,
    }
    with stubbed("iam") as (session, stub):
        session.ids["managed policy", "AmazonSSMManagedInstanceCore"] = SSM
        stub.add_response("create_role", {"Role": role}, {**NAME, **sent})
        stub.add_response("attach_role_policy", {}, {**NAME, "PolicyArn": SSM})
        stub.add_response("put_role_policy", {}, {**NAME, "PolicyName": "read", "PolicyDocument": json.dumps(READ)})
        stub.add_response(
            "create_instance_profile",
            {"InstanceProfile": {**PROFILE_NAME, **profile}},
            {**PROFILE_NAME, "Path": "/backend/", "Tags": tags},
        )
        stub.add_response("add_role_to_instance_profile", {}, {**PROFILE_NAME, **NAME})
        apply(session, want, None)


def test_update_sends_what_differs_and_no_more():
    other = {**TRUST, "Version": "2008-10-17"}
    want = IamRole(
        "goals",
        trust_policy=other,
        description="x",
        permissions_boundary="",
        managed_policies=(OWN,),
        inline_policies={},
        instance_profile=replace(PROFILE, role="goals", tags={}),
        tags={"a": "3"},
    )
    with stubbed("iam") as (session, stub):
        stub.add_response("update_assume_role_policy", {}, {**NAME, "PolicyDocument": json.dumps(other)})
        stub.add_response("update_role", {}, {**NAME, "Description": "x"})
        stub.add_response("delete_role_permissions_boundary", {}, NAME)
        stub.add_response("tag_role", {}, {**NAME, "Tags": [{"Key": "a", "Value": "3"}]})
        stub.add_response("untag_role", {}, {**NAME, "TagKeys": ["b"]})
        stub.add_response("attach_role_policy", {}, {**NAME, "PolicyArn": OWN})
        stub.add_response("detach_role_policy", {}, {**NAME, "PolicyArn": SSM})
        stub.add_response("remove_role_from_instance_profile", {}, {**PROFILE_NAME, "RoleName": "other"})
        stub.add_response("add_role_to_instance_profile", {}, {**PROFILE_NAME, **NAME})
        stub.add_response("untag_instance_profile", {}, {**PROFILE_NAME, "TagKeys": ["a"]})
        stub.add_response("delete_role_policy", {}, {**NAME, "PolicyName": "read"})
        apply(session, want)


def test_a_boundary_is_put():
    with stubbed("iam") as (session, stub):
        stub.add_response("put_role_permissions_boundary", {}, {**NAME, "PermissionsBoundary": SSM})
        apply(session, IamRole("goals", permissions_boundary=SSM))


def test_delete_waits_until_iam_has_seen_what_went_before():
    with stubbed("iam", wait_timeout=60) as (session, stub):
        stub.add_response("remove_role_from_instance_profile", {}, {**PROFILE_NAME, "RoleName": "other"})
        stub.add_client_error("delete_instance_profile", "NoSuchEntity")
        stub.add_response("delete_role_policy", {}, {**NAME, "PolicyName": "read"})
        stub.add_response("detach_role_policy", {}, {**NAME, "PolicyArn": SSM})
        stub.add_client_error("delete_role", "DeleteConflict")
        stub.add_response("delete_role", {}, NAME)
        apply(session, None)


def test_a_role_that_this_run_made_is_waited_for():
    want = IamRole("goals", trust_policy=TRUST, managed_policies=(OWN,))
    role = {"Arn": HAVE.arn, "RoleId": HAVE.id, "RoleName": "goals", "Path": "/", "CreateDate": CREATED}
    with stubbed("iam", wait_timeout=60) as (session, stub):
        stub.add_response("create_role", {"Role": role})
        stub.add_client_error("attach_role_policy", "NoSuchEntity", "The role with name goals cannot be found.")
        stub.add_client_error(
            "attach_role_policy", "NoSuchEntity", f"Policy {OWN} does not exist or is not attachable."
        )
        with pytest.raises(ClientError, match="not attachable"):
            apply(session, want, None)


def test_a_role_that_was_there_is_not():
    with stubbed("iam", wait_timeout=60) as (session, stub):
        stub.add_client_error("attach_role_policy", "NoSuchEntity", "The role with name goals cannot be found.")
        with pytest.raises(ClientError, match="cannot be found"):
            apply(session, IamRole("goals", managed_policies=(OWN, SSM)))


def test_read_asks_for_the_policies_that_there_are():
    role = {
        **{"Arn": HAVE.arn, "RoleId": HAVE.id, "RoleName": "goals", "Path": "/", "CreateDate": CREATED},
        "AssumeRolePolicyDocument": json.dumps(TRUST),
        "Tags": [{"Key": "a", "Value": "1"}],
    }
    policy = {**NAME, "PolicyName": "read", "PolicyDocument": "%7B%22Statement%22%3A%20%5B%5D%7D"}
    attached = [{"PolicyName": "AmazonSSMManagedInstanceCore", "PolicyArn": SSM}]
    with stubbed("iam") as (session, stub):
        stub.add_response("get_role", {"Role": role}, NAME)
        stub.add_response("list_attached_role_policies", {"AttachedPolicies": attached}, NAME)
        stub.add_response("list_role_policies", {"PolicyNames": ["read"]}, NAME)
        stub.add_response("get_role_policy", policy, {**NAME, "PolicyName": "read"})
        stub.add_client_error("get_instance_profile", "NoSuchEntity", expected_params=PROFILE_NAME)
        seen = api.read(session, IamRole("goals"))
    assert (seen.trust_policy, seen.tags, seen.managed_policies) == (TRUST, {"a": "1"}, (SSM,))
    assert (seen.inline_policies, seen.instance_profile) == ({"read": {"Statement": []}}, None)


def test_a_role_that_is_not_there_is_none():
    with stubbed("iam") as (session, stub):
        for call in ("get_role", "list_attached_role_policies", "list_role_policies", "get_instance_profile"):
            stub.add_client_error(call, "NoSuchEntity")
        assert api.read(session, IamRole("goals")) is None


@pytest.mark.parametrize(
    ("name", "found", "arn"),
    [
        pytest.param("AmazonSSMManagedInstanceCore", "", SSM, id="AWS's"),
        pytest.param("Job", "job-function/", AWS + "job-function/Job", id="AWS's, under a path"),
        pytest.param("own-policy", None, OWN, id="the account's own, under a path"),
    ],
)
def test_a_policy_is_found_by_its_name(name, found, arn):
    with stubbed("iam") as (session, stub):
        names_are(stub, name, found)
        api.preflight(
            session, plan(IamRole("goals", managed_policies=(name, SSM)), replace(HAVE, managed_policies=()), PURGE)
        )
        assert session.ids["managed policy", name] == arn


PURGE = {"purge_tags": True}


def names_are(stub, name, found):
    """The account has a policy ``own-policy``; AWS has one called ``name`` under the path ``found``, or none."""
    own = {"PolicyName": "own-policy", "Arn": OWN}
    stub.add_response("list_policies", {"Policies": [own]}, {"Scope": "Local"})
    for path in api.AWS_PATHS:
        arn = f"{AWS}{path}{name}"
        if path == found:
            stub.add_response("get_policy", {"Policy": {"Arn": arn}}, {"PolicyArn": arn})
        else:
            stub.add_client_error("get_policy", "NoSuchEntity", expected_params={"PolicyArn": arn})


@pytest.mark.parametrize(
    ("name", "found", "cause"),
    [
        ("Nobodys", None, "is neither AWS's nor the account's own"),
        ("own-policy", "", f"may be {OWN} or {AWS}own-policy"),
    ],
)
def test_a_name_that_is_nobodys_or_not_only_one_policys_is_refused(name, found, cause):
    with stubbed("iam") as (session, stub):
        names_are(stub, name, found)
        with pytest.raises(StackError, match=f"managed_policies: '{name}' {cause}. Give the policy's ARN"):
            api.preflight(session, plan(IamRole("goals", managed_policies=(name,)), HAVE, PURGE))


def test_nothing_is_looked_up_where_arns_are_given():
    with stubbed("iam") as (session, _):
        api.preflight(session, plan(IamRole("goals", managed_policies=(OWN,)), HAVE, PURGE))
        api.preflight(session, plan(None, HAVE, PURGE))
