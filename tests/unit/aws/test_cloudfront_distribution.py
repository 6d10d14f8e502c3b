"""What is sent to CloudFront for a distribution, checked against the service's own model."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import cloudfront_distribution as api
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import eventual, waiting
from ansible_collections.ha_stack.aws.plugins.module_utils._model.cloudfront_distribution import (
    AccessControl,
    Distribution,
    from_api,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.cloudfront_distribution import plan
from botocore.stub import ANY

from tests.support.stubbed import stubbed

PURGE = {"purge_tags": True}
FILES = {"id": "files", "domain_name": "b.s3.us-east-1.amazonaws.com", "origin_access_control": True}
CONTROL = AccessControl("goals", id="E1OAC")
CONTROL_CONFIG = {
    "Name": "goals",
    "SigningBehavior": "always",
    "SigningProtocol": "sigv4",
    "OriginAccessControlOriginType": "s3",
}
METHODS = {"Quantity": 2, "Items": ["GET", "HEAD"]}
MADE = {
    "CallerReference": ANY,
    "Comment": "goals",
    "Enabled": True,
    "HttpVersion": "http2and3",
    "IsIPV6Enabled": True,
    "Origins": {
        "Quantity": 1,
        "Items": [
            {
                "Id": "files",
                "DomainName": "b.s3.us-east-1.amazonaws.com",
                "OriginPath": "",
                "CustomHeaders": {"Quantity": 0},
                "ConnectionAttempts": 3,
                "ConnectionTimeout": 10,
                "S3OriginConfig": {"OriginAccessIdentity": ""},
                "OriginAccessControlId": "E1OAC",
            }
        ],
    },
    "DefaultCacheBehavior": {
        "TargetOriginId": "files",
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": {**METHODS, "CachedMethods": METHODS},
        "Compress": True,
        "SmoothStreaming": False,
        "LambdaFunctionAssociations": {"Quantity": 0},
        "FieldLevelEncryptionId": "",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    },
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(eventual, "FIRST_DELAY", 0)
    monkeypatch.setattr(waiting, "FIRST_DELAY", 0)


def answer(status="Deployed", **config):
    distribution = {
        "Id": "E1",
        "ARN": "arn:aws:cloudfront::123456789012:distribution/E1",
        "Status": status,
        "LastModifiedTime": "2026-01-01T00:00:00Z",
        "InProgressInvalidationBatches": 0,
        "DomainName": "d1.cloudfront.net",
        "DistributionConfig": {**MADE, "CallerReference": "1", **config},
    }
    return {"Distribution": distribution, "ETag": f"etag-{status}"}


def have(**config):
    told = answer(**config)
    return from_api(told["Distribution"], told["ETag"], {"a": "1"}, CONTROL, asked=True)


def want(**settings):
    given = {"origins": [FILES], "default_behavior": {"origin": "files"}}
    return Distribution("goals", **{**given, "origin_access_control": AccessControl("goals"), **settings})


def test_a_new_one_is_made_with_its_control_and_its_tags_in_one_call():
    control, distribution = plan(want(tags={"stack": "goals"}), None, PURGE)
    request = {"DistributionConfig": MADE, "Tags": {"Items": [{"Key": "stack", "Value": "goals"}]}}
    with stubbed("cloudfront", wait_timeout=60) as (session, stub):
        made = {"OriginAccessControl": {"Id": "E1OAC"}, "ETag": "1"}
        stub.add_response("create_origin_access_control", made, {"OriginAccessControlConfig": CONTROL_CONFIG})
        stub.add_client_error("create_distribution_with_tags", "InvalidOriginAccessControl")
        stub.add_response("create_distribution_with_tags", answer(), {"DistributionConfigWithTags": request})
        api.create_control(session, control)
        api.create(session, distribution)
        told = api.made(session, want(tags={"stack": "goals"}))
    assert (told.id, told.status, told.tags) == ("E1", "Deployed", {"stack": "goals"})
    assert told.origin_access_control.id == "E1OAC"


def test_an_answer_that_was_lost_makes_no_second_one():
    (_, change) = plan(want(), None, PURGE)
    with stubbed("cloudfront") as (session, stub):
        stub.add_client_error("create_distribution_with_tags", "DistributionAlreadyExists")
        api.create(session, change)
        assert api.made(session, want()) is None, "it is read"


def test_an_update_gives_back_the_whole_of_the_version_that_was_read():
    known = have(Staging=False)
    (change,) = plan(want(default_root_object="index.html", tags={"b": "2"}), known, PURGE)
    config = {**known.config, "DefaultRootObject": "index.html"}
    arn = {"Resource": known.arn}
    with stubbed("cloudfront") as (session, stub):
        asked = {"Id": "E1", "IfMatch": "etag-Deployed", "DistributionConfig": config}
        stub.add_response("update_distribution", answer(), asked)
        stub.add_response("tag_resource", {}, {**arn, "Tags": {"Items": [{"Key": "b", "Value": "2"}]}})
        stub.add_response("untag_resource", {}, {**arn, "TagKeys": {"Items": ["a"]}})
        api.update(session, change)


def test_tags_alone_change_no_configuration():
    (change,) = plan(want(tags={}), have(), PURGE)
    with stubbed("cloudfront") as (session, stub):
        stub.add_response("untag_resource", {}, {"Resource": change.have.arn, "TagKeys": {"Items": ["a"]}})
        api.update(session, change)


def test_it_goes_once_it_is_disabled_everywhere_and_its_control_once_it_is_free():
    _, distribution, control = plan(None, have(), PURGE)
    with stubbed("cloudfront", wait_timeout=60) as (session, stub):
        for status in ("InProgress", "InProgress", "Deployed"):
            stub.add_response("get_distribution", answer(status), {"Id": "E1"})
        stub.add_response("delete_distribution", {}, {"Id": "E1", "IfMatch": "etag-Deployed"})
        stub.add_response("get_origin_access_control", {"ETag": "1"}, {"Id": "E1OAC"})
        stub.add_client_error("delete_origin_access_control", "OriginAccessControlInUse")
        stub.add_response("delete_origin_access_control", {}, {"Id": "E1OAC", "IfMatch": "1"})
        api.delete(session, distribution)
        api.delete_control(session, control)


def test_without_waiting_it_is_left_disabled():
    _, distribution, control = plan(None, have(), PURGE)
    with stubbed("cloudfront") as (session, stub):
        session.wait = False
        stub.add_response("get_distribution", answer("InProgress"), {"Id": "E1"})
        api.delete(session, distribution)
        api.delete_control(session, control)
        assert session.left == ["distribution goals: it is disabled, and can be deleted once that is deployed"]


def test_one_that_is_gone_meanwhile_is_gone():
    (_, distribution, _) = plan(None, have(), PURGE)
    with stubbed("cloudfront") as (session, stub):
        for _ in range(2):
            stub.add_client_error("get_distribution", "NoSuchDistribution")
        api.delete(session, distribution)


def listed(comment, id_):
    config = answer()["Distribution"]["DistributionConfig"]
    needed = ("Origins", "DefaultCacheBehavior", "Enabled", "HttpVersion", "IsIPV6Enabled")
    told = answer()["Distribution"]
    return {
        **{key: told[key] for key in ("Status", "LastModifiedTime", "DomainName")},
        **{key: config[key] for key in needed},
        "Id": id_,
        "ARN": f"arn:{id_}",
        "Comment": comment,
        "Aliases": {"Quantity": 0},
        "CacheBehaviors": {"Quantity": 0},
        "CustomErrorResponses": {"Quantity": 0},
        "PriceClass": "PriceClass_All",
        "ViewerCertificate": {"CloudFrontDefaultCertificate": True},
        "Restrictions": {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}},
        "WebACLId": "",
        "Staging": False,
    }


def test_every_page_is_searched_for_the_name():
    with stubbed("cloudfront", state="present") as (session, stub):
        page = {"Marker": "", "MaxItems": 1, "Quantity": 1}
        first = {**page, "IsTruncated": True, "NextMarker": "2", "Items": [listed("other", "E2")]}
        last = {**page, "IsTruncated": False, "Items": [listed("goals", "E1")]}
        stub.add_response("list_distributions", {"DistributionList": first}, {})
        stub.add_response("list_distributions", {"DistributionList": last}, {"Marker": "2"})
        stub.add_response("get_distribution", answer(), {"Id": "E1"})
        assert api.read(session, Distribution("goals")).id == "E1"
