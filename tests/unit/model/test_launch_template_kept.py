"""A new version loses nothing that the compared one has, whatever that is and whatever options are given."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import boto3
import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template import (
    LaunchTemplate,
    from_api,
    to_api,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_nested import CLASHES, empty
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_parts import Tagged
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_settings import LAUNCH_DATA, PARTS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_whole import equal, holds, whole
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.launch_template import completed
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CLIENT = boto3.client("ec2", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
DATA = CLIENT.meta.service_model.operation_model("CreateLaunchTemplate").input_shape.members["LaunchTemplateData"]
NEWER = "MemberOfANewerApi"  # in every structure: what no option can stand for
WORDS = st.text("abcxyz019", min_size=1, max_size=4)
LEAVES = {
    "integer": st.integers(0, 5),
    "boolean": st.booleans(),
    "double": st.sampled_from([0.5, 1.0, 2.5]),
    "timestamp": st.datetimes(datetime(2027, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
}
# What EC2 has no launch template without, of the elements of a list.
REQUIRED = {
    "BlockDeviceMappings": ("DeviceName",),
    "NetworkInterfaces": ("DeviceIndex",),
    "TagSpecifications": ("ResourceType", "Tags"),
    "Tags": ("Key", "Value"),
    "LicenseSpecifications": ("LicenseConfigurationArn",),
    "Ipv6Addresses": ("Ipv6Address",),
    "Ipv4Prefixes": ("Ipv4Prefix",),
    "Ipv6Prefixes": ("Ipv6Prefix",),
}
KEYS = {
    "BlockDeviceMappings": lambda each: each["DeviceName"],
    "NetworkInterfaces": lambda each: (each.get("NetworkCardIndex") or 0, each["DeviceIndex"]),
    "SecondaryInterfaces": lambda each: (each.get("NetworkCardIndex") or 0, each.get("DeviceIndex") or 0),
    "TagSpecifications": lambda each: each["ResourceType"],
    "Tags": lambda each: each["Key"],
}
# What elements are known by: few of each, so that two versions have some of the same.
FEW = {
    "ResourceType": st.sampled_from(["instance", "volume", "network-interface", "spot-instances-request"]),
    "DeviceName": st.sampled_from(["/dev/xvda", "/dev/sdb", "/dev/sdc"]),
    "DeviceIndex": st.integers(0, 1),
    "NetworkCardIndex": st.integers(0, 1),
}


def strategy(name, shape):
    if shape.type_name == "structure":
        return structures(name, shape)
    if shape.type_name == "list":
        unique = KEYS.get(name) or (lambda each: str(each))
        return st.lists(strategy(name, shape.member), max_size=3, unique_by=unique)
    if name in FEW:
        return FEW[name]
    if shape.type_name == "string" and shape.enum:
        return st.sampled_from(shape.enum[:4])
    return LEAVES.get(shape.type_name, WORDS)


def structures(name, shape):
    inner = {member: strategy(member, of) for member, of in shape.members.items()}
    required = {member: inner.pop(member) for member in REQUIRED.get(name, ())}
    if name == "BlockDeviceMappings":
        kinds = (st.fixed_dictionaries({kind: inner.pop(kind)}) for kind in ("Ebs", "VirtualName"))
        left_out = st.just({"NoDevice": ""})
        inner.pop("NoDevice")
        made = st.tuples(st.fixed_dictionaries(required), st.one_of(*kinds, left_out))
        return made.map(lambda parts: {**parts[0], **parts[1], NEWER: "kept"})
    return st.fixed_dictionaries({**required, NEWER: st.just("kept")}, optional=inner)


def as_ec2_has_it(data):
    """Groups stand in one place, a type beside no requirements, and user data is encoded."""
    data = dict(data)
    if data.get("NetworkInterfaces"):
        data.pop("SecurityGroupIds", None)
    data.pop("SecurityGroups", None)
    data.pop("InstanceType" if len(str(data)) % 2 else "InstanceRequirements", None)
    if "UserData" in data:
        data["UserData"] = base64.b64encode(data["UserData"].encode()).decode()
    return data


VERSIONS = structures("", DATA).map(as_ec2_has_it)
TEMPLATE = {"LaunchTemplateName": "goals", "LaunchTemplateId": "lt-1", "DefaultVersionNumber": 1}


def read(data):
    return from_api(TEMPLATE, {"VersionNumber": 1, "LaunchTemplateData": data})


def leaves(value, path=()):
    """Every value that has none within, by its path; the elements of a list are the list's own business."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    else:
        yield path, value


