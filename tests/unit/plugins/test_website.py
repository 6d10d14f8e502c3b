"""A folder as an S3 website."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ha_stack.aws.plugins.plugin_utils.website import (
    bucket_settings,
    publication,
    website_files,
    website_host,
)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "b.s3-website-us-east-1.amazonaws.com"),
        ("eu-west-1", "b.s3-website-eu-west-1.amazonaws.com"),
        ("eu-central-1", "b.s3-website.eu-central-1.amazonaws.com"),
        ("us-east-2", "b.s3-website.us-east-2.amazonaws.com"),
        ("cn-north-1", "b.s3-website.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_website_hosts_have_the_form_of_their_region(region: str, host: str) -> None:
    assert website_host("b", region) == host


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    for name in ("index.html", "config.js.j2", "assets/style.css", "assets/logo.svg", "data.bin"):
        (tmp_path / name).write_text(name)
    return tmp_path


def files(folder: Path, *uncached: str, api: str = "http://api") -> list[dict[str, str]]:
    return website_files(str(folder), lambda path: f"{Path(path).name} of {api}", uncached, 300)


def test_a_folder_becomes_files_with_headers(folder: Path) -> None:
    told = {each["key"]: (each["content_type"], each["cache_control"]) for each in files(folder, "*.html", "config.js")}
    assert told == {
        "assets/logo.svg": ("image/svg+xml; charset=utf-8", "max-age=300"),
        "assets/style.css": ("text/css; charset=utf-8", "max-age=300"),
        "config.js": ("text/javascript; charset=utf-8", "no-cache"),
        "data.bin": ("application/octet-stream", "max-age=300"),
        "index.html": ("text/html; charset=utf-8", "no-cache"),
    }
    assert list(told) == sorted(told)


def test_templates_are_rendered_and_the_rest_is_taken_as_it_is(folder: Path) -> None:
    by_key = {each["key"]: each for each in files(folder)}
    content = b"config.js.j2 of http://api"
    assert by_key["config.js"]["content"] == content.decode()
    assert by_key["config.js"]["etag"] == f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
    assert by_key["data.bin"]["path"] == str(folder / "data.bin")
    assert "content" not in by_key["data.bin"]


def test_another_api_is_another_file(folder: Path) -> None:
    before = found(files(folder))
    upload = publication(files(folder, api="http://other"), before)["upload"]
    assert [each["key"] for each in upload] == ["config.js"]


def found(objects: list[dict[str, str]]) -> list[dict[str, Any]]:
    """As amazon.aws.s3_object_info tells them."""
    return [
        {
            "object_name": each["key"],
            "object_data": {
                "e_tag": each["etag"],
                "content_type": each["content_type"],
                "cache_control": each["cache_control"],
            },
        }
        for each in objects
    ]


def test_an_empty_bucket_gets_everything(folder: Path) -> None:
    objects = files(folder)
    assert publication(objects, []) == {"upload": objects, "remove": []}


def test_a_bucket_that_holds_it_all_gets_nothing(folder: Path) -> None:
    objects = files(folder)
    assert publication(objects, found(objects)) == {"upload": [], "remove": []}


@pytest.mark.parametrize("header", ["e_tag", "content_type", "cache_control"])
def test_what_differs_in_content_or_headers_is_uploaded(folder: Path, header: str) -> None:
    objects = files(folder)
    there = found(objects)
    there[2]["object_data"][header] = "other"
    assert publication(objects, there) == {"upload": [objects[2]], "remove": []}


def test_what_is_gone_is_removed(folder: Path) -> None:
    objects = files(folder)
    (folder / "data.bin").unlink()
    assert publication(files(folder), found(objects))["remove"] == ["data.bin"]


def test_a_bucket_of_today_with_nothing_set_lets_nobody_in() -> None:
    assert bucket_settings([{"name": "b", "bucket_versioning": {}}]) == {
        "encryption": "",
        "object_ownership": "",
        "policy": {},
        "public_access_blocked": True,
        "tags": {},
        "versioning": False,
        "website": "",
    }


def test_no_bucket_has_no_settings() -> None:
    assert bucket_settings([]) == {}


def test_a_website_bucket_tells_its_settings() -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    opened = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), False)
    bucket = {
        "bucket_encryption": {"ServerSideEncryptionConfiguration": {"Rules": [rule]}},
        "bucket_ownership_controls": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
        "bucket_policy": {"Policy": '{"Version": "2012-10-17"}'},
        "bucket_tagging": {"stack": "goals"},
        "bucket_versioning": {"Status": "Suspended"},
        "bucket_website": {"IndexDocument": {"Suffix": "index.html"}},
        "public_access_block": {"PublicAccessBlockConfiguration": opened},
    }
    settings = {
        "encryption": "AES256",
        "object_ownership": "BucketOwnerEnforced",
        "policy": {"Version": "2012-10-17"},
        "public_access_blocked": False,
        "tags": {"stack": "goals"},
        "versioning": False,
        "website": "index.html",
    }
    assert bucket_settings([bucket]) == settings
    bucket["public_access_block"]["PublicAccessBlockConfiguration"] = {**opened, "BlockPublicPolicy": True}
    assert bucket_settings([bucket])["public_access_blocked"]
