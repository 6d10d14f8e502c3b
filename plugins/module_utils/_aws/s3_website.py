# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls of S3 behind a website: the bucket's settings, and its objects; and one of CloudFront that reads it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import ClientError, code, explained, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import PROPAGATION, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website import (
    OWNERSHIP,
    Website,
    configuration,
    from_api,
    opened,
    placed,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website_file import WebsiteFile
from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website_file import from_api as file

SETTLING = 20.0  # seconds that S3 is given until a setting just made holds for the call after it

# Setting -> what tells it, and the errors that say that it isn't there.
READS: dict[str, tuple[str, ...]] = {
    "website": ("get_bucket_website", "NoSuchWebsiteConfiguration"),
    "public_access_block": ("get_public_access_block", "NoSuchPublicAccessBlockConfiguration"),
    "policy": ("get_bucket_policy", "NoSuchBucketPolicy"),
    "object_ownership": ("get_bucket_ownership_controls", "OwnershipControlsNotFoundError"),
    "encryption": ("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError"),
    "versioning": ("get_bucket_versioning",),
    "tags": ("get_bucket_tagging", "NoSuchTagSet"),
}


def resolve(session: Session, want: Website) -> Website:
    return opened(placed(want, _here(session), session.client("s3").meta.partition))


def _here(session: Session) -> str:
    """The region that is asked. S3 alone has clients without one, which botocore calls aws-global."""
    region: str = session.client("s3").meta.region_name
    if region == "aws-global":
        raise StackError("region: it is missing, and a bucket is in one. Give the module's region, or AWS_REGION.")
    return region


def read(session: Session, want: Website) -> Website | None:
    """One call where there is no such bucket; then the settings and the objects side by side, and the headers of those
    that are wanted."""
    region = _region(session, want.name)
    if region is None:
        return None
    wanted = {each.key for each in want.files or ()}
    *settings, files = session.together(
        *(lambda read=read: _setting(session, want.name, *read) for read in READS.values()),
        lambda: _files(session, want.name, wanted),
    )
    found = from_api(want.name, dict(zip(READS, settings, strict=True)), files)
    return placed(found, region, session.client("s3").meta.partition)


def _region(session: Session, bucket: str) -> str | None:
    """The region of the bucket, None where there is none. StackError where it is not this account's, or elsewhere.

    HeadBucket's answer has no body, so the status is all the code there is:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    """
    here = _here(session)
    try:
        region: str = session.client("s3").head_bucket(Bucket=bucket).get("BucketRegion", here)
    except ClientError as error:
        if code(error) in {"404", "NoSuchBucket"}:
            return None
        if code(error) not in {"403", "AccessDenied"}:
            raise
        raise StackError(
            f"bucket {bucket}: it is there, and S3 doesn't let the caller see it (403). Names are unique among all "
            "accounts: give another one if it is another account's. If it is yours, allow the caller s3:ListBucket."
        ) from error
    if region != here:
        raise StackError(
            f"bucket {bucket}: it is in {region}, and wanted in {here}. A bucket can't be moved: "
            f"give region: {region}, or another name."
        )
    return region


def _setting(session: Session, bucket: str, operation: str, *missing: str) -> dict[str, Any]:
    with ignoring(*missing):
        answer: dict[str, Any] = getattr(session.client("s3"), operation)(Bucket=bucket)
        return answer
    return {}


def _files(session: Session, bucket: str, wanted: Iterable[str]) -> list[WebsiteFile]:
    """ListObjectsV2 has no headers: they are asked for where there is something to compare them with."""
    pages = session.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    listed = {each["Key"]: each for page in pages for each in page.get("Contents", ())}
    asked = [key for key in listed if key in wanted]
    heads = session.together(*(lambda key=key: _head(session, bucket, key) for key in asked))
    told = dict(zip(asked, heads, strict=True))
    return [file(each, told.get(key)) for key, each in listed.items()]


