# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Requests at a constant rate, whatever becomes of the ones before: an open loop, as many clients are.

A slow answer never holds up the next request. One that could not be sent in time is written down as not sent, with the
cause, and how late each request was is written down as well: neither is the stack's fault.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.http_client import Attempt, Client, Exchange, Origin
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.http_message import request
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.log import Log, replace
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.names import Names

READ, WRITE = "read", "write"
NOT_SENT = "not_sent"
LATEST = 1.0  # seconds; a request that is later than this would come in a burst that no client makes
READY_AFTER = 20  # requests in a row that succeed
WATCH_EVERY = 0.2  # seconds between looks at the stop file
WRITE_EVERY = 1.0  # seconds between writes of the log and the status file
RESERVED_FILES = 128  # open files that are not the requests'


@dataclass(frozen=True)
class Load:
    """What is sent, and what counts as success."""

    rate: float = 200.0
    write_share: float = 0.1
    reuse_share: float = 0.5
    read_paths: tuple[str, ...] = ("/",)
    read_status: int = 200
    write_path: str = "/goals"
    write_field: str = "text"
    write_status: int = 201
    instance_header: str = "x-served-by"
    version_header: str = "x-app-version"

    def expected(self, kind: str) -> str:
        return str(self.write_status if kind == WRITE else self.read_status)


@dataclass
class Count:
    """What has been seen so far."""

    requests: int = 0
    failed: int = 0
    not_sent: int = 0
    in_a_row: int = 0
    last_failed_at: float | None = None
    lateness_max: float = 0.0
    acknowledged: dict[str, float] = field(default_factory=dict)  # text of a write -> when it was due
    unacknowledged: dict[str, float] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        return {
            "requests": self.requests,
            "failed": self.failed,
            "not_sent": self.not_sent,
            "succeeded_in_a_row": self.in_a_row,
            "last_failed_at": self.last_failed_at,
            "writes_acknowledged": len(self.acknowledged),
            "lateness_max_seconds": round(self.lateness_max, 4),
        }


@dataclass
class Probe:
    """Sends ``load`` to ``origin`` until ``stop_file`` is there, ``duration`` has passed or ``stop`` is called."""

    origin: Origin
    load: Load
    client: Client
    names: Names
    log: Log
    duration: float
    stop_file: Path | None = None
    status_file: Path | None = None
    run: str = field(default_factory=lambda: secrets.token_hex(4))
    count: Count = field(default_factory=Count)
    _epoch: float = field(default_factory=lambda: time.time() - time.monotonic())
    _stopped: bool = False
    _ready: bool = False
    _turns: dict[str, int] = field(default_factory=lambda: {READ: 0, WRITE: 0})
    _going: set[asyncio.Task[None]] = field(default_factory=set)

    def stop(self) -> None:
        self._stopped = True

    async def send(self) -> None:
        """Send until told to stop, then wait for what is on its way: it ends within the client's timeouts."""
        beside = [asyncio.create_task(each) for each in (self._watch(), self._tell())]
        try:
            await self._send_at_rate()
            if self._going:
                await asyncio.wait(self._going)
        finally:
            for task in beside:
                task.cancel()
            self._write_down()

    async def _send_at_rate(self) -> None:
        most = open_files() - RESERVED_FILES
        chance = random.Random(self.run)  # noqa: S311 - what comes next must only not follow a pattern
        start = time.monotonic()
        number = 0
        while not self._stopped:
            due = start + number / self.load.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            late = time.monotonic() - due
            self.count.lateness_max = max(self.count.lateness_max, late)
            kind = WRITE if chance.random() < self.load.write_share else READ
            reuse = chance.random() < self.load.reuse_share
            if late > LATEST:
                self._not_sent(number, due, kind, f"the prober was {late:.1f} s late")
            elif len(self._going) >= most:
                self._not_sent(number, due, kind, f"{most} requests were open, as many as files may be")
            else:
                task = asyncio.create_task(self._request(number, due, late, kind, reuse))
                self._going.add(task)
                task.add_done_callback(self._going.discard)
            number += 1

    async def _request(self, number: int, due: float, late: float, kind: str, reuse: bool) -> None:
        turn = self._turns[kind]
        self._turns[kind] += 1
        text = f"probe {self.run} {number}" if kind == WRITE else ""
        path = self.load.write_path if kind == WRITE else self.load.read_paths[turn % len(self.load.read_paths)]
        started = time.monotonic()
        exchange = await self.client.exchange(self._message(path, text), self.names.order(turn), reuse=reuse)
        ended = time.monotonic()
        ok = exchange.outcome == self.load.expected(kind)
        self._note(due, ok, text)
        fields = {"n": number, "type": kind, "path": path, "late": round(late, 4), "seconds": round(ended - started, 4)}
        self.log.write("request", self._wall(due), **fields, ok=ok, **self._seen(exchange, due, text))

    def _message(self, path: str, text: str) -> bytes:
        if not text:
            return request("GET", self.origin.named, path)
        return request("POST", self.origin.named, path, json.dumps({self.load.write_field: text}).encode())

    def _seen(self, exchange: Exchange, due: float, text: str) -> dict[str, Any]:
        headers = exchange.response.headers if exchange.response else {}
        found = {
            "outcome": exchange.outcome,
            "address": exchange.address,
            "attempts": [_attempt(each, due) for each in exchange.attempts],
            "instance": headers.get(self.load.instance_header, ""),
            "version": headers.get(self.load.version_header, ""),
            "text": text,
            "detail": exchange.detail,
        }
        return {key: value for key, value in found.items() if value}

    def _note(self, due: float, ok: bool, text: str) -> None:
        count = self.count
        count.requests += 1
        count.in_a_row = count.in_a_row + 1 if ok else 0
        if not ok:
            count.failed += 1
            count.last_failed_at = max(count.last_failed_at or 0.0, round(self._wall(due), 3))
        if text:
            (count.acknowledged if ok else count.unacknowledged)[text] = due
        self._ready = self._ready or count.in_a_row >= READY_AFTER

    def _not_sent(self, number: int, due: float, kind: str, cause: str) -> None:
        self.count.not_sent += 1
        self.log.write("request", self._wall(due), n=number, type=kind, ok=False, outcome=NOT_SENT, detail=cause)

    def _wall(self, monotonic: float) -> float:
        """Seconds since 1970 by a clock that nothing sets while the probe runs."""
        return self._epoch + monotonic

    async def _watch(self) -> None:
        end = time.monotonic() + self.duration
        while time.monotonic() < end and not (self.stop_file and self.stop_file.exists()):
            await asyncio.sleep(WATCH_EVERY)
        self.stop()

    async def _tell(self) -> None:
        while True:
            self._write_down()
            await asyncio.sleep(WRITE_EVERY)

    def _write_down(self) -> None:
        self.log.flush()
        if self.status_file and self._ready:
            replace(self.status_file, {"run": self.run, "at": round(time.time(), 3), **self.count.facts()})


def _attempt(attempt: Attempt, due: float) -> list[Any]:
    """[address, seconds after the request was due, seconds it took, what came of it]."""
    return [attempt.address, round(attempt.at - due, 4), round(attempt.seconds, 4), attempt.outcome]


def open_files(set_limits: Callable[[int, tuple[int, int]], None] = resource.setrlimit) -> int:
    """How many files this process may open, once its own limit is raised to what it is allowed (8,192 at most)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8192 if hard == resource.RLIM_INFINITY else min(hard, 8192)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        set_limits(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return min(soft, 8192) if soft != resource.RLIM_INFINITY else 8192
