"""What can't be right about a website, and what S3's answers mean."""

from __future__ import annotations

import hashlib

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model import s3_website as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model import s3_website_file as files
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import COMMON_OPTIONS

READER = "arn:aws:cloudfront::123456789012:distribution/E1"
PAGE = {"key": "index.html", "content": "page"}
NOTHING = {"website": {}, "public_access_block": {}, "policy": {}, "object_ownership": {}, "encryption": {}}
NOTHING |= {"versioning": {}, "tags": {}}


def options(**given):
    validated = ArgumentSpecValidator({**COMMON_OPTIONS, **model.OPTIONS}).validate({"name": "goals", **given})
    assert not validated.error_messages, validated.error_messages
    return validated.validated_parameters


@pytest.mark.parametrize(
    ("given", "faulty"),
    [
        pytest.param({}, [], id="nothing wrong"),
        pytest.param({"name": "go"}, ["name"], id="short"),
        pytest.param({"name": "g" * 64}, ["name"], id="long"),
        pytest.param({"name": "Goals"}, ["name"], id="upper case"),
        pytest.param({"name": "goals_web"}, ["name"], id="underscore"),
        pytest.param({"name": "goals..web"}, ["name"], id="two dots"),
        pytest.param({"name": "goals-"}, ["name"], id="hyphen last"),
        pytest.param({"name": "192.168.5.4"}, ["name"], id="an address"),
        pytest.param({"name": "goals-s3alias"}, ["name"], id="reserved suffix"),
        pytest.param({"name": "xn--goals"}, ["name"], id="reserved prefix"),
        pytest.param({"name": "www.goals.example"}, [], id="a domain"),
        pytest.param({"name": f"goals-{KNOWN_AFTER_APPLY}"}, [], id="an account that is known later"),
        pytest.param({"name": f"Goals-{KNOWN_AFTER_APPLY}"}, ["name"], id="what is known of it"),
        pytest.param({"index_document": "a/index.html"}, ["index_document"], id="a path"),
        pytest.param({"index_document": ""}, ["index_document"], id="no index"),
        pytest.param({"distribution_arn": READER}, [], id="a private one"),
        pytest.param({"distribution_arn": "E1"}, ["distribution_arn"], id="an id"),
        pytest.param({"distribution_arn": ""}, ["distribution_arn"], id="an empty one opens nothing"),
        pytest.param({"distribution_arn": KNOWN_AFTER_APPLY}, [], id="a distribution that is known later"),
        pytest.param({"distribution_arn": READER, "public_read": True}, ["public_read"], id="private and public"),
        pytest.param({"distribution_arn": READER, "error_document": "x"}, ["error_document"], id="CloudFront's errors"),
        pytest.param({"tags": {"aws:x": "1"}}, ["tags"], id="AWS's tag"),
        pytest.param({"files": [PAGE]}, [], id="a page"),
        pytest.param({"files": []}, [], id="no file"),
        pytest.param({"files": [dict(PAGE), dict(PAGE)]}, ["files"], id="twice"),
        pytest.param({"files": [{**PAGE, "key": "page.html"}]}, ["index_document"], id="no page"),
        pytest.param({"files": [{**PAGE, "key": "page.html"}], "purge_files": False}, [], id="others' page"),
        pytest.param({"files": [PAGE, {"key": "", "content": ""}]}, ["files[1].key"], id="no key"),
        pytest.param({"files": [{"key": "index.html", "path": "/nonexistent"}]}, ["files[0].path"], id="no file there"),
        pytest.param({"files": [{"key": "x", "path": "/nonexistent"}], "state": "absent"}, [], id="absent needs none"),
    ],
)
def test_faults(given, faulty):
    assert [fault.option for fault in faults(options(**given))] == faulty


def test_a_file_that_takes_more_than_one_part_is_refused(tmp_path):
    large = tmp_path / "index.html"
    with large.open("wb") as sparse:
        sparse.truncate(5 * 1024**3 + 1)
    (fault,) = faults(options(files=[{"key": "index.html", "path": str(large)}]))
    assert "larger than 5 GiB" in str(fault)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "b.s3-website-us-east-1.amazonaws.com"),
        ("eu-west-1", "b.s3-website-eu-west-1.amazonaws.com"),
        ("eu-central-1", "b.s3-website.eu-central-1.amazonaws.com"),
        ("us-east-2", "b.s3-website.us-east-2.amazonaws.com"),
        ("us-gov-west-1", "b.s3-website-us-gov-west-1.amazonaws.com"),
        ("us-gov-east-1", "b.s3-website.us-gov-east-1.amazonaws.com"),
        ("cn-north-1", "b.s3-website.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_website_hosts_have_the_form_of_their_region(region, host):
    assert model.website_host("b", region) == host


def test_content_and_file_are_told_alike(tmp_path):
    (tmp_path / "x").write_text("größe")
    by_path = files.from_params(
        {**PAGE, "content": None, "path": str(tmp_path / "x"), "content_type": None, "cache_control": ""}
    )
    by_content = files.from_params(
        {**PAGE, "content": "größe", "path": None, "content_type": None, "cache_control": ""}
    )
    assert by_path == by_content
    digest = hashlib.md5("größe".encode(), usedforsecurity=False).hexdigest()
    assert (by_path.digest, by_path.size, by_path.content_type) == (digest, 7, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("logo.svg", "image/svg+xml; charset=utf-8"),
        ("logo.png", "image/png"),
        ("site.webmanifest", "application/manifest+json; charset=utf-8"),
        ("unknown", "application/octet-stream"),
    ],
)
def test_the_name_tells_the_type(key, kind):
    assert files.content_type(key) == kind


