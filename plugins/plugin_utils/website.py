# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A folder as the files of a website, and what must be uploaded and removed for a bucket to hold them."""

from __future__ import annotations

import hashlib
import json
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatch
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Any

# Regions whose website endpoints have a dash before the region; the others have a dot.
# https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints
DASH_REGIONS = frozenset(
    {
        "us-east-1",
        "us-west-1",
        "us-west-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-northeast-1",
        "eu-west-1",
        "sa-east-1",
        "us-gov-west-1",
    }
)
TEMPLATE = ".j2"
CONTENT_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}


def website_host(bucket: str, region: str) -> str:
    """The host under which S3 serves ``bucket`` as a website (HTTP only)."""
    separator = "-" if region in DASH_REGIONS else "."
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{bucket}.s3-website{separator}{region}.{suffix}"


def website_files(
    folder: str, render: Callable[[str], str], uncached: Sequence[str], max_age: int
) -> list[dict[str, str]]:
    """Every file below ``folder`` as {key, etag, content_type, cache_control, path or content}, ordered by key.

    A file NAME.j2 becomes NAME, with what ``render`` makes of it as its content. Files whose key matches a pattern of
    ``uncached`` are to be asked for again each time; the others keep for ``max_age`` seconds.
    """
    root = Path(folder)
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
    made = [_file(key, path, render) for key, path in files.items()]
    for file in made:
        file["content_type"] = content_type(file["key"])
        is_uncached = any(fnmatch(file["key"], pattern) for pattern in uncached)
        file["cache_control"] = "no-cache" if is_uncached else f"max-age={max_age}"
    return sorted(made, key=itemgetter("key"))


def _file(key: str, path: Path, render: Callable[[str], str]) -> dict[str, str]:
    if path.suffix != TEMPLATE:
        return {"key": key, "path": str(path), "etag": etag(path.read_bytes())}
    content = render(str(path))
    return {"key": key.removesuffix(TEMPLATE), "content": content, "etag": etag(content.encode())}


def etag(content: bytes) -> str:
    """S3's ETag for an object that is put in one part: the MD5 of its content, in quotes."""
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def content_type(key: str) -> str:
    """The media type that the name tells; text is UTF-8."""
    suffix = PurePosixPath(key).suffix
    kind = CONTENT_TYPES.get(suffix) or mimetypes.guess_type(key)[0] or "application/octet-stream"
    is_text = kind.startswith("text/") or kind in {"application/json", "application/manifest+json", "image/svg+xml"}
    return f"{kind}; charset=utf-8" if is_text else kind


def publication(wanted: Sequence[Mapping[str, str]], found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """What to ``upload`` (files of ``wanted`` that differ) and ``remove`` (keys) for a bucket to hold them.

    ``found`` is s3_object_info's object_info.
    """
    have = {each["object_name"]: each["object_data"] for each in found}
    return {
        "upload": [dict(each) for each in wanted if _headers(have.get(each["key"], {})) != _compared(each)],
        "remove": sorted(have.keys() - {each["key"] for each in wanted}),
    }


def _headers(data: Mapping[str, Any]) -> tuple[Any, ...]:
    # camel_dict_to_snake_dict writes ETag as e_tag.
    return data.get("e_tag", data.get("etag")), data.get("content_type"), data.get("cache_control")


def _compared(wanted: Mapping[str, str]) -> tuple[str, ...]:
    return wanted["etag"], wanted["content_type"], wanted["cache_control"]


def bucket_settings(buckets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The settings of the first of s3_bucket_info's ``buckets`` that make it a website; empty when there is none.

    A setting that isn't there is empty, or, as the API answers it then, what S3 takes for it.
    """
    if not buckets:
        return {}
    bucket = buckets[0]
    encryption = _first(bucket, "bucket_encryption", "ServerSideEncryptionConfiguration")
    block = bucket.get("public_access_block", {}).get("PublicAccessBlockConfiguration", {})
    return {
        "encryption": encryption.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", ""),
        "object_ownership": _first(bucket, "bucket_ownership_controls", "OwnershipControls").get("ObjectOwnership", ""),
        "policy": json.loads(bucket.get("bucket_policy", {}).get("Policy", "{}")),
        "public_access_blocked": not block or any(block.values()),
        "tags": dict(bucket.get("bucket_tagging", {})),
        "versioning": bucket.get("bucket_versioning", {}).get("Status", "") == "Enabled",
        "website": bucket.get("bucket_website", {}).get("IndexDocument", {}).get("Suffix", ""),
    }


def _first(bucket: Mapping[str, Any], fact: str, key: str) -> Mapping[str, Any]:
    """The first of a configuration's rules."""
    rules = bucket.get(fact, {}).get(key, {}).get("Rules", [])
    return rules[0] if rules else {}
