"""What is sent to EC2 and SSM for a launch template, checked against the service's own model."""

from __future__ import annotations

import base64
from contextlib import contextmanager

import boto3
import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import launch_template as api
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template import LaunchTemplate
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.launch_template import plan
from botocore.exceptions import ClientError
from botocore.stub import Stubber

TEMPLATE = {
    "LaunchTemplateId": "lt-1",
    "LaunchTemplateName": "goals",
    "DefaultVersionNumber": 2,
    "LatestVersionNumber": 2,
    "Tags": [{"Key": "stack", "Value": "goals"}],
}
VERSION = {
    "LaunchTemplateId": "lt-1",
    "LaunchTemplateName": "goals",
    "VersionNumber": 2,
    "LaunchTemplateData": {
        "ImageId": "ami-1",
        "MetadataOptions": {"State": "pending", "HttpTokens": "required", "HttpProtocolIpv6": "enabled"},
        "NetworkInterfaces": [
            {"DeviceIndex": 0, "Ipv6Addresses": [{"Ipv6Address": "2001:db8::1", "IsPrimaryIpv6": True}]}
        ],
        "CreditSpecification": {"CpuCredits": "unlimited"},
    },
}


def client(service):
    return boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")


@contextmanager
def stubbed(service="ec2", **params):
    made = client(service)
    with Stubber(made) as stub:
        yield Session(client=lambda name: made, params=params, wait_timeout=0), stub
        stub.assert_no_pending_responses()


def have(**more):
    return api.from_api(TEMPLATE, VERSION, **more)


def change(want, there, **params):
    return plan(LaunchTemplate("goals", **want), there, {"purge_tags": True, **params})[0]


def test_a_new_version_sends_everything_the_newest_has_that_a_request_may_hold():
    with stubbed() as (session, stub):
        data = {
            **VERSION["LaunchTemplateData"],
            "ImageId": "ami-2",
            "MetadataOptions": {"HttpTokens": "required", "HttpProtocolIpv6": "enabled"},
            "NetworkInterfaces": [{"DeviceIndex": 0, "Ipv6Addresses": [{"Ipv6Address": "2001:db8::1"}]}],
        }
        sent = {"LaunchTemplateId": "lt-1", "LaunchTemplateData": data, "VersionDescription": "new"}
        stub.add_response("create_launch_template_version", {"LaunchTemplateVersion": {"VersionNumber": 3}}, sent)
        stub.add_response("modify_launch_template", {}, {"LaunchTemplateId": "lt-1", "DefaultVersion": "3"})
        api.update(session, change({"image_id": "ami-2", "version_description": "new"}, have()))
        assert session.ids["launch template version", "goals"] == "3"


def test_create_sends_encoded_user_data_and_the_templates_own_tags():
    want = {"image_id": "ami-1", "user_data": "sha256:x", "content": b"#!/bin/sh\n", "tags": {"stack": "goals"}}
    with stubbed() as (session, stub):
        sent = {
            "LaunchTemplateName": "goals",
            "LaunchTemplateData": {"ImageId": "ami-1", "UserData": base64.b64encode(b"#!/bin/sh\n").decode()},
            "TagSpecifications": [
                {"ResourceType": "launch-template", "Tags": [{"Key": "stack", "Value": "goals"}]},
            ],
        }
        stub.add_response("create_launch_template", {"LaunchTemplate": TEMPLATE}, sent)
        api.create(session, change(want, None))


def test_tags_alone_make_no_version():
    with stubbed() as (session, stub):
        added = {"Resources": ["lt-1"], "Tags": [{"Key": "owner", "Value": "web"}]}
        stub.add_response("create_tags", {}, added)
        stub.add_response("delete_tags", {}, {"Resources": ["lt-1"], "Tags": [{"Key": "stack"}]})
        api.update(session, change({"tags": {"owner": "web"}}, have()))


def test_an_older_default_is_made_the_newest_without_a_version():
    with stubbed() as (session, stub):
        stub.add_response("modify_launch_template", {}, {"LaunchTemplateId": "lt-1", "DefaultVersion": "2"})
        older = api.from_api({**TEMPLATE, "DefaultVersionNumber": 1}, VERSION)
        api.update(session, change({"image_id": "ami-1"}, older))


