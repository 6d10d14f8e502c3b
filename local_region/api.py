"""The AWS API: moto behind one lock, with a line in calls.jsonl for every call.

moto's backends are plain Python objects without locks of their own. Whoever touches them, an API call or the loop
that moves the region on, holds ``Api.lock``; that is the whole discipline.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs

import botocore.session
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from local_region.http_server import call
from local_region.throttling import Throttle

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

READS = ("Describe", "Get", "List", "Head", "Lookup", "BatchGet")
# A host name per service, so that the first call finds its Flask application made.
PRELOADED = ("ec2", "elasticloadbalancing", "autoscaling", "rds", "s3", "iam", "sts", "secretsmanager", "ssm")


class CallLog:
    """Appends one JSON object a line: time, service, action, status, ms, source, agent. Never a parameter."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)
        self._lock = threading.Lock()

    def write(self, **fields: Any) -> None:
        with self._lock:
            self._file.write(json.dumps(fields) + "\n")


class Api:
    """WSGI application. ``on_change`` is called after every call that may have changed something; ``services`` are
    those that moto lacks, by their signing names. ``latency``: seconds that every call takes longer; ``throttled``:
    the share of calls that are refused as one too many."""

    def __init__(
        self,
        calls: CallLog,
        on_change: Callable[[], None],
        services: Mapping[str, WSGIApplication] | None = None,
        latency: float = 0.0,
        throttled: float = 0.0,
    ) -> None:
        self.lock = threading.RLock()
        self._calls = calls
        self._on_change = on_change
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._services = services or {}
        self._latency = latency
        self._throttle = Throttle(throttled)

    def preload(self, region: str) -> None:
        """Make the Flask applications of the usual services, which a first call would otherwise wait for."""
        for service in PRELOADED:
            backend = self._moto.get_backend_for_host(f"{service}.{region}.amazonaws.com")
            with self._moto.lock:
                self._moto.app_instances.setdefault(backend, create_backend_app(backend))

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        began = time.monotonic()
        service, action = identify(environ)
        time.sleep(self._latency)
        with self.lock:
            refusal = self._throttle.refusal(service, environ)
            status, headers, body = refusal or call(self._services.get(service, self._moto), environ)
        if not action.startswith(READS):
            self._on_change()
        self._calls.write(
            time=datetime.now(UTC).isoformat(timespec="milliseconds"),
            service=service,
            action=action,
            status=int(status.split()[0]),
            ms=round((time.monotonic() - began) * 1000, 1),
            source=environ.get("REMOTE_ADDR", ""),
            agent=environ.get("HTTP_USER_AGENT", ""),
        )
        start_response(status, headers)
        return [body]


def identify(environ: dict[str, Any]) -> tuple[str, str]:
    """(service, action) of a request, by its signature's scope and its protocol: query, JSON or REST."""
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    scope = scope or re.search(r"X-Amz-Credential=[^&]*%2F([^&%]+)%2Faws4_request", environ.get("QUERY_STRING", ""))
    service = scope.group(1) if scope else "s3"
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return service, target.rpartition(".")[2]
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        stream = environ["wsgi.input"]
        fields = parse_qs(stream.read().decode("utf-8", "replace"))
        stream.seek(0)
        return service, fields.get("Action", [environ["REQUEST_METHOD"]])[0]
    return service, rest_action(service, environ)


def rest_action(service: str, environ: dict[str, Any]) -> str:
    """The operation of a REST request: of those that fit, the one that asks for most."""
    query = {key.lower() for key in parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)}
    given = query | {name[5:].lower().replace("_", "-") for name in environ if name.startswith("HTTP_")}
    path = environ.get("PATH_INFO", "/")
    fits = [
        (len(operation.asks_for), len(operation.path.pattern), operation.name)
        for operation in rest_operations(service)
        if operation.method == environ["REQUEST_METHOD"]
        and operation.asks_for <= given
        and operation.path.fullmatch(path)
    ]
    return max(fits)[2] if fits else str(environ["REQUEST_METHOD"])


class RestOperation(NamedTuple):
    """``asks_for``: the query keys and the headers (lower case) that every such request carries."""

    name: str
    method: str
    path: re.Pattern[str]
    asks_for: frozenset[str]


@cache
def rest_operations(service: str) -> tuple[RestOperation, ...]:
    """A service's operations, from botocore's model of it."""
    loader = botocore.session.get_session().get_component("data_loader")
    if service not in loader.list_available_services("service-2"):
        return ()
    model = loader.load_service_model(service, "service-2")
    return tuple(_rest_operation(name, each, model["shapes"]) for name, each in model["operations"].items())


def _rest_operation(name: str, operation: dict[str, Any], shapes: dict[str, Any]) -> RestOperation:
    path, _, query = operation["http"]["requestUri"].partition("?")
    pattern = re.sub(r"\\\{[^}]*\+\\\}", ".+", re.escape(path).replace(r"\+", "+"))
    pattern = re.sub(r"\\\{[^}]*\\\}", "[^/]+", pattern)
    asks_for = {part.partition("=")[0].lower() for part in query.split("&") if part and "{" not in part}
    shape = shapes.get(operation.get("input", {}).get("shape"), {})
    for member in shape.get("required", ()):
        if shape["members"][member].get("location") in {"querystring", "header"}:
            asks_for.add(shape["members"][member]["locationName"].lower())
    return RestOperation(name, operation["http"]["method"], re.compile(pattern + "/?"), frozenset(asks_for))
