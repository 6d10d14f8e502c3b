# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about a distribution's options.

Sources: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.cloudfront_structures import (
    CUSTOM_ORIGIN,
    METHOD_SETS,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

NAME = 64  # characters of an origin access control's name, which is the distribution's; a comment may have 128
HOST = r"(\*\.)?([a-z0-9_]([a-z0-9_-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?"
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
PATTERN = r"""[A-Za-z0-9_.*?$/~"'@:+&-]{1,255}"""
PATTERN_REMEDY = "Give one such as /api/*, of letters, digits and _-.*?$/~\"'@:+&"
SECONDS = {"read_timeout": 120, "keepalive_timeout": 120, "connection_timeout": 10, "connection_attempts": 3}
PAGED = (400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504)


def faults(params: Mapping[str, Any]) -> checks.Faults:
    if params["state"] == "absent":
        return tuple(_name(params["name"]))
    origins, behaviors = params["origins"] or (), params["behaviors"] or ()
    return (
        *_name(params["name"]),
        *(fault for alias in params["aliases"] or () for fault in _host("aliases", alias)),
        *_certificate(params["certificate_arn"]),
        *_root(params["default_root_object"]),
        *_logs(params["access_logs"]),
        *_once("origins", origins, "id"),
        *(fault for number, each in enumerate(origins) for fault in _origin(f"origins[{number}]", each)),
        *_behavior("default_behavior", params["default_behavior"] or {}, params["origins"]),
        *_once("behaviors", behaviors, "path_pattern"),
        *(
            fault
            for number, each in enumerate(behaviors)
            for fault in _behavior(f"behaviors[{number}]", each, params["origins"])
        ),
        *_once("error_responses", params["error_responses"] or (), "error_code"),
        *(fault for each in params["error_responses"] or () for fault in _error_response(each)),
        *checks.tags("tags", params["tags"]),
    )


def _name(name: str) -> Iterator[Fault]:
    if not 1 <= len(name) <= NAME:
        yield Fault("name", name, f"has {len(name)} characters", f"Give 1 to {NAME}")


def _host(option: str, host: str) -> checks.Faults:
    if KNOWN_AFTER_APPLY in host:
        return ()
    return checks.matches(option, host.lower(), HOST, "is no host's name", "Give one without scheme, port and path")


def _certificate(arn: str | None) -> checks.Faults:
    if not arn:
        return ()
    pattern = r"arn:[\w-]+:acm:us-east-1:\d{12}:certificate/\S+"
    cause = "is not the ARN of a certificate that CloudFront takes"
    remedy = "Give one of ACM in us-east-1, wherever all else is: arn:aws:acm:us-east-1:ACCOUNT:certificate/ID"
    return checks.matches("certificate_arn", arn, pattern, cause, remedy)


def _root(key: str | None) -> checks.Faults:
    remedy = "Give a file's key such as index.html, without a slash in front"
    return checks.matches("default_root_object", key, r"(?!/).{0,255}", "is no object's key", remedy)


def _logs(logs: Mapping[str, Any] | None) -> Iterator[Fault]:
    if logs and any(value is not None for value in logs.values()) and not logs["bucket"]:
        yield Fault("access_logs.bucket", logs["bucket"], "is missing", "Give the name of the bucket to log to")


def _once(option: str, items: Sequence[Mapping[str, Any]], key: str) -> Iterator[Fault]:
    for value, times in Counter(item[key] for item in items).items():
        if times > 1:
            yield Fault(f"{option}.{key}", value, "is there more than once", "Give each once")


def _origin(option: str, origin: Mapping[str, Any]) -> checks.Faults:
    custom = [name for name in CUSTOM_ORIGIN if origin[name] is not None]
    path = origin["path"]
    found = [*_host(f"{option}.domain_name", origin["domain_name"])]
    if path and (not path.startswith("/") or path.endswith("/")):
        found.append(Fault(f"{option}.path", path, "is no path", "Begin it with a slash, and end it without one"))
    for name, most in SECONDS.items():
        found += checks.between(f"{option}.{name}", origin[name], 1, most)
    for name in ("http_port", "https_port"):
        found += checks.port(f"{option}.{name}", origin[name])
    if origin["origin_access_control"] and custom:
        cause = "is for origins that are no buckets, and origin_access_control is for a bucket"
        found.append(Fault(f"{option}.{custom[0]}", origin[custom[0]], cause, "Leave out one of both"))
    return tuple(found)


def _behavior(option: str, behavior: Mapping[str, Any], origins: Sequence[Mapping[str, Any]] | None) -> Iterator[Fault]:
    origin, known = behavior.get("origin"), [each["id"] for each in origins or ()]
    if origin and origins is not None and origin not in known:
        yield Fault(f"{option}.origin", origin, "is not among origins", f"Give one of {', '.join(known) or 'them'}")
    for name, sets in (("allowed_methods", METHOD_SETS), ("cached_methods", METHOD_SETS[:2])):
        methods = behavior.get(name)
        if methods is not None and tuple(sorted(methods)) not in sets:
            some = "; ".join(", ".join(each) for each in sets)
            yield Fault(f"{option}.{name}", methods, "is not a set of methods that CloudFront takes", f"Give {some}")
    pattern = behavior.get("path_pattern")
    yield from checks.matches(f"{option}.path_pattern", pattern, PATTERN, "is no pattern of paths", PATTERN_REMEDY)
    if behavior.get("cache_policy") == "":
        yield Fault(f"{option}.cache_policy", "", "is missing", "Give a policy; CachingDisabled caches nothing")


def _error_response(response: Mapping[str, Any]) -> Iterator[Fault]:
    code, page = response["error_code"], response["page"]
    if code not in PAGED:
        codes = ", ".join(map(str, PAGED))
        yield Fault("error_responses.error_code", code, "is no status that CloudFront replaces", f"Give one of {codes}")
    if page and not page.startswith("/"):
        yield Fault("error_responses.page", page, "is no path", "Begin it with a slash")
    if (response["response_code"] is not None) != bool(page):
        cause = f"is of {code}, and page and response_code go together"
        yield Fault("error_responses.page", page, cause, "Give both, or neither")
