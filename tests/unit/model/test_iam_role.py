"""What can't be right about an IAM role, and what IAM's answers mean."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model import iam_role as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}


def options(**given):
    everything = {option: spec.get("default") for option, spec in model.OPTIONS.items()}
    return {**everything, "state": "present", "name": "goals", **given}


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"name": "go als"}, ["name"], id="name"),
        pytest.param({"name": "g" * 65}, ["name"], id="long name"),
        pytest.param({"path": "backend"}, ["path"], id="path"),
        pytest.param({"path": "/backend/"}, [], id="a path"),
        pytest.param({"description": "x" * 1001}, ["description"], id="long description"),
        pytest.param({"description": "\u2014"}, ["description"], id="a character that IAM doesn't take"),
        pytest.param({"description": ""}, [], id="no description"),
        pytest.param({"max_session_duration": 60}, ["max_session_duration"], id="duration"),
        pytest.param({"permissions_boundary": "bounds"}, ["permissions_boundary"], id="boundary"),
        pytest.param({"permissions_boundary": ""}, [], id="no boundary"),
        pytest.param({"permissions_boundary": "arn:aws:iam::123456789012:policy/b"}, [], id="a boundary"),
        pytest.param({"managed_policies": ["Read Only"]}, ["managed_policies"], id="managed policy"),
        pytest.param(
            {"managed_policies": ["ReadOnlyAccess", "service-role/A", "arn:aws:iam::aws:policy/B"]}, [], id="managed"
        ),
        pytest.param({"trust_policy": "{"}, ["trust_policy"], id="trust"),
        pytest.param({"inline_policies": {"a": "{"}}, ["inline_policies.a"], id="inline"),
        pytest.param({"inline_policies": {"a b": TRUST}}, ["inline_policies"], id="inline name"),
        pytest.param({"tags": {"aws:a": "1"}}, ["tags"], id="tags"),
    ],
)
def test_faults(given, faulty):
    assert [fault.option for fault in model.faults(options(**given))] == faulty


def test_from_params():
    role = model.from_params(
        options(
            path="/backend/",
            trust_policy=json.dumps(TRUST),
            managed_policies=["B", "A", "B"],
            inline_policies={"read": json.dumps(TRUST)},
            instance_profile=True,
            tags={"n": 1},
        )
    )
    assert (role.trust_policy, role.managed_policies, role.inline_policies) == (TRUST, ("A", "B"), {"read": TRUST})
    assert role.instance_profile == model.InstanceProfile("goals", "/backend/", role="goals", tags={"n": "1"})
    assert (role.description, role.tags) == (UNSET, {"n": "1"})


@pytest.mark.parametrize(("given", "wanted"), [(None, UNSET), (False, None)])
def test_an_instance_profile_that_is_not_wanted_or_not_spoken_of(given, wanted):
    assert model.from_params(options(instance_profile=given)).instance_profile is wanted


def test_from_api_fills_in_what_iam_leaves_out():
    role = {"Path": "/", "RoleName": "goals", "RoleId": "AROA1", "Arn": "arn:role", "AssumeRolePolicyDocument": TRUST}
    profile = {
        "InstanceProfileName": "goals",
        "InstanceProfileId": "AIPA1",
        "Arn": "arn:profile",
        "Path": "/",
        "Roles": [],
    }
    seen = model.from_api("goals", role, ["arn:b", "arn:a"], {"read": quote(json.dumps(TRUST))}, profile)
    assert (seen.description, seen.permissions_boundary, seen.tags) == ("", "", {})
    assert (seen.managed_policies, seen.inline_policies) == (("arn:a", "arn:b"), {"read": TRUST})
    assert (seen.arn, seen.id, seen.instance_profile.role) == ("arn:role", "AROA1", None)


def test_a_profile_without_its_role():
    profile = {
        "InstanceProfileName": "goals",
        "InstanceProfileId": "AIPA1",
        "Arn": "arn:profile",
        "Path": "/",
        "Roles": [{"RoleName": "other"}],
    }
    seen = model.from_api("goals", None, [], {}, profile)
    assert (seen.id, seen.instance_profile.role) == (None, "other")


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("AmazonEC2ContainerServiceRole", True),
        ("service-role/AmazonEC2ContainerServiceRole", True),
        ("arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceRole", True),
        ("ContainerServiceRole", False),
        ("role/AmazonEC2ContainerServiceRole", False),
    ],
)
def test_a_policy_is_called_by_its_name_or_arn(name, called):
    assert model.is_called("arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceRole", name) is called
