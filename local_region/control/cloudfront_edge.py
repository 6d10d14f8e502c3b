"""CloudFront's edge locations: a distribution answers under its name, from its bucket and its other origins."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPException, HTTPSConnection, responses
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from local_region.control.backends import Backends
from local_region.control.cloudfront_cache import Answer, Headers
from local_region.control.cloudfront_state import Distribution
from local_region.control.s3_website import object_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

DOMAIN = ".cloudfront.net"
CACHING = "658327ea-f89d-4fab-a63d-7e88639e58f6"  # CachingOptimized; what another policy caches is not cached here
ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
# SecurityHeadersPolicy
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
SECURITY_HEADERS = {
    "67f7725c-6f97-4210-82d7-5512b31e9d03": {
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "SAMEORIGIN",
        "X-XSS-Protection": "1; mode=block",
    }
}
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "te", "trailer", "content-length"})


@dataclass(frozen=True)
class Viewer:
    """What a viewer asks. ``path`` is as it was written, ``headers`` have names in lower case."""

    host: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def is_https(self) -> bool:
        return self.headers.get("x-forwarded-proto") == "https"


def names(backends: Backends) -> Iterator[str]:
    """The names under which there is a distribution."""
    for distribution in tuple(backends.cloudfront.distributions.values()):
        yield distribution.domain_name
        yield from distribution.config["Aliases"].get("Items", ())


class Edge:
    """WSGI application for the Host names that it ``knows``."""

    def __init__(self, backends: Backends, lock: contextlib.AbstractContextManager[object]) -> None:
        self._backends = backends
        self._lock = lock

    def knows(self, host: str) -> bool:
        name = _name(host)
        return name.endswith(DOMAIN) or name in names(self._backends)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        viewer = _viewer(environ)
        with self._lock:
            distribution = self._find(viewer.host)
        answer = self._answer(distribution, viewer)
        start_response(answer.status, answer.headers)
        return [answer.body]

    def _find(self, host: str) -> Distribution | None:
        for each in self._backends.cloudfront.distributions.values():
            if host in (each.domain_name, *each.config["Aliases"].get("Items", ())) and each.config["Enabled"]:
                return each
        return None

    def _answer(self, distribution: Distribution | None, viewer: Viewer) -> Answer:
        if distribution is None:
            return _error(403, "Bad request. No distribution that is enabled has this name.")
        config = distribution.config
        behavior = _behavior(config, viewer.path)
        if not viewer.is_https and behavior["ViewerProtocolPolicy"] != "allow-all":
            return _insecure(behavior, viewer)
        if viewer.method not in behavior["AllowedMethods"]["Items"]:
            return _error(403, "This distribution is not configured to allow the HTTP request method.")
        answer = self._kept_or_asked(distribution, behavior, viewer)
        answer = self._instead(distribution, answer, viewer)
        added = SECURITY_HEADERS.get(behavior.get("ResponseHeadersPolicyId", ""), {})
        kept = [(name, value) for name, value in answer.headers if name not in added]
        via = ("Via", f"1.1 {distribution.domain_name} (CloudFront)")
        return replace(answer, headers=[*kept, *added.items(), via])

    def _kept_or_asked(self, distribution: Distribution, behavior: dict[str, Any], viewer: Viewer) -> Answer:
        cache, path = self._backends.cloudfront.cache, _rooted(distribution.config, viewer.path)
        cacheable = behavior.get("CachePolicyId") == CACHING and viewer.method in {"GET", "HEAD"}
        kept = cache.get(distribution.id, path) if cacheable else None
        if kept is not None:
            return replace(kept, headers=[*kept.headers, ("X-Cache", "Hit from cloudfront")])
        asked = self._ask(distribution, behavior, replace(viewer, path=path))
        if cacheable:
            cache.put(distribution.id, path, asked)
        return replace(asked, headers=[*asked.headers, ("X-Cache", "Miss from cloudfront")])

    def _ask(self, distribution: Distribution, behavior: dict[str, Any], viewer: Viewer) -> Answer:
        origins = distribution.config["Origins"]["Items"]
        origin = next(each for each in origins if each["Id"] == behavior["TargetOriginId"])
        there = replace(viewer, path=origin["OriginPath"] + viewer.path)
        if "S3OriginConfig" not in origin:
            return _custom(origin, behavior, there)
        with self._lock:
            return self._object(distribution, origin, there)

    def _object(self, distribution: Distribution, origin: dict[str, Any], viewer: Viewer) -> Answer:
        """What the bucket says to a signed request. Whoever may not list it isn't told what isn't there."""
        s3, name = self._backends.s3, origin["DomainName"].partition(".s3.")[0]
        bucket, key = s3.buckets.get(name), unquote(viewer.path.removeprefix("/"))
        if bucket is None:
            return _error(404, "The specified bucket does not exist")
        found = s3.get_object(name, key) if key else None
        reader = distribution.arn if origin["OriginAccessControlId"] else ""
        if found is None or not _lets_read(bucket, reader):
            return _error(403, "Access Denied")
        return Answer("200 OK", [*object_headers(found), ("Server", "AmazonS3")], found.value)

    def _instead(self, distribution: Distribution, answer: Answer, viewer: Viewer) -> Answer:
        """The page that is sent in the place of an origin's error."""
        for each in distribution.config["CustomErrorResponses"].get("Items", ()):
            if answer.status.startswith(str(each["ErrorCode"])) and each["ResponsePagePath"]:
                page = replace(viewer, method="GET", path=each["ResponsePagePath"], query="", body=b"")
                sent = self._ask(distribution, _behavior(distribution.config, page.path), page)
                return replace(sent, status=_status(int(each["ResponseCode"])))
        return answer


