"""The IAM role module, against the region."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

SSM = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
ECS = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"


def policy(**statement):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


TRUST = policy(Action="sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"})
READ = policy(Action="s3:GetObject", Resource=["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"])


@pytest.fixture
def role(module):
    yield module("iam_role")
    for name in ("left-alone", "drifted", "named", "half"):
        module("iam_role")(name=name, state="absent")


def test_twelve_steps(twelve_steps, aws):
    given = {
        "name": "twelve-steps",
        "description": "instances",
        "trust_policy": TRUST,
        "managed_policies": ["AmazonSSMManagedInstanceCore"],
        "inline_policies": {"read": READ, "old": policy(Action="s3:*", Resource="*")},
        "instance_profile": True,
        "tags": {"stack": "goals", "owner": "web"},
    }
    changed = {
        **given,
        "description": "",
        "trust_policy": policy(
            Action="sts:AssumeRole", Principal={"Service": ["ec2.amazonaws.com", "ssm.amazonaws.com"]}
        ),
        "max_session_duration": 7200,
        "permissions_boundary": SSM,
        "managed_policies": ["AmazonEC2ContainerServiceforEC2Role"],
        "inline_policies": {"read": policy(Action="s3:GetObject", Resource="*")},
        "tags": {"stack": "goals", "tier": "app"},
    }
    created, updated, deleted = twelve_steps("iam_role")(given, changed, {"name": "twelve-steps"})
    name = "twelve-steps"
    assert created["plan"] == [
        f"create role {name}",
        f"create role policy {name}/read",
        f"create role policy {name}/old",
        f"create instance profile {name}",
    ]
    assert created["iam_role"]["managed_policies"] == [SSM]
    assert created["iam_role"]["instance_profile"]["role"] == name
    assert updated["plan"] == [
        f"update role {name}",
        f"update role policy {name}/read",
        f"update instance profile {name}",
        f"delete role policy {name}/old",
    ]
    assert updated["iam_role"]["managed_policies"] == [ECS]
    assert updated["iam_role"]["instance_profile"]["tags"] == {"stack": "goals", "tier": "app"}
    assert deleted["iam_role"] == {}
    assert name not in [each["RoleName"] for each in aws("iam").list_roles()["Roles"]]
    assert name not in [each["InstanceProfileName"] for each in aws("iam").list_instance_profiles()["InstanceProfiles"]]


def test_settings_not_given_are_left_alone(role, aws):
    made = role(name="left-alone", trust_policy=TRUST, managed_policies=[SSM], inline_policies={"read": READ})
    again = role(name="left-alone", trust_policy=json.dumps(TRUST))
    assert not again["changed"]
    assert again["iam_role"] == made["iam_role"]
    kept = role(name="left-alone", managed_policies=[ECS], inline_policies={}, purge_policies=False)["iam_role"]
    assert (kept["managed_policies"], kept["inline_policies"]) == ([SSM, ECS], {"read": READ})


def test_what_means_the_same_is_no_difference(role):
    role(name="left-alone", trust_policy=TRUST, inline_policies={"read": READ})
    again = role(
        name="left-alone",
        trust_policy=policy(Principal={"Service": ["ec2.amazonaws.com"]}, Action=["sts:AssumeRole"]),
        inline_policies={"read": policy(Resource=["arn:aws:s3:::b/*", "arn:aws:s3:::a/*"], Action=["s3:getobject"])},
    )
    assert again["plan"] == []


def test_drift_is_planned_and_repaired(role, aws):
    given = {
        "name": "drifted",
        "trust_policy": TRUST,
        "managed_policies": ["AmazonSSMManagedInstanceCore"],
        "inline_policies": {"read": READ},
        "instance_profile": True,
    }
    before = role(**given)["iam_role"]
    iam, name = aws("iam"), {"RoleName": "drifted"}
    iam.detach_role_policy(**name, PolicyArn=SSM)
    iam.attach_role_policy(**name, PolicyArn=ECS)
    iam.put_role_policy(**name, PolicyName="more", PolicyDocument=json.dumps(READ))
    iam.delete_role_policy(**name, PolicyName="read")
    iam.remove_role_from_instance_profile(InstanceProfileName="drifted", **name)
    planned = role(**given, check_mode=True)
    assert planned["plan"] == [
        "update role drifted",
        "create role policy drifted/read",
        "update instance profile drifted",
        "delete role policy drifted/more",
    ]
    done = role(**given)
    assert (done["plan"], done["diff"]) == (planned["plan"], planned["diff"])
    assert done["iam_role"] == before


def test_a_role_deleted_from_under_its_profile_is_made_again_and_all_is_deleted(role, aws):
    iam = aws("iam")
    iam.create_instance_profile(InstanceProfileName="half")
    made = role(name="half", trust_policy=TRUST, instance_profile=True)
    assert made["plan"] == ["create role half", "update instance profile half"]
    iam.remove_role_from_instance_profile(InstanceProfileName="half", RoleName="half")
    iam.delete_role(RoleName="half")
    assert role(name="half", state="absent")["plan"] == ["delete instance profile half"]


def test_a_policy_that_nobody_has_is_refused_before_anything_is_written(role, aws):
    aws.calls.clear()
    with pytest.raises(StackError, match=r"managed_policies: 'NoSuchPolicy' is neither AWS's nor the account's own"):
        role(name="named", trust_policy=TRUST, managed_policies=["NoSuchPolicy"])
    assert aws.writes() == []


def test_the_accounts_own_policy_is_called_by_its_name(role, aws):
    own = aws("iam").create_policy(PolicyName="own", Path="/team/", PolicyDocument=json.dumps(READ))["Policy"]["Arn"]
    made = role(name="named", trust_policy=TRUST, managed_policies=["own"])
    assert made["iam_role"]["managed_policies"] == [own]
    aws.calls.clear()
    assert not role(name="named", managed_policies=["own"])["changed"]
    assert "ListPolicies" not in aws.calls, "what is attached tells its name"
    role(name="named", state="absent")
    aws("iam").delete_policy(PolicyArn=own)


def test_check_mode_tells_what_is_only_known_after_it_is_made(role):
    planned = role(name="planned", trust_policy=TRUST, instance_profile=True, check_mode=True)["iam_role"]
    assert (planned["arn"], planned["id"]) == (KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY)
    assert (planned["instance_profile"]["arn"], planned["path"]) == (KNOWN_AFTER_APPLY, "/")


def test_a_no_op_makes_no_more_reads_than_it_needs(role, aws):
    given = {"name": "left-alone", "trust_policy": TRUST, "inline_policies": {"read": READ}, "instance_profile": True}
    role(**given)
    aws.calls.clear()
    role(**given)
    assert sorted(aws.calls) == [
        "GetInstanceProfile",
        "GetRole",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "ListRolePolicies",
    ]
