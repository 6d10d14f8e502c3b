"""What a launch template's options and the API's answers mean, and what is sent for them."""

from __future__ import annotations

import base64

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template import (
    OPTIONS,
    USER_DATA_LIMIT,
    LaunchTemplate,
    faults,
    fingerprint,
    from_api,
    from_params,
    parameter,
    pending,
    to_api,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_whole import meant, whole
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET

SCRIPT = "#!/bin/sh\necho s3cret\n"


def params(**options):
    validated = ArgumentSpecValidator(OPTIONS).validate({"name": "goals", **options})
    assert not validated.error_messages
    return validated.validated_parameters


def template(data, **more):
    found = {
        "LaunchTemplateName": "goals",
        "LaunchTemplateId": "lt-1",
        "DefaultVersionNumber": 1,
        "Tags": [{"Key": "stack", "Value": "goals"}, {"Key": "aws:own", "Value": "x"}],
    }
    return from_api(found, {"VersionNumber": 2, "LaunchTemplateData": data}, **more)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param({"name": "ab"}, ["name: 'ab'"], id="name too short"),
        pytest.param({"name": "go als"}, ["name: 'go als'"], id="name with a space"),
        pytest.param({"image_id": "debian-12"}, ["image_id: 'debian-12'", "resolve:ssm"], id="not an AMI"),
        pytest.param({"instance_type": "micro"}, ["instance_type: 'micro'"], id="not an instance type"),
        pytest.param({"security_group_ids": ["web"]}, ["security_group_ids: 'web'"], id="not a security group's id"),
        pytest.param(
            {"metadata_options": {"http_put_response_hop_limit": 65}}, ["hop_limit: 65", "1 to 64"], id="hop limit"
        ),
        pytest.param({"volumes": [{"device_name": "/dev/xvda"}] * 2}, ["given twice"], id="one device twice"),
        pytest.param(
            {"volumes": [{"device_name": "/dev/xvda", "type": "gp2", "throughput": 200, "iops": 3000}]},
            ["volumes[/dev/xvda].iops: 3000", "volumes[/dev/xvda].throughput: 200"],
            id="performance that the type does not take",
        ),
        pytest.param(
            {"volumes": [{"device_name": "/dev/xvda", "type": "io2"}]}, ["iops: None is missing"], id="no iops"
        ),
        pytest.param(
            {"volumes": [{"device_name": "/dev/xvda", "kms_key_id": "k", "encrypted": False}]},
            ["not encrypted"],
            id="a key for nothing",
        ),
        pytest.param({"volumes": [{"device_name": "/dev/xvda", "size": 0}]}, ["size: 0"], id="no size"),
        pytest.param({"keep_versions": 0}, ["keep_versions: 0"], id="no version kept"),
    ],
)
def test_faults(options, told):
    text = "\n".join(str(fault) for fault in faults(params(**options)))
    assert all(part in text for part in told), text


def test_every_fault_is_told_at_once():
    assert len(faults(params(name="ab", image_id="x", instance_type="y", keep_versions=0))) == 4


def test_what_is_only_known_later_has_no_fault():
    options = {"image_id": KNOWN_AFTER_APPLY, "security_group_ids": [KNOWN_AFTER_APPLY]}
    assert faults(params(**options)) == ()


@pytest.mark.parametrize(("size", "faulty"), [(USER_DATA_LIMIT, False), (USER_DATA_LIMIT + 1, True)])
def test_user_data_may_have_16_kib_before_it_is_encoded(size, faulty):
    found = faults(params(user_data="x" * size))
    assert bool(found) == faulty
    if faulty:
        assert "16385 bytes" in str(found[0])
        assert "xxxx" not in str(found[0])


