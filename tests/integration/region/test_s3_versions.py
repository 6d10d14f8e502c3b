"""Emptying a bucket page by page."""

import pytest


@pytest.fixture
def versioned(region):
    """A bucket with two versions each of five objects, one of them deleted since."""
    s3 = region.client("s3")
    s3.create_bucket(Bucket="versioned")
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    for key in "abcde":
        s3.put_object(Bucket="versioned", Key=key, Body=b"old")
        s3.put_object(Bucket="versioned", Key=key, Body=b"new")
    s3.delete_object(Bucket="versioned", Key="c")
    return s3


def test_each_page_may_be_deleted_before_the_next_is_asked_for(versioned):
    pages = versioned.get_paginator("list_object_versions").paginate(
        Bucket="versioned", PaginationConfig={"PageSize": 3}
    )
    sizes = []
    for page in pages:
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        sizes.append(len(found))
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        versioned.delete_objects(Bucket="versioned", Delete={"Objects": objects})
    assert sum(sizes) == 11
    versioned.delete_bucket(Bucket="versioned")
