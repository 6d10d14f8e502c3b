"""Refusals as an account gets them that asks too often.

Sources: "Common errors" of each service's API reference; EC2's and S3's own codes are in their error code lists:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (RequestLimitExceeded, 503),
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (SlowDown, 503).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

RATE = "Rate exceeded"
Answer = tuple[str, list[tuple[str, str]], bytes]


@dataclass
class Throttle:
    """Refuses ``share`` of all calls (0 to 1), each time the same ones."""

    share: float
    _random: Random = field(default_factory=lambda: Random(0))  # noqa: S311  nothing secret

    def refusal(self, service: str, environ: dict[str, Any]) -> Answer | None:
        """The answer instead of the service's own, in the protocol of the request."""
        if self._random.random() >= self.share:
            return None
        if service in REFUSALS:
            status, kind, body = REFUSALS[service]
        else:
            status, kind, body = "400 Bad Request", *_by_protocol(environ.get("CONTENT_TYPE") or "application/json")
        return status, [("Content-Type", kind), ("Content-Length", str(len(body)))], body


REFUSALS = {
    "ec2": (
        "503 Service Unavailable",
        "text/xml",
        b"<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error>"
        b"</Errors><RequestID>0</RequestID></Response>",
    ),
    "s3": (
        "503 Slow Down",
        "application/xml",
        b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>",
    ),
}


def _by_protocol(kind: str) -> tuple[str, bytes]:
    return next((answer, body()) for sign, answer, body in PROTOCOLS if sign in kind)


def _query() -> bytes:
    error = f"<Error><Type>Sender</Type><Code>Throttling</Code><Message>{RATE}</Message></Error>"
    return f"<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>".encode()


def _json() -> bytes:
    return json.dumps({"__type": "ThrottlingException", "message": RATE}).encode()


def _cbor() -> bytes:
    """A map of two short texts (RFC 8949: 0xA0 + pairs, 0x60 + length)."""
    texts = ("__type", "ThrottlingException", "message", RATE)
    return b"\xa2" + b"".join(bytes([0x60 + len(text)]) + text.encode() for text in texts)


# What the request's content type has in it, the answer's content type, and its body.
PROTOCOLS: tuple[tuple[str, str, Callable[[], bytes]], ...] = (
    ("cbor", "application/cbor", _cbor),
    ("json", "application/x-amz-json-1.1", _json),
    ("", "text/xml", _query),
)
