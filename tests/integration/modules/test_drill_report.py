"""From a probe's own log of real requests to the verdict, through the modules as Ansible runs them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.report import iso

from tests.integration.modules.test_http_probe import probed
from tests.support.drills import FAULT, LIMITS, probe_log, stack_log
from tests.support.goals_servers import Goals


def report(**options: Any) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "ansible_collections.ha_stack.aws.plugins.modules.drill_report"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": {"drill": "container_crash", "stack": "goals", **options}}),
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout)


def written(path: Path, records: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


@pytest.fixture
def logs(tmp_path):
    return {
        "probe_log": written(tmp_path / "probe", probe_log()),
        "stack_log": written(tmp_path / "stack", stack_log()),
        "zone": "us-east-1a",
    }


def test_a_real_fault_is_found_in_the_log_of_real_requests(tmp_path):
    """Reads are refused for a while in the middle of the load, and one acknowledged write is thrown away."""
    goals = Goals()
    began = 0.0

    async def fail_for_a_while(stop: Path, _: Any) -> None:
        nonlocal began
        began = time.time()
        goals.fault = lambda address, method, path: 503 if method == "GET" else None
        await asyncio.sleep(0.5)
        goals.fault = lambda address, method, path: None
        seen = len(goals.requests)
        while len(goals.requests) < seen + 50:
            await asyncio.sleep(0.02)
        goals.rows.popitem()
        stop.touch()

    seen = probed(tmp_path, goals, fail_for_a_while, rate=100)
    log = str(tmp_path / "log.jsonl")
    limits = {"failed_requests": 0, "failed_writes": 0, "lost_writes": 0, "version_at_end": "1.0.0"}
    told = report(probe_log=log, fault_at=str(began), limits=limits)
    measured = {limit["name"]: (limit["measured"], limit["passed"]) for limit in told["limits"]}
    assert measured == {
        "failed_requests": (seen["failed"], False),
        "failed_writes": (0, True),
        "lost_writes": (1, False),
        "version_at_end": ("1.0.0", True),
    }
    assert seen["failed"] > 10
    failures = told["figures"]["failures"]["requests"]
    assert 0 <= failures["first_seconds"] <= failures["last_seconds"]


def test_the_report_is_written_for_people_and_for_programs(tmp_path, logs):
    html, data = tmp_path / "report.html", tmp_path / "report.json"
    told = report(**logs, limits=LIMITS, what="Instance i-1 was stopped", html=str(html), json=str(data))
    assert (told["verdict"], told["changed"], told["fault_at"]) == ("passed", True, iso(FAULT))
    assert told["msg"].startswith(
        "Drill container_crash of goals: passed. Instance i-1 was stopped. 38 of 320 requests"
    )
    assert html.read_text().startswith("<!DOCTYPE html>")
    assert json.loads(data.read_text())["limits"] == told["limits"]


def test_the_faults_beginning_may_be_given_in_any_zone(logs):
    utc = report(**logs, fault_at="2027-01-15T08:00:01Z")["figures"]["failures"]["requests"]["last_seconds"]
    elsewhere = report(**logs, fault_at="2027-01-15T09:00:01+01:00")["figures"]["failures"]["requests"]["last_seconds"]
    assert utc == elsewhere == 6.4


def test_the_faults_end_may_be_given(logs):
    assert report(**logs, fault_until="2027-01-15T08:00:12Z")["figures"]["during"]["until_seconds"] == 12.0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"limits": {"failed": 0}}, "limits.failed: 0 is no limit"),
        ({"fault_at": "noon"}, "fault_at: 'noon' is no time"),
        ({"fault_until": "dusk"}, "fault_until: 'dusk' is no time"),
        ({"probe_log": "/nowhere/log"}, "probe_log: '/nowhere/log' can't be read"),
        ({"html": "/nowhere/report.html"}, "html: '/nowhere/report.html' can't be written"),
    ],
)
def test_what_can_not_be_is_refused(logs, options, said):
    told = report(**{**logs, **options})
    assert told["failed"]
    assert said in told["msg"]


def test_without_an_experiment_the_faults_beginning_must_be_given(tmp_path, logs):
    told = report(**{**logs, "stack_log": written(tmp_path / "quiet", [])})
    assert told["failed"]
    assert "Give fault_at" in told["msg"]
