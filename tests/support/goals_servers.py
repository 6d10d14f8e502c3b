"""A goals backend behind several addresses of one port, small enough for one event loop, that can be told to fail."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.support.ports import free_port

REASONS = {200: "OK", 201: "Created", 204: "No Content", 404: "Not Found", 503: "Service Unavailable"}
PAGE = 100


@dataclass
class Goals:
    """What the servers share: the list, and the rules they answer by.

    ``answer`` may return a status code to answer with instead, or None; it may also wait.
    """

    instances: tuple[str, ...] = ("ip-10-0-1-5", "ip-10-0-2-5")
    version: str = "1.0.0"
    rows: dict[int, str] = field(default_factory=dict)
    requests: list[tuple[str, str, str]] = field(default_factory=list)  # address, method, path
    connections: dict[str, int] = field(default_factory=dict)
    fault: Callable[[str, str, str], Any] = lambda address, method, path: None  # a status, or an awaitable of one
    _ids: Any = field(default_factory=lambda: count(1))
    _turns: Any = field(default_factory=lambda: count())

    def served_by(self) -> str:
        """Round robin, as a load balancer does it."""
        return self.instances[next(self._turns) % len(self.instances)]

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any, dict[str, str]]:
        path, _, query = path.partition("?")
        if method == "POST":
            identity = next(self._ids)
            self.rows[identity] = json.loads(body)["text"]
            return 201, {"id": identity}, {}
        if method == "DELETE":
            return (204 if self.rows.pop(int(path.rpartition("/")[2]), None) else 404), None, {}
        if path == "/goals":
            return self._page(int(query.partition("before=")[2] or 2**31))
        return 200, {"service": "goals"}, {}

    def _page(self, before: int) -> tuple[int, Any, dict[str, str]]:
        found = [{"id": each, "text": self.rows[each]} for each in sorted(self.rows, reverse=True) if each < before]
        page = found[:PAGE]
        more = {"Link": f'</goals?before={page[-1]["id"]}>; rel="next"'} if len(found) > PAGE else {}
        return 200, page, more


@dataclass
class Servers:
    """``goals`` on every one of ``addresses``."""

    goals: Goals
    addresses: tuple[str, ...] = ("127.0.0.1", "127.0.0.2")
    port: int = 0
    tls: ssl.SSLContext | None = None
    _servers: dict[str, asyncio.Server] = field(default_factory=dict)
    _open: dict[str, set[asyncio.StreamWriter]] = field(default_factory=dict)

    async def __aenter__(self) -> Servers:
        self.port = self.port or free_port(*self.addresses)
        for address in self.addresses:
            await self.start(address)
        return self

    async def __aexit__(self, *_: object) -> None:
        for address in list(self._servers):
            await self.kill(address)

    async def start(self, address: str) -> None:
        def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
            return self._serve(address, reader, writer)

        self._servers[address] = await asyncio.start_server(serve, address, self.port, backlog=1024, ssl=self.tls)

    async def kill(self, address: str) -> None:
        """As a process that is killed: its connections end, new ones are refused."""
        self._servers.pop(address).close()
        for writer in self._open.pop(address, set()):
            writer.transport.abort()

    async def _serve(self, address: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened = self._open.setdefault(address, set())
        opened.add(writer)
        self.goals.connections[address] = self.goals.connections.get(address, 0) + 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(address, head.decode(), reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            opened.discard(writer)
            writer.close()

    async def _answer(
        self, address: str, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        request_line, *lines = head.rstrip().split("\r\n")
        method, path, _ = request_line.split(" ")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.goals.requests.append((address, method, path))
        fault = self.goals.fault(address, method, path)
        fault = await fault if asyncio.iscoroutine(fault) else fault
        status, answer, more = (fault, {"detail": "fault"}, {}) if fault else self.goals.answer(method, path, body)
        content = json.dumps(answer).encode() if answer is not None else b""
        told = {"X-Served-By": self.goals.served_by(), "X-App-Version": self.goals.version, **more}
        if status != 204:
            told["Content-Length"] = str(len(content))
        lines = [f"HTTP/1.1 {status} {REASONS[status]}", *(f"{name}: {value}" for name, value in told.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        await writer.drain()