def test_user_data_is_counted_in_bytes():
    assert faults(params(user_data="ü" * (USER_DATA_LIMIT // 2))) == ()
    assert len(faults(params(user_data="ü" * (USER_DATA_LIMIT // 2 + 1)))) == 1


def test_user_data_of_which_a_part_is_unknown_has_no_fingerprint_yet():
    assert fingerprint(f"#!/bin/sh\necho {KNOWN_AFTER_APPLY}\n".encode()) == KNOWN_AFTER_APPLY


def test_user_data_is_known_by_its_fingerprint_alone():
    want = from_params(params(user_data=SCRIPT))
    have = template({"UserData": base64.b64encode(SCRIPT.encode()).decode()})
    assert want.user_data == have.user_data == fingerprint(SCRIPT.encode())
    assert want.user_data.startswith("sha256:")
    assert want.user_data.endswith(f"({len(SCRIPT)} bytes)")
    for model in (want, have):
        assert "s3cret" not in repr(model) + str(model.facts()) + str(model.settings())
        assert base64.b64encode(SCRIPT.encode()).decode() not in repr(model) + str(model.facts())


@pytest.mark.parametrize(
    ("options", "data"),
    [
        pytest.param({"key_name": ""}, {}, id="an empty string is no key"),
        pytest.param({"user_data": ""}, {}, id="empty user data is none"),
        pytest.param(
            {"instance_profile": "arn:aws:iam::123456789012:instance-profile/web/goals"},
            {"IamInstanceProfile": {"Name": "goals"}},
            id="a profile by ARN is the one by name",
        ),
        pytest.param(
            {"instance_profile": "goals"},
            {"IamInstanceProfile": {"Arn": "arn:aws:iam::123456789012:instance-profile/goals"}},
            id="and the other way round",
        ),
        pytest.param(
            {"security_group_ids": ["sg-2", "sg-1", "sg-2"]}, {"SecurityGroupIds": ["sg-1", "sg-2"]}, id="groups: a set"
        ),
        pytest.param(
            {"security_group_ids": ["sg-1"]}, {"NetworkInterfaces": [{"Groups": ["sg-1"]}]}, id="groups of an interface"
        ),
        pytest.param({"instance_tags": {"port": 8000}}, {"TagSpecifications": [
            {"ResourceType": "instance", "Tags": [{"Key": "port", "Value": "8000"}]}]}, id="tags are strings"),
        pytest.param({"instance_tags": {}, "volumes": [], "security_group_ids": []}, {}, id="empty ones are none"),
        pytest.param({"monitoring": False}, {"Monitoring": {"Enabled": False}}, id="a switch"),
    ],
)  # fmt: skip
def test_options_and_answers_mean_the_same(options, data):
    want, have = from_params(params(**options)).settings(), template(data).settings()
    assert {option: want[option] for option in options} == {option: have[option] for option in options}


def test_metadata_options_are_safe_when_not_given():
    assert from_params(params()).metadata_options == {"http_tokens": "required", "http_put_response_hop_limit": 1}


def test_what_is_not_given_is_unset():
    want = from_params(params())
    assert {want.image_id, want.user_data, want.volumes, want.security_group_ids, want.monitoring, want.tags} == {UNSET}


def test_tags_of_aws_are_left_out():
    assert template({}).tags == {"stack": "goals"}


STRANGE = {
    "ImageId": "ami-1",
    "InstanceType": "t3.micro",
    "CreditSpecification": {"CpuCredits": "unlimited"},
    "MetadataOptions": {"HttpTokens": "optional", "HttpProtocolIpv6": "enabled"},
    "BlockDeviceMappings": [
        {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "snap-1", "VolumeSize": 8, "VolumeType": "gp2"}},
        {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"},
        {"DeviceName": "/dev/sdc", "Ebs": {"VolumeSize": 100}},
    ],
    "TagSpecifications": [
        {"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "1"}]},
        {"ResourceType": "network-interface", "Tags": [{"Key": "b", "Value": "2"}]},
    ],
    "Monitoring": {"Enabled": False, "MetricCategoryIds": ["x"]},
    "UserData": "aGk=",
}


def test_a_version_keeps_everything_that_is_not_given():
    data = to_api(LaunchTemplate("goals", image_id="ami-2"), STRANGE)
    assert data == {**STRANGE, "ImageId": "ami-2"}


def test_nested_settings_keep_what_is_not_given():
    volume = {"device_name": "/dev/xvda", "size": 16, "type": "gp3", "encrypted": True}
    want = LaunchTemplate(
        "goals",
        metadata_options={"http_tokens": "required"},
        volumes=(volume,),
        instance_tags={"c": "3"},
        monitoring=True,
    )
    data = to_api(whole(want, template(STRANGE)), STRANGE)
    assert data["MetadataOptions"] == {"HttpTokens": "required", "HttpProtocolIpv6": "enabled"}
    assert data["BlockDeviceMappings"] == [
        {
            "DeviceName": "/dev/xvda",
            "Ebs": {"SnapshotId": "snap-1", "VolumeSize": 16, "VolumeType": "gp3", "Encrypted": True},
        },
    ]
    assert data["TagSpecifications"] == [
        {"ResourceType": "network-interface", "Tags": [{"Key": "b", "Value": "2"}]},
        {"ResourceType": "instance", "Tags": [{"Key": "c", "Value": "3"}]},
    ]
    assert data["Monitoring"] == {"Enabled": True, "MetricCategoryIds": ["x"]}


def test_settings_that_are_taken_away_are_left_out():
    empty = {"user_data": "", "key_name": "", "instance_profile": "", "security_group_ids": [], "volumes": [],
             "instance_tags": {}}  # fmt: skip
    want = from_params(params(**empty))
    base = {"UserData": "aGk=", "KeyName": "k", "IamInstanceProfile": {"Name": "p"}, "SecurityGroupIds": ["sg-1"],
            "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}],
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "1"}]}]}  # fmt: skip
    assert to_api(want, base).keys() == {"MetadataOptions"}


def test_groups_by_name_give_way_to_ids():
    data = to_api(LaunchTemplate("goals", security_group_ids=("sg-2",)), {"SecurityGroups": ["default"]})
    assert data == {"SecurityGroupIds": ["sg-2"]}


def test_security_groups_go_where_the_network_interface_is():
    base = {"NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": ["sg-1"]}]}
    data = to_api(LaunchTemplate("goals", security_group_ids=("sg-2",)), base)
    assert data == {"NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": ["sg-2"]}]}


