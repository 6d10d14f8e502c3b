"""A drill made by hand: logs as prober and recorder write them, of an instance that crashed and was replaced.

The fault begins at FAULT. Two instances answer in turn; then the first one's requests fail, for 7.4 s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.evidence import Evidence, evidence

FAULT = 1_800_000_000.0
RATE = 10
ONE, TWO, THREE = "i-1", "i-2", "i-3"
ADDRESSES = ("198.51.100.1", "198.51.100.2")
ZONES = {ONE: "us-east-1a", TWO: "us-east-1b", THREE: "us-east-1a"}
HOSTS = {ONE: "ip-10-0-1-5", TWO: "ip-10-0-2-5", THREE: "ip-10-0-1-9"}

# Every limit, each with a value that this drill keeps.
LIMITS = {
    "failed_requests": 38,
    "failed_reads": 38,
    "failed_writes": 0,
    "failed_reads_of_root": 38,
    "last_failed_request_within": 11,
    "last_failed_read_within": 11,
    "last_failed_write_within": 11,
    "longest_outage": 8,
    "lost_writes": 0,
    "p99_after": 0.05,
    "min_healthy": 1,
    "healthy_at_end": 2,
    "recovered_within": 25,
    "instances_replaced": 1,
    "spread_over_zones": True,
    "round_robin_within": 0.01,
    "last_request_in_zone_within": 31.9,
    "failed_over": True,
    "standby_at_end": True,
    "version_at_end": "1.0.0",
    "only_version": "1.0.0",
}


def request(number: int, at: float, **more: Any) -> dict[str, Any]:
    """A read of "/" that was answered at once."""
    fields = {"kind": "request", "at": FAULT + at, "n": number, "type": "read", "path": "/", "late": 0.001}
    address = ADDRESSES[number // 2 % 2]
    answered = {"ok": True, "outcome": "200", "seconds": 0.02, "address": address, "version": "1.0.0"}
    return {**fields, **answered, "attempts": [[address, 0.001, 0.001, "connected"]], **more}


def write(number: int, at: float, **more: Any) -> dict[str, Any]:
    fields = {"type": "write", "path": "/goals", "outcome": "201", "text": f"probe one {number}"}
    return request(number, at, **{**fields, "instance": HOSTS[TWO], **more})


def probe_log(end: float = 32.0) -> list[dict[str, Any]]:
    """Ten seconds before the fault to ``end`` after it; one request in ten writes."""
    records: list[dict[str, Any]] = [
        {"kind": "addresses", "at": FAULT - 10, "name": "goals.example", "addresses": list(ADDRESSES), "cause": ""},
        {"kind": "probe", "at": FAULT - 10, "run": "one", "url": "http://goals.example", "rate": RATE},
    ]
    records += requests(end)
    acknowledged = sum(each.get("type") == "write" and each["ok"] for each in records)
    records.append({"kind": "probe_end", "at": FAULT + end, "cpu_share": 0.15})
    records.append(
        {"kind": "read_back", "at": FAULT + end, "acknowledged": acknowledged, "lost": [], "unacknowledged_found": 0}
    )
    return records


def requests(end: float) -> Iterator[dict[str, Any]]:
    for number in range(int((10 + end) * RATE)):
        at = number / RATE - 10
        if number % 10 == 9:
            yield write(number, at)
        elif number % 2 == 0:
            crashed, back = 0 <= at < 7.45, at >= 20
            failed = {"ok": False, "outcome": "502", "version": ""} if crashed else {}
            answers = HOSTS[THREE] if back else HOSTS[TWO] if at >= 7.4 else HOSTS[ONE]
            yield request(number, at, instance="" if crashed else answers, **failed)
        else:
            yield request(number, at, instance=HOSTS[TWO])


def instance(at: float, identity: str, target: str = "", **more: Any) -> dict[str, Any]:
    fields = {"kind": "state", "at": FAULT + at, "subject": "instance", "id": identity, "zone": ZONES[identity]}
    told = {"target": target, "reason": "", "told": ""} if target else {}
    return {**fields, "lifecycle": "InService", "health": "Healthy", **told, **more}


def database(at: float, zone: str, standby: str, status: str = "available") -> dict[str, Any]:
    subject = {"kind": "state", "at": FAULT + at, "subject": "database", "id": "goals"}
    return {**subject, "status": status, "zone": zone, "secondary_zone": standby, "multi_az": True}


def names(identity: str) -> dict[str, Any]:
    return {"kind": "names", "at": FAULT, "id": identity, "zone": ZONES[identity], "private_dns": HOSTS[identity]}


def stack_log() -> list[dict[str, Any]]:
    group = {"desired": 2, "min": 2, "max": 3, "zones": ["us-east-1a", "us-east-1b"], "suspended": []}
    action = {"source": "fault", "what": "stop (aws:ec2:stop-instances): completed", "until": FAULT + 2}
    return [
        {"kind": "recorder", "at": FAULT - 11, "interval": 2},
        {
            "kind": "nodes",
            "at": FAULT - 11,
            "nodes": [{"address": ADDRESSES[0], "zone": "us-east-1a"}, {"address": ADDRESSES[1], "zone": "us-east-1b"}],
        },
        {"kind": "state", "at": FAULT - 11, "subject": "group", "id": "goals", **group},
        instance(-11, ONE, "healthy"),
        instance(-11, TWO, "healthy"),
        database(-11, "us-east-1a", "us-east-1b"),
        *(
            {"kind": "names", "at": FAULT, "id": each, "zone": ZONES[each], "private_dns": HOSTS[each]}
            for each in ZONES
        ),
        database(2, "us-east-1a", "us-east-1b", "failing-over"),
        instance(7.5, ONE, "unhealthy", reason="Target.FailedHealthChecks", told="Health checks failed"),
        database(8, "us-east-1b", ""),
        instance(10, THREE, lifecycle="Pending"),
        instance(14, ONE, gone=True),
        instance(15, THREE, "initial"),
        instance(20, THREE, "healthy"),
        database(25, "us-east-1b", "us-east-1a"),
        {"kind": "event", "at": FAULT, **action},
        {
            "kind": "event",
            "at": FAULT + 9,
            "source": "autoscaling",
            "what": "Terminating EC2 instance: i-1",
            "detail": "In response to an ELB system health check failure.",
            "until": FAULT + 14,
        },
        {"kind": "recorder_end", "at": FAULT + 33, "samples": 21},
    ]


def drill(probe: list[dict[str, Any]] | None = None, stack: list[dict[str, Any]] | None = None) -> Evidence:
    return evidence(probe_log() if probe is None else probe, stack_log() if stack is None else stack, FAULT)
