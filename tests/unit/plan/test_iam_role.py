"""What should change about an IAM role, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.iam_role import IamRole, InstanceProfile
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.iam_role import plan, settled


def policy(action):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": ["*"]}]}


def written_otherwise(action):
    return {"Statement": {"Resource": "*", "Action": [action], "Effect": "Allow"}, "Version": "2012-10-17"}


SSM = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
PROFILE = InstanceProfile("goals", "/", role="goals", tags={"a": "1"}, arn="arn:profile", id="AIPA1")
HAVE = IamRole(
    "goals",
    path="/",
    description="instances",
    trust_policy=policy("sts:AssumeRole"),
    max_session_duration=3600,
    permissions_boundary="",
    managed_policies=(SSM,),
    tags={"a": "1"},
    inline_policies={"read": policy("s3:Get*"), "write": policy("s3:Put*")},
    instance_profile=PROFILE,
    arn="arn:role",
    id="AROA1",
)
ONLY_PROFILE = IamRole("goals", instance_profile=PROFILE, arn=None, id=None)
WANT = {"trust_policy": policy("sts:AssumeRole")}


def changes(want, have=HAVE, purge_tags=True):
    return [(str(each), dict(each.after)) for each in plan(IamRole("goals", **want), have, {"purge_tags": purge_tags})]


@pytest.mark.parametrize(
    "want",
    [
        pytest.param({}, id="nothing given"),
        pytest.param({"trust_policy": written_otherwise("sts:AssumeRole")}, id="the same trust in other words"),
        pytest.param({"inline_policies": {"read": written_otherwise("s3:get*"), "write": policy("s3:Put*")}}),
        pytest.param({"managed_policies": ("AmazonSSMManagedInstanceCore",)}, id="attached, called by its name"),
        pytest.param({"managed_policies": (SSM,)}, id="attached"),
        pytest.param({"managed_policies": (), "purge_policies": False}, id="what isn't listed may stay attached"),
        pytest.param({"inline_policies": {}, "purge_policies": False}, id="what isn't listed may stay"),
        pytest.param({"instance_profile": InstanceProfile("goals", role="goals")}, id="its profile"),
    ],
)
def test_nothing_to_do(want):
    assert changes(want) == []


@pytest.mark.parametrize(
    ("want", "planned"),
    [
        ({"description": ""}, [("update role goals", {"description": ""})]),
        ({"tags": {"b": "2"}}, [("update role goals", {"tags": {"b": "2"}})]),
        (
            {"managed_policies": ("ReadOnlyAccess", SSM)},
            [("update role goals", {"managed_policies": ["ReadOnlyAccess", SSM]})],
        ),
        ({"managed_policies": ()}, [("update role goals", {"managed_policies": []})]),
        (
            {"inline_policies": {"new": policy("s3:*"), "read": policy("s3:List*")}},
            [
                ("create role policy goals/new", {"document": policy("s3:*")}),
                ("update role policy goals/read", {"document": policy("s3:List*")}),
                ("delete role policy goals/write", {}),
            ],
        ),
        ({"instance_profile": None}, [("delete instance profile goals", {})]),
        (
            {"instance_profile": InstanceProfile("goals", role="goals", tags={})},
            [("update instance profile goals", {"tags": {}})],
        ),
    ],
)
def test_update(want, planned):
    assert changes(want) == planned


def test_tags_that_are_not_listed_may_stay():
    profile = InstanceProfile("goals", role="goals", tags={"b": "2"})
    both = {"tags": {"a": "1", "b": "2"}}
    assert changes({"tags": {"b": "2"}, "instance_profile": profile}, purge_tags=False) == [
        ("update role goals", both),
        ("update instance profile goals", both),
    ]


def test_another_role_makes_way_in_the_profile():
    taken = replace(HAVE, instance_profile=replace(PROFILE, role="other"))
    assert changes({"instance_profile": InstanceProfile("goals", role="goals")}, taken) == [
        ("update instance profile goals", {"role": "goals"})
    ]


@pytest.mark.parametrize(
    ("have", "actions"),
    [
        (None, ["create role goals", "create role policy goals/read", "create instance profile goals"]),
        (ONLY_PROFILE, ["create role goals", "create role policy goals/read"]),
    ],
)
def test_create(have, actions):
    want = {
        **WANT,
        "inline_policies": {"read": policy("s3:*")},
        "instance_profile": InstanceProfile("goals", role="goals"),
    }
    assert [name for name, _ in changes(want, have)] == actions


@pytest.mark.parametrize(
    ("have", "deleted"),
    [
        (None, []),
        (ONLY_PROFILE, ["delete instance profile goals"]),
        (
            HAVE,
            [
                "delete instance profile goals",
                "delete role policy goals/read",
                "delete role policy goals/write",
                "delete role goals",
            ],
        ),
    ],
)
def test_delete(have, deleted):
    assert [str(change) for change in plan(None, have, {"purge_tags": True})] == deleted


def test_a_new_role_must_be_trusted_by_someone():
    with pytest.raises(InvalidOptions, match=r"trust_policy: None is missing, and there is no role goals yet"):
        changes({"description": "x"}, None)


def test_a_path_can_not_change():
    with pytest.raises(StackError, match="path is '/', wanted '/backend/'"):
        changes({"path": "/backend/"})


def test_a_name_that_two_attached_policies_have_is_refused():
    own = "arn:aws:iam::123456789012:policy/AmazonSSMManagedInstanceCore"
    with pytest.raises(StackError, match=f"may be {SSM} or {own}. Give its ARN"):
        changes({"managed_policies": ("AmazonSSMManagedInstanceCore",)}, replace(HAVE, managed_policies=(SSM, own)))


def test_settled_new():
    want = IamRole("goals", **WANT, instance_profile=InstanceProfile("goals", role="goals"))
    seen = settled(want, None)
    assert (seen.arn, seen.path, seen.inline_policies) == (KNOWN_AFTER_APPLY, "/", {})
    assert seen.instance_profile.arn == KNOWN_AFTER_APPLY


def test_settled_there():
    want = IamRole("goals", description="more", inline_policies={"read": policy("s3:*")}, purge_policies=False)
    seen = settled(want, HAVE)
    assert (seen.arn, seen.description, seen.instance_profile) == ("arn:role", "more", PROFILE)
    assert seen.inline_policies == {"read": policy("s3:*"), "write": policy("s3:Put*")}
    assert settled(IamRole("goals", instance_profile=None), HAVE).instance_profile is None
    assert settled(IamRole("goals", instance_profile=UNSET), HAVE).inline_policies == HAVE.inline_policies
