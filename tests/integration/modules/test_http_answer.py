"""What http_answer takes for an answer, asked of a server of its own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest
from ansible_collections.ha_stack.aws.plugins.modules import http_answer
from ansible_collections.ha_stack.aws.plugins.modules.http_answer import ask_all
from ansible_collections.ha_stack.aws.plugins.plugin_utils.in_process import run

from tests.support.ports import free_port


class Server(BaseHTTPRequestHandler):
    """Two versions take turns; /later is there at the third request; /origin tells who asks."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        missing = self.path == "/gone" or (self.path == "/later" and self.asked.count("/later") < 3)
        self.send_response(404 if missing else 200)
        self.send_header("X-App-Version", "1.0" if len(self.asked) % 2 or self.path == "/same" else "1.1")
        self.end_headers()
        self.wfile.write((self.headers.get("Origin") or self.path).encode())

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def url() -> Iterator[str]:
    Server.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def wanted(url: str, **given: Any) -> dict[str, Any]:
    plain = {"validate_certs": True, "headers": {}, "status": [200], "answer_headers": {}, "md5": None, "count": 1}
    return {"url": url, **plain, **given}


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("path", "given", "fault"),
    [
        ("/", {}, None),
        ("/gone", {}, "status 404 instead of 200"),
        ("/gone", {"status": [200, 404]}, None),
        ("/", {"md5": md5("/")}, None),
        ("/", {"md5": md5("other")}, "1 bytes of other content"),
        ("/", {"headers": {"Origin": "http://page"}, "md5": md5("http://page")}, None),
        ("/same", {"answer_headers": {"x-app-version": 1.0}, "count": 3}, None),
        ("/turns", {"answer_headers": {"X-App-Version": "1.0"}, "count": 2}, "X-App-Version: 1.1 instead of 1.0"),
        ("/same", {"answer_headers": {"X-Other": "1"}}, "X-Other: (none) instead of 1"),
    ],
)
def test_an_answer_is_compared_with_what_is_wanted(url, path, given, fault):
    answers, told = ask_all({"requests": [wanted(url + path, **given)], "timeout": 5})
    assert (told or "").startswith(f"GET {url}{path}: {fault}" if fault else "")
    assert bool(told) == bool(fault)
    assert [answer["url"] for answer in answers] == ([] if fault else [url + path])


def test_nobody_there_is_told():
    nobody = f"http://127.0.0.1:{free_port()}/"
    assert ask_all({"requests": [wanted(nobody)], "timeout": 1}) == (
        [],
        f"GET {nobody}: [Errno 111] Connection refused",
    )


def task(**options: Any) -> dict[str, Any]:
    return json.loads(run(http_answer, options)["stdout"])


def test_it_waits_until_all_answer_as_they_are_to(url):
    result = task(requests=[{"url": f"{url}/"}, {"url": f"{url}/later"}])
    assert result["answers"] == [{"url": f"{url}/", "status": 200}, {"url": f"{url}/later", "status": 200}]
    assert Server.asked == ["/", "/later"] * 3


def test_it_fails_with_what_it_last_saw(url):
    result = task(requests=[{"url": f"{url}/gone"}], wait_timeout=1)
    assert result["failed"]
    assert result["msg"] == f"answer: not done after 1 s (wait_timeout): GET {url}/gone: status 404 instead of 200."