def _head(session: Session, bucket: str, key: str) -> dict[str, Any] | None:
    with ignoring("404", "NoSuchKey"):
        answer: dict[str, Any] = session.client("s3").head_object(Bucket=bucket, Key=key)
        return answer
    return None


def create(session: Session, change: Change) -> None:
    """us-east-1 is the region of a bucket without a location constraint, and no constraint's name:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html"""
    region = _here(session)
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    session.client("s3").create_bucket(Bucket=change.name, ObjectOwnership=OWNERSHIP, **place)
    update(session, change)


def update(session: Session, change: Change) -> None:
    """A bucket that was just made, or is just being set, may answer for a moment that it is not there or is busy."""
    for settings, put in WRITES:
        if settings & change.after.keys():
            _put(session, change, put)


def _put(session: Session, change: Change, put: Operation) -> None:
    try:
        retried(lambda: put(session, change), _unsettled, min(session.wait_timeout, SETTLING))
    except ClientError as error:
        if not _blocked(error):
            raise
        raise StackError(
            f"bucket {change.name}: Block Public Access refuses the policy that lets everybody read ({error}). "
            "The bucket allows it, so it is the account's or the organization's setting: have it changed, or publish "
            "elsewhere."
        ) from error


def _unsettled(error: Exception) -> bool:
    return code(error) in {"NoSuchBucket", "OperationAborted"} or _blocked(error)


def _blocked(error: Exception) -> bool:
    """Whether Block Public Access refuses it: the bucket's, which was just opened, or else the account's."""
    return code(error) == "AccessDenied" and "BlockPublicPolicy" in str(error)


def _put_public_access_block(session: Session, change: Change) -> None:
    session.client("s3").put_public_access_block(
        Bucket=change.name, PublicAccessBlockConfiguration=change.after["public_access_block"]
    )


def _put_policy(session: Session, change: Change) -> None:
    session.client("s3").put_bucket_policy(Bucket=change.name, Policy=json.dumps(change.after["policy"]))


def _put_ownership(session: Session, change: Change) -> None:
    rules = [{"ObjectOwnership": change.after["object_ownership"]}]
    session.client("s3").put_bucket_ownership_controls(Bucket=change.name, OwnershipControls={"Rules": rules})


def _put_encryption(session: Session, change: Change) -> None:
    rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": change.after["encryption"]}}]
    session.client("s3").put_bucket_encryption(Bucket=change.name, ServerSideEncryptionConfiguration={"Rules": rules})


def _put_versioning(session: Session, change: Change) -> None:
    """A bucket that never had versions can't be told to have none."""
    if change.after["versioning"] or change.have:
        status = "Enabled" if change.after["versioning"] else "Suspended"
        session.client("s3").put_bucket_versioning(Bucket=change.name, VersioningConfiguration={"Status": status})


def _put_tags(session: Session, change: Change) -> None:
    """S3 takes the whole set, and refuses one without the tags that AWS itself put there."""
    kept = change.have.system_tags if change.have else []
    wanted = [*kept, *tags.to_api(change.after["tags"])]
    if wanted:
        session.client("s3").put_bucket_tagging(Bucket=change.name, Tagging={"TagSet": wanted})
    elif change.have:
        session.client("s3").delete_bucket_tagging(Bucket=change.name)


def _put_website(session: Session, change: Change) -> None:
    if not change.want.index_document:
        _delete_website(session, change)
        return
    session.client("s3").put_bucket_website(
        Bucket=change.name, WebsiteConfiguration=configuration(change.want, change.have)
    )


def _delete_website(session: Session, change: Change) -> None:
    """A new bucket is none."""
    if change.have:
        session.client("s3").delete_bucket_website(Bucket=change.name)


