"""The open loop, what it writes down, and reading back: against two servers in the same event loop."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._drill import log as logs
from ansible_collections.ha_stack.aws.plugins.module_utils._drill import probe as module
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.http_client import Client, origin
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.names import Names
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.probe import Load, Probe
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.read_back import (
    Items,
    NotReadable,
    next_page,
    read_back,
)

from tests.support.goals_servers import Goals, Servers

ADDRESSES = ("127.0.0.1", "127.0.0.2")


@dataclass
class Bench:
    """A probe of ``goals``' two servers that stops once ``enough`` requests have come to them."""

    directory: Path
    goals: Goals
    enough: int = 200
    load: Load = field(default_factory=lambda: Load(rate=1000))

    def run(self) -> Probe:
        return asyncio.run(self._run())

    async def _run(self) -> Probe:
        async with Servers(self.goals) as servers:
            where = origin(f"http://goals.example:{servers.port}")
            self.names = Names(where.host, where.port, resolve=lambda *_: ADDRESSES)
            await self.names.look()
            client = Client(where, connect_timeout=60, request_timeout=60)
            with logs.Log(self.directory / "log") as log:
                stop, status = self.directory / "stop", self.directory / "status"
                probe = Probe(where, self.load, client, self.names, log, 300, stop, status, run="one")
                stopping = asyncio.create_task(self._stop_after_enough(stop))
                await probe.send()
                await stopping
                self.items = Items(client, self.names, "/goals", "/goals", "text", timeout=0)
                await self.after(probe)
            client.close()
            return probe

    async def _stop_after_enough(self, stop: Path) -> None:
        while len(self.goals.requests) < self.enough:
            await asyncio.sleep(0.01)
        stop.touch()

    async def after(self, probe: Probe) -> None:
        pass

    def requests(self) -> list[dict[str, Any]]:
        return [dict(each) for each in logs.read(self.directory / "log") if each["kind"] == "request"]


@pytest.fixture
def unhurried(monkeypatch):
    """However busy the machine is, no request is given up; the stop file is looked for often."""
    monkeypatch.setattr(module, "WATCH_EVERY", 0.01)
    monkeypatch.setattr(module, "LATEST", float("inf"))


pytestmark = pytest.mark.usefixtures("unhurried")


def test_every_request_is_written_down_with_what_the_client_saw(tmp_path):
    bench = Bench(tmp_path, Goals())
    probe = bench.run()
    requests = bench.requests()
    assert sorted(each["n"] for each in requests) == list(range(len(requests)))
    assert len(requests) == probe.count.requests == len(bench.goals.requests)
    assert all(each["ok"] for each in requests)
    assert {each["outcome"] for each in requests if each["type"] == "write"} == {"201"}
    assert {each["outcome"] for each in requests if each["type"] == "read"} == {"200"}
    assert {each["instance"] for each in requests} == {"ip-10-0-1-5", "ip-10-0-2-5"}
    assert {each["version"] for each in requests} == {"1.0.0"}
    assert {each["attempts"][0][0] for each in requests} == set(ADDRESSES)
    written = [each["text"] for each in requests if each["type"] == "write"]
    assert sorted(bench.goals.rows.values()) == sorted(written)


def test_requests_are_due_at_a_constant_rate(tmp_path):
    bench = Bench(tmp_path, Goals())
    bench.run()
    due = {each["n"]: each["at"] for each in bench.requests()}
    assert all(due[n] - due[0] == pytest.approx(n / 1000, abs=2e-4) for n in due)


def test_the_addresses_take_turns_for_reads_and_for_writes(tmp_path):
    bench = Bench(tmp_path, Goals(), load=Load(rate=1000, write_share=0.3))
    bench.run()
    for kind in ("read", "write"):
        counted = Counter(each["address"] for each in bench.requests() if each["type"] == kind)
        assert abs(counted[ADDRESSES[0]] - counted[ADDRESSES[1]]) <= 1


def test_requests_without_an_answer_hold_up_no_other(tmp_path):
    answer = asyncio.Event()
    goals = Goals()

    async def wait(*_: str) -> int:
        if len(goals.requests) >= 100:
            answer.set()
        await answer.wait()
        return 0

    goals.fault = wait
    bench = Bench(tmp_path, goals, enough=100)
    probe = bench.run()
    assert probe.count.failed == 0, "the first answer came after the hundredth request: it was sent all the same"


def test_a_failure_is_told_by_its_outcome_and_is_no_ones_second_chance(tmp_path):
    goals = Goals(fault=lambda address, method, path: 503 if address == ADDRESSES[0] and method == "GET" else None)
    bench = Bench(tmp_path, goals)
    probe = bench.run()
    failed = [each for each in bench.requests() if not each["ok"]]
    assert len(failed) == probe.count.failed > 0
    assert {(each["type"], each["outcome"], each["address"]) for each in failed} == {("read", "503", ADDRESSES[0])}
    assert probe.count.last_failed_at == pytest.approx(max(each["at"] for each in failed), abs=1e-3)