@pytest.mark.parametrize(
    ("image", "name"), [("resolve:ssm:/aws/x", "/aws/x"), ("ami-1", None), (UNSET, None), (KNOWN_AFTER_APPLY, None)]
)
def test_parameter(image, name):
    assert parameter(image) == name


@pytest.mark.parametrize(
    ("made", "default", "told"),
    [
        (None, None, None),
        (2, None, None),
        (3, None, "version 3 can't be seen yet"),
        (2, 2, "version 2 can't be seen as the default version yet"),
        (None, 1, None),
    ],
)
def test_pending_until_what_was_made_is_seen(made, default, told):
    text = pending(template({}, awaited_version=made, awaited_default=default))  # the newest is 2, the default 1
    assert text is None if told is None else text.startswith(told)


def of_version(version, **settings):
    return LaunchTemplate("goals", version=version, latest_version=3, default_version=2, **settings)


@pytest.mark.parametrize(
    ("want", "version"),
    [
        pytest.param({"image_id": "ami-2"}, 2, id="the default has it"),
        pytest.param({"image_id": "ami-3"}, 3, id="the newest has it"),
        pytest.param({}, 2, id="both have it"),
        pytest.param({"image_id": "ami-4"}, 2, id="a new one is like the default"),
    ],
)
def test_the_version_that_is_meant(want, version):
    seen = [of_version(3, image_id="ami-3"), of_version(2, image_id="ami-2")]
    assert meant(LaunchTemplate("goals", **want), seen).version == version


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        ({"default_version": "latest", "image_id": "ami-1"}, []),
        ({"default_version": "keep", "image_id": "ami-1"}, []),
        ({"default_version": "3"}, []),
        ({"default_version": "3", "image_id": "ami-1"}, ["image_id"]),
        ({"default_version": "$Latest"}, ["default_version"]),
    ],
)
def test_faults_of_the_default_version(given, faulty):
    assert [fault.option for fault in faults(params(**given))] == faulty