def listed(value):
    """The elements of lists, as EC2 knows them apart, so that paths lead to them."""
    if isinstance(value, dict):
        return {name: by_key(name, inner) if name in KEYS else listed(inner) for name, inner in value.items()}
    return value


def by_key(name, elements):
    return {KEYS[name](each): listed(each) for each in elements}


def may_be_cleared(option):
    """The options within that an empty string takes away."""
    return [
        name
        for name, member in (PARTS[option].member.of or {}).items()
        if member.spec.get("type", "str") == "str" and not {"choices", "required"} & member.spec.keys()
    ]


@st.composite
def wants(draw):
    """Some of another version's settings are the options that are given; some within are given empty."""
    other = read(draw(VERSIONS)).settings()
    given = {option: other[option] for option in draw(st.sets(st.sampled_from(sorted(PARTS))))}
    for option, value in given.items():
        if isinstance(value, dict) and value and (texts := may_be_cleared(option)):
            value.update(dict.fromkeys(draw(st.sets(st.sampled_from(texts))), ""))
    return LaunchTemplate("goals", **given)


CLASHING = {clash.gone for clash in CLASHES}
SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@SOME
@given(base=VERSIONS, want=wants())
def test_a_new_version_keeps_every_setting_that_is_not_given(base, want):
    have = read(base)
    made = read(to_api(whole(want, have), base))
    for option in PARTS:
        was, now, asked = getattr(have, option), getattr(made, option), getattr(want, option)
        if asked is UNSET:
            assert now == was or (option in CLASHING and empty(now)), option
        elif isinstance(was, dict) and not isinstance(PARTS[option], Tagged) and asked:
            found, given_here = dict(leaves(now)), dict(leaves(asked))
            for path, value in leaves(was):
                shadowed = path in given_here or CLASHING & set(path) or not path
                assert shadowed or found.get(path) == value, (option, path)


def touched(want):
    """The members of LaunchTemplateData that the given options may change."""
    found = {member for option, part in PARTS.items() if getattr(want, option) is not UNSET for member in part.members}
    places = [{"SecurityGroupIds", "NetworkInterfaces"}, {"InstanceType", "InstanceRequirements"}]
    return found.union(*(place for place in places if place & found))


@SOME
@given(base=VERSIONS, want=wants())
def test_a_new_version_keeps_every_member_that_no_given_option_stands_for(base, want):
    made = to_api(whole(want, read(base)), base)
    for member in base.keys() - touched(want):
        assert made.get(member) == base[member] or empty(base[member]), member


STRUCTURED = [option for option, part in PARTS.items() if part.member.of is not None]


@pytest.mark.parametrize("option", STRUCTURED)
@settings(SOME, max_examples=30)
@given(data=st.data())
def test_a_structure_that_is_changed_keeps_what_no_option_can_stand_for(option, data):
    member = PARTS[option].member.name
    versions = st.fixed_dictionaries({member: strategy(member, DATA.members[member])})
    base, other = data.draw(versions), data.draw(versions)
    want = LaunchTemplate("goals", **{option: getattr(read(other), option)})
    made = dict(leaves(listed(to_api(whole(want, read(base)), base))))
    still_there = {path[:depth] for path in made for depth in range(1, len(path))}
    newer = {path: value for path, value in leaves(listed(base)) if path[-1] == NEWER and path[:-1] in still_there}
    assert {path: made.get(path) for path in newer} == newer


@SOME
@given(base=VERSIONS)
def test_nothing_given_is_nothing_changed(base):
    nothing = LaunchTemplate("goals")
    assert to_api(whole(nothing, read(base)), base) == {
        member: value for member, value in base.items() if not empty(value)
    }


@SOME
@given(base=VERSIONS, want=wants())
def test_a_version_is_made_where_something_differs_and_only_there(base, want):
    have = read(base)
    wanted, there = whole(want, have).settings(), have.settings()
    differs = {option for option in LAUNCH_DATA & wanted.keys() if wanted[option] != there[option]}
    assert completed(want, have).version == (have.latest_version + 1 if differs else have.version)


@SOME
@given(base=VERSIONS, want=wants())
def test_the_next_run_finds_what_this_one_made(base, want):
    made = read(to_api(whole(want, read(base)), base))
    assert holds(made, want)
    assert equal(made, whole(want, read(base)))


@SOME
@given(base=VERSIONS)
def test_a_version_is_made_again_from_its_settings_alone(base):
    have = read(base)
    again = LaunchTemplate("goals", **{option: getattr(have, option) for option in PARTS})
    sent = to_api(whole(again, LaunchTemplate("goals")), {})
    wrong = ParamValidator().validate(sent, DATA)._errors
    assert [error for error in wrong if error[0] != "missing required field"] == []
    assert holds(read(sent), again)