def test_what_can_not_be_sent_is_written_down_as_not_sent(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "open_files", lambda: module.RESERVED_FILES + 1)

    async def slowly(*_: str) -> int:
        await asyncio.sleep(0.02)
        return 0

    bench = Bench(tmp_path, Goals(fault=slowly), enough=5)
    probe = bench.run()
    not_sent = [each for each in bench.requests() if each["outcome"] == "not_sent"]
    assert len(not_sent) == probe.count.not_sent > 0
    assert "1 requests were open" in not_sent[0]["detail"]
    assert probe.count.requests == len(bench.goals.requests), "not counted as sent"
    assert probe.count.failed == 0, "and not as failed"


def test_a_prober_that_was_held_up_says_so_instead_of_sending_a_burst(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LATEST", -1.0)
    bench = Bench(tmp_path, Goals(), enough=0)
    probe = bench.run()
    assert probe.count.requests == 0
    assert probe.count.not_sent > 0
    assert all("the prober was" in each["detail"] for each in bench.requests())


def test_the_status_file_is_there_once_the_stack_answers(tmp_path):
    Bench(tmp_path, Goals()).run()
    status = json.loads((tmp_path / "status").read_text())
    assert status["requests"] == status["succeeded_in_a_row"] >= 200
    assert status["last_failed_at"] is None


def test_there_is_no_status_file_while_the_stack_does_not_answer(tmp_path):
    Bench(tmp_path, Goals(fault=lambda *_: 503)).run()
    assert not (tmp_path / "status").exists()


@dataclass
class ReadingBack(Bench):
    """The writes are read back after ``meddle`` was at the rows."""

    meddle: Any = lambda rows: None
    load: Load = field(default_factory=lambda: Load(rate=1000, write_share=1))

    async def after(self, probe: Probe) -> None:
        self.goals.fault = lambda *_: None
        self.meddle(self.goals.rows)
        self.outcome = await read_back(self.items, probe.count.acknowledged, probe.count.unacknowledged, delete=True)


def test_every_acknowledged_write_is_found_over_all_pages_and_then_deleted(tmp_path):
    bench = ReadingBack(tmp_path, Goals(rows={10_000: "a goal of someone else"}), enough=250)
    probe = bench.run()
    assert bench.outcome.acknowledged == len(probe.count.acknowledged) >= 250
    assert (bench.outcome.lost, bench.outcome.not_deleted) == ((), 0)
    assert bench.outcome.deleted == bench.outcome.acknowledged
    assert bench.goals.rows == {10_000: "a goal of someone else"}


def test_a_write_that_disappeared_is_lost(tmp_path):
    bench = ReadingBack(tmp_path, Goals(), meddle=lambda rows: rows.pop(7))
    bench.run()
    assert len(bench.outcome.lost) == 1
    assert bench.outcome.lost[0] not in bench.goals.rows.values()


def test_a_write_that_failed_and_was_carried_out_all_the_same_is_not_lost_and_is_deleted(tmp_path):
    goals = Goals(rows={10_000: "probe of someone else 1"})
    bench = ReadingBack(tmp_path, goals)
    number = iter(range(1000))
    goals.fault = lambda *_: goals.answer("POST", "/goals", b'{"text": "probe one %d"}' % next(number)) and 503
    probe = bench.run()
    carried_out = sum(method == "POST" for _, method, _ in goals.requests)
    assert (bench.outcome.acknowledged, bench.outcome.lost) == (0, ())
    assert bench.outcome.unacknowledged_found == bench.outcome.deleted == len(probe.count.unacknowledged) == carried_out
    assert goals.rows == {10_000: "probe of someone else 1"}


def test_a_list_that_can_not_be_read_is_not_taken_for_an_empty_one(tmp_path):
    bench = ReadingBack(tmp_path, Goals())

    async def after(probe: Probe) -> None:
        bench.goals.fault = lambda *_: 503
        with pytest.raises(NotReadable, match=r"GET /goals: 503"):
            await read_back(bench.items, probe.count.acknowledged, {}, delete=True)

    bench.after = after
    bench.run()


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ('</goals?before=5>; rel="next"', "/goals?before=5"),
        ('</a>; rel="prev", </b>; rel=next', "/b"),
        ('</a>; rel="prev"', None),
        ("", None),
    ],
)
def test_the_next_page_is_the_one_the_header_names(link, path):
    assert next_page(link) == path
