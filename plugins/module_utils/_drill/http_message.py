# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""HTTP/1.1 messages (RFC 9112) as bytes: requests to send, and responses as they arrive piece by piece."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: |$)")
_END_OF_HEAD = b"\r\n\r\n"
MOST_HEAD = 64 * 1024  # bytes; more than any load balancer sends
BODILESS = (204, 304)


class NotHttp(ValueError):
    """What arrived is no HTTP/1.1 response."""


@dataclass(frozen=True)
class Response:
    """``headers`` by lower-case name; ``reusable``: the connection may carry another request."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    reusable: bool = False


def request(method: str, host: str, path: str, body: bytes = b"") -> bytes:
    """A request's bytes; ``body`` is JSON."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "User-Agent: ha-stack-probe", "Accept: */*"]
    if body or method == "POST":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Arriving:
    """A response of which bytes arrive: ``feed`` gives it once it is whole.

    The response to HEAD is not told apart from others: nothing here sends HEAD.
    """

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._head: tuple[int, dict[str, str], bool] | None = None

    @property
    def begun(self) -> bool:
        return bool(self._bytes) or self._head is not None

    def feed(self, data: bytes) -> Response | None:
        """NotHttp where this can't become a response."""
        self._bytes += data
        while self._head is None:
            end = self._bytes.find(_END_OF_HEAD)
            if end < 0:
                self._refuse_what_is_no_head()
                return None
            head = _parse_head(bytes(self._bytes[:end]))
            del self._bytes[: end + len(_END_OF_HEAD)]
            if head[0] >= 200:  # 1xx are said before the response and have no body
                self._head = head
        return self._whole()

    def end(self) -> Response | None:
        """The response that the end of the connection makes whole, or None: it was cut short."""
        if self._head is None or _length(self._head[1]) is not None or _chunked(self._head[1]):
            return None
        status, headers, _ = self._head
        return Response(status, headers, bytes(self._bytes))

    def _refuse_what_is_no_head(self) -> None:
        start = bytes(self._bytes[:5])
        if not b"HTTP/".startswith(start) or len(self._bytes) > MOST_HEAD:
            raise NotHttp(f"the answer begins with {start!r}, or its headers never end")

    def _whole(self) -> Response | None:
        assert self._head is not None  # noqa: S101
        status, headers, persistent = self._head
        if status in BODILESS:
            return Response(status, headers, reusable=persistent)
        if _chunked(headers):
            body = _unchunked(bytes(self._bytes))
            return None if body is None else Response(status, headers, body, persistent)
        length = _length(headers)
        if length is None or len(self._bytes) < length:
            return None
        return Response(status, headers, bytes(self._bytes[:length]), persistent)


def _parse_head(head: bytes) -> tuple[int, dict[str, str], bool]:
    status_line, *lines = head.split(b"\r\n")
    matched = _STATUS_LINE.match(status_line)
    if not matched:
        raise NotHttp(f"the answer begins with {status_line[:40]!r}")
    headers = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise NotHttp(f"a header line is {line[:40]!r}")
        headers[name.lower()] = value.strip(" \t")
    persistent = matched[1] == b"1" and "close" not in headers.get("connection", "").lower()
    return int(matched[2]), headers, persistent


def _length(headers: Mapping[str, str]) -> int | None:
    value = headers.get("content-length")
    if value is not None and not (value.isascii() and value.isdigit()):
        raise NotHttp(f"Content-Length is {value!r}")
    return None if value is None else int(value)


def _chunked(headers: Mapping[str, str]) -> bool:
    return headers.get("transfer-encoding", "").lower().endswith("chunked")


def _unchunked(data: bytes) -> bytes | None:
    """The body of the chunks in ``data``, or None while the last chunk is not there (RFC 9112, 7.1)."""
    body, at = bytearray(), 0
    while (end := data.find(b"\r\n", at)) >= 0:
        size = data[at:end].partition(b";")[0].strip()
        if not re.fullmatch(rb"[0-9a-fA-F]{1,8}", size):
            raise NotHttp(f"a chunk's size is {size[:20]!r}")
        length, start = int(size, 16), end + 2
        if length == 0:
            over = data.startswith(b"\r\n", start) or data.find(_END_OF_HEAD, start) >= 0  # without or with trailers
            return bytes(body) if over else None
        body += data[start : start + length]
        at = start + length + 2
    return None