# --- Requests


def _name(host: str) -> str:
    return host.lower().partition(":")[0]


def _viewer(environ: dict[str, Any]) -> Viewer:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"}
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    path = quote(environ.get("PATH_INFO", "/").encode("latin-1"), safe="/~!$&'()*+,;=:@-._")
    return Viewer(
        host=_name(environ.get("HTTP_HOST", "")),
        method=environ["REQUEST_METHOD"],
        path=path,
        query=environ.get("QUERY_STRING", ""),
        headers=headers,
        body=environ["wsgi.input"].read(),
    )


def _rooted(config: dict[str, Any], path: str) -> str:
    return f"/{config['DefaultRootObject']}" if path == "/" and config["DefaultRootObject"] else path


def _behavior(config: dict[str, Any], path: str) -> dict[str, Any]:
    """That of the first pattern that fits; patterns may begin with a slash or not."""
    for behavior in config["CacheBehaviors"].get("Items", ()):
        pattern = "/" + behavior["PathPattern"].removeprefix("/")
        regex = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
        if re.fullmatch(regex, path):
            return dict(behavior)
    return dict(config["DefaultCacheBehavior"])


def _lets_read(bucket: Any, reader: str) -> bool:
    """Whether the bucket's policy lets the distribution ``reader``, as which CloudFront signed, read its objects."""
    statements = json.loads(bucket.policy)["Statement"] if bucket.policy and reader else []
    return any(
        statement["Effect"] == "Allow"
        and statement.get("Principal") == {"Service": "cloudfront.amazonaws.com"}
        and statement.get("Action") in ("s3:GetObject", ["s3:GetObject"])
        and statement.get("Resource") in (f"arn:aws:s3:::{bucket.name}/*", [f"arn:aws:s3:::{bucket.name}/*"])
        and _sources(statement) in ([], [reader])
        for statement in statements
    )


def _sources(statement: dict[str, Any]) -> list[str]:
    """The distributions that a statement is for; none said are all."""
    condition: dict[str, Any] = statement.get("Condition", {}).get("StringEquals", {})
    found = [value for key, value in condition.items() if key.lower() == "aws:sourcearn"]
    return found[0] if found and isinstance(found[0], list) else found


def _custom(origin: dict[str, Any], behavior: dict[str, Any], viewer: Viewer) -> Answer:
    """What an origin that is no bucket answers."""
    wanted = origin["CustomOriginConfig"]
    policy = wanted["OriginProtocolPolicy"]
    secure = policy == "https-only" or (policy == "match-viewer" and viewer.is_https)
    connect, port = (HTTPSConnection, "HTTPSPort") if secure else (HTTPConnection, "HTTPPort")
    all_of_it = behavior.get("OriginRequestPolicyId") in {ALL_VIEWER, ALL_VIEWER_EXCEPT_HOST}
    url = f"{viewer.path}?{viewer.query}" if viewer.query and all_of_it else viewer.path
    try:
        connection = connect(origin["DomainName"], wanted[port], timeout=wanted["OriginReadTimeout"])
        with contextlib.closing(connection):
            connection.request(viewer.method, url, viewer.body or None, _passed_on(behavior, viewer, all_of_it))
            answer = connection.getresponse()
            headers: Headers = [(k, v) for k, v in answer.getheaders() if k.lower() not in HOP_BY_HOP]
            return Answer(_status(answer.status), headers, answer.read())
    except TimeoutError:
        return _error(504, "The origin did not answer in time.")
    except (OSError, HTTPException) as error:
        return _error(502, f"CloudFront wasn't able to connect to the origin: {error}")


def _passed_on(behavior: dict[str, Any], viewer: Viewer, all_of_it: bool) -> dict[str, str]:
    left_out = HOP_BY_HOP if behavior.get("OriginRequestPolicyId") == ALL_VIEWER else HOP_BY_HOP | {"host"}
    always = {"x-forwarded-for", "content-type"}
    return {
        name: value
        for name, value in viewer.headers.items()
        if name not in left_out and (all_of_it or name in always) and name != "x-forwarded-proto"
    }


# --- Answers


def _status(code: int) -> str:
    return f"{code} {responses.get(code, 'Unknown')}"


def _error(code: int, message: str) -> Answer:
    page = f"<html><head><title>ERROR</title></head><body><h1>{code} ERROR</h1><p>{message}</p></body></html>"
    return Answer(_status(code), [("Content-Type", "text/html"), ("Server", "CloudFront")], page.encode())


def _insecure(behavior: dict[str, Any], viewer: Viewer) -> Answer:
    if behavior["ViewerProtocolPolicy"] == "https-only":
        return _error(403, "Bad request. HTTPS is required.")
    url = f"https://{viewer.host}{viewer.path}" + (f"?{viewer.query}" if viewer.query else "")
    return Answer("301 Moved Permanently", [("Location", url), ("Server", "CloudFront")], b"")
