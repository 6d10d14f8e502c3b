"""Every member of CreateLaunchTemplate is an option or left out with a reason; a newer botocore tells what is new."""

from __future__ import annotations

import boto3
import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template import OPTIONS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_settings import PARTS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_structures import EBS, MAPPING, SINGLE

from tests.unit.core.left_out_launch_template import LEFT_OUT

CLIENT = boto3.client("ec2", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
REQUEST = CLIENT.meta.service_model.operation_model("CreateLaunchTemplate").input_shape
DATA = REQUEST.members["LaunchTemplateData"]
OUTSIDE = {
    "LaunchTemplateName": {},
    "VersionDescription": {},
    "TagSpecifications": {"ResourceType": {}, "Tags": {"Key": {}, "Value": {}}},
}
TYPES = {"integer": "int", "double": "float", "boolean": "bool", "string": "str", "timestamp": "str", "list": "list"}


def within(shape):
    """The structure that a shape is, or that it lists."""
    return shape.member if shape.type_name == "list" else shape


def paths(shape, path=""):
    """Every member that has none below it."""
    for name, member in shape.members.items():
        inner = within(member)
        yield from paths(inner, f"{path}{name}.") if inner.type_name == "structure" else [f"{path}{name}"]


def united(one, other):
    return {name: united(one.get(name, {}), other.get(name, {})) for name in one.keys() | other.keys()}


def covered():
    data = {"UserData": {}}
    for part in PARTS.values():
        data = united(data, part.members)
    return {**OUTSIDE, "LaunchTemplateData": data}


def leaves(names, path=""):
    for name, below in names.items():
        yield from leaves(below, f"{path}{name}.") if below else [f"{path}{name}"]


def is_left_out(path):
    return any(path == left or path.startswith(f"{left}.") for left in LEFT_OUT)


def test_every_member_is_an_option_or_left_out_with_a_reason():
    new = {path for path in paths(REQUEST) if not is_left_out(path)} - set(leaves(covered()))
    assert new == set(), "give these an option, or a reason in left_out_launch_template.py"


def test_no_option_stands_for_what_the_api_does_not_have():
    assert set(leaves(covered())) - set(paths(REQUEST)) == set()


def test_what_is_left_out_is_there_and_no_option():
    there = set(paths(REQUEST))
    for left, reason in LEFT_OUT.items():
        below = {path for path in there if path == left or path.startswith(f"{left}.")}
        assert below, f"{left} is not in the API any more"
        assert not below & set(leaves(covered())), f"{left} has an option"
        assert reason.endswith(".")


def members(of, shape, path):
    """Every option of a structure with the shape that it stands for."""
    for option, member in of.items():
        found = shape.members[member.name]
        yield f"{path}{option}", member, found
        if member.of is not None:
            yield from members(member.of, within(found), f"{path}{option}.")


def every_member():
    for option, part in PARTS.items():
        if option == "volumes":
            mappings = within(DATA.members["BlockDeviceMappings"])
            yield from members(MAPPING, mappings, "volumes.")
            yield from members(EBS, mappings.members["Ebs"], "volumes.")
        elif part.member.of is not None:
            yield from members(part.member.of, within(DATA.members[part.member.name]), f"{option}.")


STRUCTURED = [pytest.param(member, shape, id=option) for option, member, shape in every_member()]


@pytest.mark.parametrize(("member", "shape"), STRUCTURED)
def test_an_option_has_the_type_and_the_choices_that_the_api_has(member, shape):
    kind = member.spec.get("type", "str")
    if member.name == "NoDevice":
        assert (kind, shape.type_name) == ("bool", "string")  # EC2 takes an empty string for yes
    elif member.of is None:
        assert kind == TYPES[shape.type_name]
    else:
        assert kind == {"structure": "dict", "list": "list"}[shape.type_name]
    inner = within(shape)
    if inner.type_name == "string" and inner.enum and "choices" in member.spec:
        assert sorted(member.spec["choices"]) == sorted(inner.enum)
    if inner.type_name == "structure" and member.of is None:
        assert list(inner.members) == [SINGLE[member.name]]


def test_the_options_with_choices_of_the_api_have_them():
    free = {option for option, member, shape in every_member()
            if within(shape).type_name == "string" and within(shape).enum and "choices" not in member.spec}  # fmt: skip
    assert free == {"instance_requirements.accelerator_names"}, "EC2 adds to these every few weeks"
    assert OPTIONS["instance_initiated_shutdown_behavior"]["choices"] == ["stop", "terminate"]