@pytest.mark.parametrize("error", ["InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateId.NotFound"])
def test_a_template_that_is_not_there_is_none(error):
    with stubbed() as (session, stub):
        stub.add_client_error("describe_launch_templates", error)
        assert api.describe(session, "goals") is None
        stub.add_client_error("describe_launch_template_versions", error)
        assert api.versions_called(session, "goals", ["$Latest"]) == []


def test_another_error_is_not_taken_for_absence():
    with stubbed() as (session, stub):
        stub.add_client_error("describe_launch_templates", "UnauthorizedOperation")
        with pytest.raises(ClientError, match="UnauthorizedOperation"):
            api.describe(session, "goals")


def test_versions_are_read_page_by_page():
    with stubbed() as (session, stub):
        first = {"LaunchTemplateVersions": [{"VersionNumber": 2}], "NextToken": "more"}
        stub.add_response("describe_launch_template_versions", first, {"LaunchTemplateName": "goals"})
        sent = {"LaunchTemplateName": "goals", "NextToken": "more"}
        stub.add_response("describe_launch_template_versions", {"LaunchTemplateVersions": [{"VersionNumber": 1}]}, sent)
        assert api.version_numbers(session, "goals") == (2, 1)


def test_old_versions_are_deleted_200_at_once():
    there = have(versions=tuple(range(1, 252)))
    with stubbed() as (session, stub):
        for numbers in (range(1, 201), range(201, 251)):
            sent = {"LaunchTemplateId": "lt-1", "Versions": [str(number) for number in numbers]}
            stub.add_response("delete_launch_template_versions", {}, sent)
        old = Change("delete", "launch template versions", "goals", {"versions": list(range(1, 251))}, {}, None, there)
        api.delete_versions(session, old)


@pytest.mark.parametrize(
    ("error", "told"), [("launchTemplateVersionDoesNotExist", None), ("unexpectedError", "1: it is stuck")]
)
def test_a_version_that_ec2_keeps_is_told_and_one_already_gone_is_not(error, told):
    refused = {"VersionNumber": 1, "ResponseError": {"Code": error, "Message": "it is stuck"}}
    old = Change("delete", "launch template versions", "goals", {"versions": [1]}, {}, None, have())
    with stubbed() as (session, stub):
        answer = {"UnsuccessfullyDeletedLaunchTemplateVersions": [refused]}
        stub.add_response("delete_launch_template_versions", answer)
        if told:
            with pytest.raises(StackError, match=told):
                api.delete_versions(session, old)
        else:
            api.delete_versions(session, old)


def test_a_parameter_is_pinned_to_the_ami_that_it_names_now():
    with stubbed("ssm") as (session, stub):
        stub.add_response("get_parameter", {"Parameter": {"Value": "ami-7"}}, {"Name": "/aws/service/x"})
        want = LaunchTemplate("goals", image_id="resolve:ssm:/aws/service/x")
        assert api.resolve(session, want).image_id == "ami-7"


def test_a_parameter_that_names_no_ami_is_refused():
    with stubbed("ssm") as (session, stub):
        stub.add_response("get_parameter", {"Parameter": {"Value": "hello"}}, {"Name": "/own"})
        with pytest.raises(StackError, match=r"image_id: 'resolve:ssm:/own' holds 'hello', not an AMI's id"):
            api.resolve(session, LaunchTemplate("goals", image_id="resolve:ssm:/own"))


def test_a_parameter_that_is_not_there_is_told_by_its_name():
    with stubbed("ssm") as (session, stub):
        stub.add_client_error("get_parameter", "ParameterNotFound")
        with pytest.raises(StackError, match=r"image_id resolve:ssm:/own: .*ParameterNotFound"):
            api.resolve(session, LaunchTemplate("goals", image_id="resolve:ssm:/own"))


@pytest.mark.parametrize(
    ("error", "message", "unseen"),
    [
        ("InvalidParameterValue", "Value (goals) for parameter iamInstanceProfile.name is invalid. "
         "Invalid IAM Instance Profile name", True),
        ("InvalidParameterValue", "Value (0) for parameter volumeSize is invalid", False),
        ("UnauthorizedOperation", "Invalid IAM Instance Profile", False),
    ],
)  # fmt: skip
def test_only_an_instance_profile_that_is_not_seen_yet_is_worth_another_try(error, message, unseen):
    assert api._profile_unseen(ClientError({"Error": {"Code": error, "Message": message}}, "Call")) is unseen
