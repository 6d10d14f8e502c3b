"""The module as Ansible runs it, in a process of its own, against two servers."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._drill import log as logs

from tests.support.goals_servers import Goals, Servers

ONE = "127.0.0.1"
PATIENT = {"connect_timeout": 60, "request_timeout": 60}  # a busy machine is no failure


async def module(**options: Any) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "ansible_collections.ha_stack.aws.plugins.modules.http_probe"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": options}).encode())
    process.stdin.close()
    return process


async def answer(process: asyncio.subprocess.Process) -> dict[str, Any]:
    printed = await process.stdout.read()
    await process.wait()
    return json.loads(printed)


async def there(path: Path) -> None:
    while not path.exists():
        await asyncio.sleep(0.02)


def probed(tmp_path: Path, goals: Goals, use: Callable[[Path, Any], Awaitable[None]], **options: Any) -> dict[str, Any]:
    """The module's result, after ``use`` did something while it ran."""
    log, status, stop = tmp_path / "log.jsonl", tmp_path / "status.json", tmp_path / "stop"

    async def run() -> dict[str, Any]:
        async with Servers(goals, (ONE,)) as servers:
            process = await module(
                url=f"http://{ONE}:{servers.port}",
                log=str(log),
                status_file=str(status),
                stop_file=str(stop),
                **{**PATIENT, **options},
            )
            await there(status)
            await use(stop, process)
            return await answer(process)

    return asyncio.run(run())


async def stop_it(stop: Path, _: Any) -> None:
    stop.touch()


async def terminate_it(_: Path, process: Any) -> None:
    process.terminate()


@pytest.mark.parametrize("ending", [stop_it, terminate_it])
def test_it_runs_until_it_is_told_to_stop_and_leaves_nothing_behind(tmp_path, ending):
    goals = Goals(rows={10_000: "a goal of someone else"})
    result = probed(tmp_path, goals, ending, rate=100)
    assert (result["changed"], result["failed"]) == (False, 0)
    assert result["read_back"]["acknowledged"] == result["writes_acknowledged"] > 0
    assert result["read_back"]["lost"] == []
    assert goals.rows == {10_000: "a goal of someone else"}
    kinds = [each["kind"] for each in logs.read(tmp_path / "log.jsonl")]
    assert kinds.count("request") == result["requests"] + result["not_sent"]
    assert (kinds[0], kinds[-2:]) == ("addresses", ["probe_end", "read_back"])


def test_it_ends_by_itself_and_may_leave_what_it_wrote(tmp_path):
    async def nothing(*_: Any) -> None:
        pass

    goals = Goals()
    result = probed(tmp_path, goals, nothing, rate=100, duration=1, write_share=1, read_back=False)
    assert result["read_back"] == {}
    assert len(goals.rows) == result["requests"]


def test_what_it_wrote_and_can_not_read_back_is_not_called_kept(tmp_path):
    goals = Goals()

    async def lock_the_list(stop: Path, _: Any) -> None:
        goals.fault = lambda address, method, path: 503 if path.startswith("/goals?") else None
        stop.touch()

    result = probed(tmp_path, goals, lock_the_list, rate=100, read_back_timeout=0.1)
    assert "lost" not in result["read_back"]
    assert result["read_back"]["error"] == "GET /goals?limit=1000: 503 for 0.1 s"


def test_options_that_can_not_be_right_are_all_told(tmp_path):
    async def run() -> dict[str, Any]:
        return await answer(await module(url="goals", log=str(tmp_path / "log"), write_share=2, rate=0))

    told = asyncio.run(run())
    assert told["failed"]
    assert [line.partition(":")[0] for line in told["msg"].splitlines()] == ["write_share", "rate", "url"]


def test_a_stop_file_that_is_there_already_is_refused(tmp_path):
    (tmp_path / "stop").touch()

    async def run() -> dict[str, Any]:
        options = {"url": "http://127.0.0.1:9", "log": str(tmp_path / "log"), "stop_file": str(tmp_path / "stop")}
        return await answer(await module(**options))

    told = asyncio.run(run())
    assert told["failed"]
    assert "is there already" in told["msg"]
