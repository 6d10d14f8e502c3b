# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A folder as the objects of an S3 website, and what must be uploaded and removed for a bucket to hold them."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
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
CONTENT_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}


def website_host(bucket: str, region: str) -> str:
    """The host under which S3 serves ``bucket`` as a website (HTTP only)."""
    separator = "-" if region in DASH_REGIONS else "."
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"{bucket}.s3-website{separator}{region}.{suffix}"


def website_objects(folder: str, uncached: Sequence[str], max_age: int) -> list[dict[str, str]]:
    """Every file below ``folder`` as {key, path, etag, content_type, cache_control}, in the order of their keys.

    Files whose key matches a pattern of ``uncached`` are to be asked for again each time; the others keep for
    ``max_age`` seconds. The ETag is S3's for an object put in one part, the MD5 of its content in quotes.
    """
    root = Path(folder)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return [_object(path, path.relative_to(root).as_posix(), uncached, max_age) for path in files]


def _object(path: Path, key: str, uncached: Sequence[str], max_age: int) -> dict[str, str]:
    guessed = mimetypes.guess_type(key)[0] or "application/octet-stream"
    kind = CONTENT_TYPES.get(path.suffix, guessed)
    is_text = kind.startswith("text/") or kind in {"application/json", "application/manifest+json", "image/svg+xml"}
    return {
        "key": key,
        "path": str(path),
        "etag": f'"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}"',
        "content_type": f"{kind}; charset=utf-8" if is_text else kind,
        "cache_control": "no-cache" if any(fnmatch(key, each) for each in uncached) else f"max-age={max_age}",
    }


def publication(wanted: Sequence[Mapping[str, str]], found: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """What to ``upload`` (objects of ``wanted`` that differ) and ``remove`` (keys) for a bucket that holds ``found``.

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