def test_content_that_is_known_later_has_no_digest_yet():
    file = model.from_params(options(files=[{**PAGE, "content": f"http://{KNOWN_AFTER_APPLY}"}])).files[0]
    assert (file.digest, file.size) == (KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY)


def test_what_is_not_given_is_unset():
    site = model.from_params(options(public_read=False))
    unset = (site.files, site.tags, site.versioning, site.error_document, site.policy, site.public_access_block)
    assert set(unset) == {UNSET}


def test_everybody_may_read_in_every_partition():
    wanted = model.opened(model.placed(model.from_params(options()), "cn-north-1", "aws-cn"))
    assert wanted.policy["Statement"][0]["Resource"] == "arn:aws-cn:s3:::goals/*"
    assert wanted.url == "http://goals.s3-website.cn-north-1.amazonaws.com.cn"


def test_a_bucket_with_nothing_set_has_empty_settings():
    site = model.from_api("goals", NOTHING, [])
    assert (site.policy, site.public_access_block, site.tags, site.files) == ({}, {}, {}, ())
    assert (site.encryption, site.object_ownership, site.index_document, site.versioning) == ("", "", "", False)


def test_a_website_tells_its_settings():
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": False}
    tags = [{"Key": "aws:cloudformation:stack-name", "Value": "x"}, {"Key": "stack", "Value": "goals"}]
    told = {
        **NOTHING,
        "website": {"IndexDocument": {"Suffix": "index.html"}, "ErrorDocument": {"Key": "error.html"}},
        "policy": {"Policy": '{"Version": "2012-10-17"}'},
        "encryption": {"ServerSideEncryptionConfiguration": {"Rules": [rule]}},
        "object_ownership": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}},
        "versioning": {"Status": "Enabled"},
        "tags": {"TagSet": tags},
    }
    site = model.from_api("goals", told, [])
    assert (site.index_document, site.error_document, site.versioning) == ("index.html", "error.html", True)
    assert (site.encryption, site.object_ownership) == ("aws:kms", "ObjectWriter")
    assert (site.tags, site.system_tags) == ({"stack": "goals"}, tags[:1])
    assert site.policy == {"Version": "2012-10-17"}


@pytest.mark.parametrize(
    ("wanted", "there", "sent"),
    [
        pytest.param(UNSET, None, {}, id="new"),
        pytest.param("e.html", None, {"ErrorDocument": {"Key": "e.html"}}, id="error document"),
        pytest.param(UNSET, {"ErrorDocument": {"Key": "e.html"}}, {"ErrorDocument": {"Key": "e.html"}}, id="kept"),
        pytest.param("", {"ErrorDocument": {"Key": "e.html"}}, {}, id="taken away"),
        pytest.param(UNSET, {"RoutingRules": [{}]}, {"RoutingRules": [{}]}, id="routing rules stay"),
        pytest.param(UNSET, {"RedirectAllRequestsTo": {"HostName": "x"}}, {}, id="a redirection goes"),
    ],
)
def test_the_configuration_is_sent_as_a_whole(wanted, there, sent):
    have = None if there is None else model.from_api("goals", {**NOTHING, "website": there}, [])
    want = model.Website("goals", index_document="index.html", error_document=wanted)
    assert model.configuration(want, have) == {"IndexDocument": {"Suffix": "index.html"}, **sent}


@pytest.mark.parametrize(
    ("given", "block", "principal"),
    [
        ({}, model.OPEN_TO_POLICIES, "*"),
        ({"public_read": True}, model.OPEN_TO_POLICIES, "*"),
        ({"public_read": False}, UNSET, None),
        ({"distribution_arn": READER}, model.CLOSED, {"Service": "cloudfront.amazonaws.com"}),
        ({"distribution_arn": READER, "public_read": False}, model.CLOSED, {"Service": "cloudfront.amazonaws.com"}),
    ],
)
def test_who_reads(given, block, principal):
    want = model.opened(model.placed(model.from_params(options(**given)), "us-east-1", "aws"))
    assert want.public_access_block == block
    if principal is None:
        assert want.policy is UNSET
    else:
        (statement,) = want.policy["Statement"]
        assert (statement["Principal"], statement["Resource"]) == (principal, "arn:aws:s3:::goals/*")
        assert bool(want.endpoint) == (principal == "*"), "a private bucket is no website"


def test_only_the_one_distribution_reads():
    (statement,) = model.distribution_reads("arn:aws:s3:::goals", READER)["Statement"]
    assert (statement["Action"], statement["Condition"]) == (
        "s3:GetObject",
        {"StringEquals": {"AWS:SourceArn": READER}},
    )
