"""S3's website endpoints: ``<bucket>.s3-website-<region>.amazonaws.com`` (or with a dot), for anonymous readers."""

from __future__ import annotations

import contextlib
import html
import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import xmltodict  # type: ignore[import-untyped]
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import s3_backends

from local_region.control.backends import Backends

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

HOST = re.compile(r"(?P<bucket>[a-z0-9.-]{3,63})\.s3-website[-.](?P<region>[a-z0-9-]+)\.amazonaws\.com(:\d+)?")
PASSED_ON = ("cache-control", "content-disposition", "content-encoding", "content-language", "expires")


class Failed(Exception):
    """An answer other than the object: (status line, S3's error code, message)."""

    def __init__(self, status: str, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


DENIED = ("403 Forbidden", "AccessDenied", "Access Denied")
NO_KEY = ("404 Not Found", "NoSuchKey", "The specified key does not exist.")
NO_BUCKET = ("404 Not Found", "NoSuchBucket", "The specified bucket does not exist")
NO_WEBSITE = (
    "404 Not Found",
    "NoSuchWebsiteConfiguration",
    "The specified bucket does not have a website configuration",
)


def website_of(host: str) -> str | None:
    """The bucket that a Host header names the website of."""
    match = HOST.fullmatch(host.lower())
    return match["bucket"] if match else None


def host_of(bucket: str, region: str) -> str:
    """The website's name. Newer regions write a dot after s3-website; both forms are served."""
    return f"{bucket}.s3-website-{region}.amazonaws.com"


def websites(backends: Backends) -> list[str]:
    """Buckets that have a website."""
    return [name for name, bucket in backends.s3.buckets.items() if bucket.website_configuration]


class Websites:
    """WSGI application for the Host names that ``website_of`` knows."""

    def __init__(self, backends: Backends, lock: contextlib.AbstractContextManager[object]) -> None:
        self._backends = backends
        self._lock = lock

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        bucket, path = website_of(environ["HTTP_HOST"]) or "", environ.get("PATH_INFO", "/")
        path = path.encode("latin-1").decode("utf-8", "replace")  # as WSGI carries it
        with self._lock:
            status, headers, body = self._serve(bucket, path.removeprefix("/"), environ["REQUEST_METHOD"])
        start_response(status, [*headers, ("Server", "AmazonS3")])
        return [body]

    def _serve(self, name: str, key: str, method: str) -> tuple[str, list[tuple[str, str]], bytes]:
        configuration: dict[str, Any] = {}
        try:
            bucket = self._bucket(name)
            configuration = _configuration(bucket)
            if method not in {"GET", "HEAD"}:
                message = "The specified method is not allowed against this resource."
                raise Failed("405 Method Not Allowed", "MethodNotAllowed", message)
            return self._object(bucket, configuration, key)
        except Failed as failed:
            return self._error(name, configuration, failed)

    def _bucket(self, name: str) -> Any:
        if name not in s3_backends.bucket_accounts or name not in self._backends.s3.buckets:
            raise Failed(*NO_BUCKET)
        return self._backends.s3.buckets[name]

    def _object(self, bucket: Any, configuration: dict[str, Any], key: str) -> tuple[str, list[tuple[str, str]], bytes]:
        suffix = configuration["IndexDocument"]["Suffix"]
        wanted = key + suffix if not key or key.endswith("/") else key
        found = _readable(self._backends.s3, bucket, wanted)
        if found is not None:
            return "200 OK", object_headers(found), found.value
        if _readable(self._backends.s3, bucket, f"{wanted}/{suffix}") is not None:
            return "302 Moved Temporarily", [("Location", f"/{wanted}/")], b""
        # Without the right to list, S3 does not say whether the key exists.
        raise Failed(*(NO_KEY if _permits(bucket, "s3:ListBucket", "") else DENIED))

    def _error(
        self, name: str, configuration: dict[str, Any], failed: Failed
    ) -> tuple[str, list[tuple[str, str]], bytes]:
        document = (configuration.get("ErrorDocument") or {}).get("Key")
        if document and failed.status[0] == "4" and failed.code != "MethodNotAllowed":
            found = _readable(self._backends.s3, self._backends.s3.buckets[name], document)
            if found is not None:
                return failed.status, object_headers(found), found.value
        headers = [("Content-Type", "text/html; charset=utf-8"), ("x-amz-error-code", failed.code)]
        text = html.escape(failed.message)
        page = f"<html><head><title>{failed.status}</title></head><body><h1>{failed.status}</h1><ul>"
        page += f"<li>Code: {failed.code}</li><li>Message: {text}</li></ul></body></html>"
        return failed.status, headers, page.encode()


def _configuration(bucket: Any) -> dict[str, Any]:
    if not bucket.website_configuration:
        raise Failed(*NO_WEBSITE)
    parsed: dict[str, Any] = xmltodict.parse(bucket.website_configuration)["WebsiteConfiguration"]
    return parsed


def _readable(s3: Any, bucket: Any, key: str) -> Any:
    """The object, None when there is none; ``Failed`` when there is one that may not be read."""
    found = s3.get_object(bucket.name, key)
    if found is None:
        return None
    if not _permits(bucket, "s3:GetObject", f"/{key}"):
        raise Failed(*DENIED)
    return found


def _permits(bucket: Any, action: str, resource: str) -> bool:
    """Whether the bucket's policy lets anonymous readers do it, and nothing restricts public policies."""
    block = bucket.public_access_block
    if bucket.policy is None or (block and block.restrict_public_buckets):
        return False
    statements = json.loads(bucket.policy)["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    anonymous = {"Statement": [statement for statement in statements if _concerns_anybody(statement)]}
    permission = IAMPolicy(json.dumps(anonymous)).is_action_permitted(action, f"arn:aws:s3:::{bucket.name}{resource}")
    return bool(permission == PermissionResult.PERMITTED)


def _concerns_anybody(statement: dict[str, Any]) -> bool:
    """moto takes any account's statement for everybody's. What a condition allows is not judged here: it is refused."""
    principal = statement.get("Principal")
    everybody = principal.get("AWS") in ("*", ["*"]) if isinstance(principal, dict) else principal == "*"
    return everybody and not (statement["Effect"] == "Allow" and statement.get("Condition"))


def object_headers(found: Any) -> list[tuple[str, str]]:
    metadata = {key.lower(): value for key, value in (found.metadata or {}).items()}
    headers = [
        ("Content-Type", metadata.get("content-type", "binary/octet-stream")),
        ("ETag", found.etag),
        ("Last-Modified", found.last_modified_RFC1123),
    ]
    return headers + [(name, metadata[name]) for name in PASSED_ON if name in metadata]