# Any of these settings -> the call that makes it so, in this order: who may read is opened before the policy opens it.
WRITES: tuple[tuple[frozenset[str], Operation], ...] = (
    (frozenset({"object_ownership"}), _put_ownership),
    (frozenset({"encryption"}), _put_encryption),
    (frozenset({"versioning"}), _put_versioning),
    (frozenset({"tags"}), _put_tags),
    (frozenset({"public_access_block"}), _put_public_access_block),
    (frozenset({"policy"}), _put_policy),
    (frozenset({"index_document", "error_document"}), _put_website),
)


def delete(session: Session, change: Change) -> None:
    """Only an empty bucket can be deleted: every version and every delete marker goes first, a page (1,000) at a time,
    which is what DeleteObjects takes."""
    for page in session.client("s3").get_paginator("list_object_versions").paginate(Bucket=change.name):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        _delete_versions(session, change.name, [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found])
    session.client("s3").delete_bucket(Bucket=change.name)


def _delete_versions(session: Session, bucket: str, objects: list[dict[str, str]]) -> None:
    if not objects:
        return
    answer = session.client("s3").delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
    for error in answer.get("Errors", ())[:1]:
        raise StackError(
            f"object {error['Key']} of bucket {bucket}: S3 doesn't delete it ({error['Code']}: {error['Message']}), "
            "so the bucket stays. Let the caller's IAM policy allow s3:DeleteObjectVersion, or wait for its lock."
        )


def upload(session: Session, change: Change) -> None:
    """In one part, which S3 takes up to 5 GiB: the ETag of several parts is no MD5, and could not be compared.

    S3 refuses content that is not what the plan saw (BadDigest).
    """
    wanted = change.want
    request = {"Bucket": session.params["name"], "Key": wanted.key, "ContentType": wanted.content_type}
    request["ContentMD5"] = base64.b64encode(bytes.fromhex(wanted.digest)).decode()
    if wanted.cache_control:
        request["CacheControl"] = wanted.cache_control
    if wanted.content is not None:
        session.client("s3").put_object(Body=wanted.content.encode(), **request)
        return
    with open(wanted.path, "rb") as body:
        session.client("s3").put_object(Body=body, **request)


def remove(session: Session, change: Change) -> None:
    session.client("s3").delete_object(Bucket=session.params["name"], Key=change.name)


def invalidate(session: Session, change: Change) -> None:
    """The files are there by now, and the next run finds no difference: what fails here is left to a person."""
    try:
        with explained(f"invalidate at distribution {change.name}"):
            _invalidate(session, change)
    except StackError as error:
        paths = " ".join(change.after["paths"])
        raise StackError(
            f"{error} The files are uploaded, and another run won't invalidate them. Invalidate these paths of "
            f"distribution {change.name} yourself: {paths}"
        ) from error


def _invalidate(session: Session, change: Change) -> None:
    """CloudFront takes so many paths at a time, and each invalidation with a reference of its own."""
    paths = change.after["paths"]
    batch = {"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": f"{change.want.name} {uuid4()}"}
    answer = retried(
        lambda: session.client("cloudfront").create_invalidation(DistributionId=change.name, InvalidationBatch=batch),
        lambda error: code(error) == "TooManyInvalidationsInProgress",
        min(session.wait_timeout, PROPAGATION),
    )
    id_ = answer["Invalidation"]["Id"]
    if not session.wait:
        session.left.append(f"invalidation {id_} of distribution {change.name}: it is on its way to the edge locations")
        return
    session.until(f"invalidation {id_}", lambda: _invalidation(session, change.name, id_), _running)


def _invalidation(session: Session, distribution: str, id_: str) -> str:
    answer = session.client("cloudfront").get_invalidation(DistributionId=distribution, Id=id_)
    return str(answer["Invalidation"]["Status"])


def _running(status: str) -> str | None:
    return None if status == "Completed" else f"it is {status}"


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("bucket", "create"): create,
    ("bucket", "update"): update,
    ("bucket", "delete"): delete,
    ("object", "create"): upload,
    ("object", "update"): upload,
    ("object", "delete"): remove,
    ("invalidation", "create"): invalidate,
}
