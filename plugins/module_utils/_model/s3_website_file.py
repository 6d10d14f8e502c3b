# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A file of a website, which S3 holds as an object.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html (ETag)
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    KNOWN_AFTER_APPLY,
    UNSET,
    Model,
    given,
    hidden,
)

FILE_OPTIONS: dict[str, Any] = {
    "options": {
        "key": {"required": True, "no_log": False},
        "path": {"type": "path"},
        "content": {},
        "content_type": {},
        "cache_control": {"default": ""},
    },
    "mutually_exclusive": [["path", "content"]],
    "required_one_of": [["path", "content"]],
}
CONTENT_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}
TEXT = {"application/json", "application/manifest+json", "image/svg+xml"}


@dataclass(frozen=True)
class WebsiteFile(Model):
    """``digest`` is the MD5 of the content, which S3 tells as the ETag of an object that was put in one part and is
    encrypted with S3's own keys. Of any other object it is something that is the MD5 of nothing: it always differs."""

    key: str
    digest: str
    size: Any
    content_type: Any = UNSET
    cache_control: Any = UNSET
    path: str | None = hidden(default=None)
    content: str | None = hidden(default=None)


def from_params(options: Mapping[str, Any]) -> WebsiteFile:
    digest, size = _told(options["path"], options["content"])
    return WebsiteFile(
        key=options["key"],
        digest=digest,
        size=size,
        content_type=options["content_type"] or content_type(options["key"]),
        cache_control=options["cache_control"],
        path=options["path"],
        content=options["content"],
    )


def _told(path: str | None, content: str | None) -> tuple[str, Any]:
    """Digest and size in bytes; both are known later where the content names what is still to be made."""
    if content is None:
        with Path(str(path)).open("rb") as file:
            return hashlib.file_digest(file, _md5).hexdigest(), Path(str(path)).stat().st_size
    if KNOWN_AFTER_APPLY in content:
        return KNOWN_AFTER_APPLY, KNOWN_AFTER_APPLY
    return _md5(content.encode()).hexdigest(), len(content.encode())


def _md5(content: bytes = b"") -> Any:
    return hashlib.md5(content, usedforsecurity=False)


def content_type(key: str) -> str:
    """The media type that the name tells; text is UTF-8."""
    suffix = PurePosixPath(key).suffix
    kind = CONTENT_TYPES.get(suffix) or mimetypes.guess_type(key)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind in TEXT else kind


def from_api(listed: Mapping[str, Any], head: Mapping[str, Any] | None) -> WebsiteFile:
    """From an Object of ListObjectsV2, and what HeadObject told of it where that was asked."""
    headers = {} if head is None else head
    return WebsiteFile(
        key=listed["Key"],
        digest=listed["ETag"].strip('"'),
        size=listed["Size"],
        content_type=given(headers.get("ContentType")),
        cache_control=UNSET if head is None else headers.get("CacheControl", ""),
    )
