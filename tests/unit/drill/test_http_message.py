"""Responses as they arrive, in whatever pieces, compared with the standard library's own parser."""

from __future__ import annotations

import http.client
import io
from itertools import pairwise

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.http_message import Arriving, NotHttp, request
from hypothesis import given, settings
from hypothesis import strategies as st


class Socket:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self.data)


def parsed_by_the_standard_library(data: bytes) -> tuple[int, bytes, bool]:
    response = http.client.HTTPResponse(Socket(data), method="GET")  # type: ignore[arg-type]
    response.begin()
    closes = response.will_close
    return response.status, response.read(), not closes


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;note=1\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


@st.composite
def responses(draw) -> bytes:
    """A whole response of which the end can be told without the connection's end."""
    status, body = draw(st.sampled_from([200, 201, 204, 404, 502, 503])), draw(st.binary(max_size=60))
    headers = draw(st.sampled_from([b"", b"Connection: close\r\n", b"X-Served-By: ip-10-0-1-5\r\n"]))
    before = draw(st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n"]))
    reason = draw(st.sampled_from([b" OK", b" ", b""]))
    head = before + b"HTTP/1.1 %d%s\r\n%s" % (status, reason, headers)
    if status == 204:
        return head + b"\r\n"
    if draw(st.booleans()):
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(body, draw(st.integers(1, 20)))
    return head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


@settings(deadline=None)
@given(responses(), st.lists(st.integers(0, 200), max_size=5))
def test_a_response_in_any_pieces_is_what_the_standard_library_reads(data, cuts):
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    arriving, found = Arriving(), []
    for start, end in pairwise(places):
        found.append(arriving.feed(data[start:end]))
    *early, response = found
    assert early == [None] * len(early), "whole only with its last byte"
    assert (response.status, response.body, response.reusable) == parsed_by_the_standard_library(data)


@settings(deadline=None)
@given(responses(), st.data())
def test_a_response_that_is_cut_short_is_never_whole(data, draw):
    start = data.index(b"\r\n\r\n") + 4 if b"100 Continue" in data else 0
    arriving = Arriving()
    cut = draw.draw(st.integers(start, len(data) - 1))
    assert arriving.feed(data[:cut]) is None
    assert arriving.end() is None


def test_without_a_length_the_end_of_the_connection_ends_the_body():
    arriving = Arriving()
    assert arriving.feed(b"HTTP/1.0 200 OK\r\n\r\nall of it") is None
    response = arriving.end()
    assert (response.status, response.body, response.reusable) == (200, b"all of it", False)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000,
    ],
)
def test_what_is_no_response_is_refused(data):
    with pytest.raises(NotHttp):
        Arriving().feed(data)


def test_a_request_says_where_it_goes_and_how_long_it_is():
    assert request("GET", "goals.example:8080", "/") == (
        b"GET / HTTP/1.1\r\nHost: goals.example:8080\r\nUser-Agent: ha-stack-probe\r\nAccept: */*\r\n\r\n"
    )
    assert request("POST", "goals.example", "/goals", b'{"text":"x"}').endswith(
        b'Content-Type: application/json\r\nContent-Length: 12\r\n\r\n{"text":"x"}'
    )
