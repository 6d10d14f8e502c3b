"""What is sent to S3 for a website, checked against the service's own model."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import eventual, waiting
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import s3_website as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website import Website
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website_file import WebsiteFile
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.s3_website import plan
from botocore.exceptions import ClientError
from botocore.stub import ANY

from tests.support.stubbed import stubbed

BUCKET = {"Bucket": "goals"}
MD5 = "9a0364b9e99bb480dd25e1f0284c8555"  # of "content"
BLOCKED = "public policies are blocked by the BlockPublicPolicy block public access setting"
SYSTEM = {"Key": "aws:cloudformation:stack-name", "Value": "x"}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(eventual, "FIRST_DELAY", 0)


def site(**settings):
    return Website("goals", index_document="index.html", **settings)


def change(want, have):
    return plan(want, have, {"purge_tags": True})[0]


def test_a_new_bucket_is_set_up_in_the_order_in_which_it_opens():
    policy, block = {"Version": "2012-10-17"}, {"BlockPublicPolicy": False}
    encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    ownership = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    want = site(policy=policy, public_access_block=block, tags={"stack": "goals"}, versioning=False)
    with stubbed("s3") as (session, stub):
        stub.add_response("create_bucket", {}, {**BUCKET, "ObjectOwnership": "BucketOwnerEnforced"})
        stub.add_response("put_bucket_ownership_controls", {}, {**BUCKET, "OwnershipControls": ownership})
        stub.add_response("put_bucket_encryption", {}, {**BUCKET, "ServerSideEncryptionConfiguration": encryption})
        stub.add_response(
            "put_bucket_tagging", {}, {**BUCKET, "Tagging": {"TagSet": [{"Key": "stack", "Value": "goals"}]}}
        )
        stub.add_response("put_public_access_block", {}, {**BUCKET, "PublicAccessBlockConfiguration": block})
        stub.add_response("put_bucket_policy", {}, {**BUCKET, "Policy": json.dumps(policy)})
        stub.add_response(
            "put_bucket_website",
            {},
            {**BUCKET, "WebsiteConfiguration": {"IndexDocument": {"Suffix": "index.html"}}},
        )
        api.create(session, change(want, None))


def test_an_update_sends_what_differs_and_no_more():
    have = site(tags={"a": "1"}, versioning=True, system_tags=[SYSTEM], error_document="")
    with stubbed("s3") as (session, stub):
        stub.add_response("put_bucket_versioning", {}, {**BUCKET, "VersioningConfiguration": {"Status": "Suspended"}})
        stub.add_response("put_bucket_tagging", {}, {**BUCKET, "Tagging": {"TagSet": [SYSTEM]}})
        api.update(session, change(site(tags={}, versioning=False), have))


def test_the_last_tag_goes_with_the_set():
    with stubbed("s3") as (session, stub):
        stub.add_response("delete_bucket_tagging", {}, BUCKET)
        api.update(session, change(site(tags={}), site(tags={"a": "1"}, system_tags=[])))


def test_a_bucket_that_has_just_been_made_or_opened_is_given_a_moment():
    have = site(policy={}, public_access_block={"BlockPublicPolicy": True})
    want = site(policy={"Version": "2012-10-17"})
    with stubbed("s3", wait_timeout=60) as (session, stub):
        stub.add_client_error("put_bucket_policy", "NoSuchBucket")
        stub.add_client_error("put_bucket_policy", "OperationAborted")
        stub.add_client_error("put_bucket_policy", "AccessDenied", BLOCKED)
        stub.add_response("put_bucket_policy", {}, {**BUCKET, "Policy": '{"Version": "2012-10-17"}'})
        api.update(session, change(want, have))


def test_an_account_that_blocks_public_access_is_named():
    with stubbed("s3") as (session, stub):
        stub.add_client_error("put_bucket_policy", "AccessDenied", BLOCKED)
        with pytest.raises(StackError, match=r"bucket goals: Block Public Access refuses .* the account's or the org"):
            api.update(session, change(site(policy={"Version": "1"}), site(policy={})))


def test_another_refusal_is_passed_on():
    with stubbed("s3", wait_timeout=60) as (session, stub):
        stub.add_client_error("put_bucket_policy", "MalformedPolicy")
        with pytest.raises(ClientError, match="MalformedPolicy"):
            api.update(session, change(site(policy={"Version": "1"}), site(policy={})))


@pytest.mark.parametrize("status", ["404", "NoSuchBucket"])
def test_a_bucket_that_is_not_there_is_none(status):
    with stubbed("s3") as (session, stub):
        stub.add_client_error("head_bucket", status, expected_params=BUCKET)
        assert api.read(session, site()) is None


def test_a_bucket_of_another_account_is_told_with_what_to_do():
    with stubbed("s3") as (session, stub):
        stub.add_client_error("head_bucket", "403", "Forbidden", http_status_code=403)
        with pytest.raises(StackError, match=r"bucket goals: it is there, .* give another one .* s3:ListBucket"):
            api.read(session, site())


def test_a_bucket_of_another_region_is_told_with_what_to_do():
    with stubbed("s3") as (session, stub):
        stub.add_response("head_bucket", {"BucketRegion": "eu-west-1"}, BUCKET)
        with pytest.raises(StackError, match="it is in eu-west-1, and wanted in us-east-1"):
            api.read(session, site())


def test_a_region_is_needed(monkeypatch):
    with stubbed("s3") as (session, _):
        monkeypatch.setattr(session.client("s3").meta._client_config, "region_name", "aws-global")
        with pytest.raises(StackError, match="region: it is missing"):
            api.resolve(session, site())


def test_headers_are_asked_of_the_files_that_are_wanted():
    wanted = site(files=(WebsiteFile("a", MD5, 7), WebsiteFile("new", MD5, 7), WebsiteFile("gone", MD5, 7)))
    listed = [{"Key": key, "ETag": f'"{MD5}"', "Size": 7} for key in ("a", "gone", "stray")]
    with stubbed("s3") as (session, stub):
        stub.add_response("head_bucket", {"BucketRegion": "us-east-1"}, BUCKET)
        for operation, *missing in api.READS.values():
            for error in missing:
                stub.add_client_error(operation, error, expected_params=BUCKET)
            if not missing:
                stub.add_response(operation, {}, BUCKET)
        stub.add_response("list_objects_v2", {"Contents": listed}, BUCKET)
        stub.add_response("head_object", {"ContentType": "text/html", "CacheControl": "x"}, {**BUCKET, "Key": "a"})
        stub.add_client_error("head_object", "404", expected_params={**BUCKET, "Key": "gone"})
        found = api.read(session, wanted)
    assert found.files[0] == WebsiteFile("a", MD5, 7, "text/html", "x")
    assert found.files[1:] == (WebsiteFile("gone", MD5, 7), WebsiteFile("stray", MD5, 7))
    assert found.arn == "arn:aws:s3:::goals"


@pytest.mark.parametrize("by_path", [True, False])
def test_a_file_is_put_in_one_part_and_is_what_was_planned(tmp_path, by_path):
    path = tmp_path / "x"
    path.write_text("content")
    source = {"path": str(path)} if by_path else {"content": "content"}
    file = WebsiteFile("a/b.html", MD5, 7, "text/html", "no-cache", **source)
    sent = {}
    with stubbed("s3", name="goals") as (session, stub):
        stub.add_response("put_object", {"ETag": f'"{MD5}"'})
        session.client("s3").meta.events.register(
            "provide-client-params.s3.PutObject", lambda params, **_: sent.update(params)
        )
        api.upload(session, Change("create", "object", file.key, {}, {}, file))
    body = sent.pop("Body")
    assert body == b"content" or body.name == str(path)
    assert sent == {
        **BUCKET,
        "Key": "a/b.html",
        "ContentType": "text/html",
        "CacheControl": "no-cache",
        "ContentMD5": "mgNkuembtIDdJeHwKEyFVQ==",
    }


def test_an_object_is_removed():
    with stubbed("s3", name="goals") as (session, stub):
        stub.add_response("delete_object", {}, {**BUCKET, "Key": "a"})
        api.remove(session, Change("delete", "object", "a", {}, {}))


def test_a_bucket_is_emptied_of_versions_and_delete_markers_before_it_goes():
    page = {
        "Versions": [{"Key": "a", "VersionId": "1"}],
        "DeleteMarkers": [{"Key": "a", "VersionId": "2"}],
        "IsTruncated": True,
        "NextKeyMarker": "a",
        "NextVersionIdMarker": "2",
    }
    objects = [{"Key": "a", "VersionId": "1"}, {"Key": "a", "VersionId": "2"}]
    with stubbed("s3") as (session, stub):
        stub.add_response("list_object_versions", page, BUCKET)
        stub.add_response("delete_objects", {}, {**BUCKET, "Delete": {"Objects": objects, "Quiet": True}})
        stub.add_response("list_object_versions", {}, {**BUCKET, "KeyMarker": "a", "VersionIdMarker": "2"})
        stub.add_response("delete_bucket", {}, BUCKET)
        api.delete(session, change(None, site(files=())))


def test_an_object_that_may_not_be_deleted_is_named():
    errors = [{"Key": "a", "Code": "AccessDenied", "Message": "locked"}]
    with stubbed("s3") as (session, stub):
        stub.add_response("list_object_versions", {"Versions": [{"Key": "a", "VersionId": "1"}]})
        stub.add_response("delete_objects", {"Errors": errors})
        with pytest.raises(StackError, match=r"object a of bucket goals: .* \(AccessDenied: locked\).* stays"):
            api.delete(session, change(None, site(files=())))


READER = "arn:aws:cloudfront::123456789012:distribution/E1"


def test_a_bucket_is_closed_before_its_policy_changes_and_is_no_website():
    have = site(policy={"Version": "1"}, public_access_block={"BlockPublicPolicy": False})
    block, policy = {"BlockPublicPolicy": True}, {"Version": "2012-10-17"}
    want = Website("goals", policy=policy, public_access_block=block, distribution=READER)
    with stubbed("s3") as (session, stub):
        stub.add_response("put_public_access_block", {}, {**BUCKET, "PublicAccessBlockConfiguration": block})
        stub.add_response("put_bucket_policy", {}, {**BUCKET, "Policy": json.dumps(policy)})
        stub.add_response("delete_bucket_website", {}, BUCKET)
        api.update(session, change(want, have))


def invalidation(status):
    batch = {"Paths": {"Quantity": 1, "Items": ["/a.js"]}, "CallerReference": "1"}
    return {"Id": "I1", "Status": status, "CreateTime": "2026-01-01T00:00:00Z", "InvalidationBatch": batch}


def test_an_invalidation_is_waited_for(monkeypatch):
    monkeypatch.setattr(waiting, "FIRST_DELAY", 0)
    batch = {"Paths": {"Quantity": 1, "Items": ["/a.js"]}, "CallerReference": ANY}
    with stubbed("cloudfront", wait_timeout=60) as (session, stub):
        stub.add_client_error("create_invalidation", "TooManyInvalidationsInProgress")
        asked = {"DistributionId": "E1", "InvalidationBatch": batch}
        stub.add_response("create_invalidation", {"Invalidation": invalidation("InProgress")}, asked)
        for status in ("InProgress", "Completed"):
            stub.add_response(
                "get_invalidation", {"Invalidation": invalidation(status)}, {"DistributionId": "E1", "Id": "I1"}
            )
        api.invalidate(session, Change("create", "invalidation", "E1", {}, {"paths": ["/a.js"]}, site()))


def test_an_invalidation_may_be_left_to_cloudfront():
    with stubbed("cloudfront") as (session, stub):
        session.wait = False
        stub.add_response("create_invalidation", {"Invalidation": invalidation("InProgress")})
        api.invalidate(session, Change("create", "invalidation", "E1", {}, {"paths": ["/a.js"]}, site()))
        assert session.left == ["invalidation I1 of distribution E1: it is on its way to the edge locations"]


def test_an_invalidation_that_fails_tells_its_paths():
    with stubbed("cloudfront") as (session, stub):
        stub.add_client_error("create_invalidation", "AccessDenied")
        with pytest.raises(StackError, match=r"another run won't invalidate them.* E1 yourself: /a.js /b"):
            api.invalidate(session, Change("create", "invalidation", "E1", {}, {"paths": ["/a.js", "/b"]}, site()))
