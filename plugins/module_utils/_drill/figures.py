# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The figures of a drill: pure functions of its evidence. Seconds count from the moment the fault began."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.evidence import CAUSES, Evidence, Request
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.state import DATABASE, INSTANCE
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.timeline import (
    capacity,
    counted,
    desired,
    last_state,
    percentile,
)

Figures = dict[str, Any]

CLOCKS = 1.0  # seconds that the clocks of AWS and of this machine may differ
TOGETHER = 1.0  # seconds; failures nearer to each other than this are one outage to those who see it


def figures(evidence: Evidence, zone: str | None = None, fault_until: float | None = None) -> Figures:
    """All figures. ``zone``: the Availability Zone that the drill is about, ``fault_until``: when the fault ended."""
    sent = [request for request in evidence.requests if request.sent]
    before, since = _divided(sent)
    recovered = recovery(since, fault_until)
    return {
        "requests": requests(evidence.requests),
        "before": phase(before),
        "during": phase([request for request in since if request.at <= recovered]),
        "after": phase([request for request in since if request.at > recovered]),
        "failures": {
            "requests": failures(since),
            "reads": failures([request for request in since if request.type == "read"]),
            "writes": failures([request for request in since if request.type == "write"]),
            "reads_of_root": failures([request for request in since if request.what == "GET /"]),
        },
        "writes": writes(evidence, sent),
        "instances": instances(evidence, sent),
        "addresses": addresses(evidence, sent),
        "zone": zone_figures(evidence, sent, zone, fault_until),
        "versions": versions(sent),
        "capacity": capacity_figures(evidence),
        "database": database(evidence),
        "prober": prober(evidence),
    }


def _divided(sent: Sequence[Request]) -> tuple[list[Request], list[Request]]:
    """The requests before the fault, and those since: what failed as it began is the fault's, for clocks differ."""

    def earlier(request: Request) -> bool:
        return request.ended < (0.0 if request.ok else -CLOCKS)

    return [request for request in sent if earlier(request)], [request for request in sent if not earlier(request)]


def requests(all_of_them: Sequence[Request]) -> Figures:
    sent = [request for request in all_of_them if request.sent]
    kinds = sorted({request.what for request in sent})
    return {
        "total": len(all_of_them),
        "not_sent": len(all_of_them) - len(sent),
        "failed": sum(not request.ok for request in sent),
        "errors": counted(request.outcome for request in sent if not request.ok),
        "by_kind": {kind: _kind([request for request in sent if request.what == kind]) for kind in kinds},
        "first_seconds": round(all_of_them[0].at, 3) if all_of_them else None,
        "last_seconds": round(all_of_them[-1].at, 3) if all_of_them else None,
    }


def _kind(sent: Sequence[Request]) -> Figures:
    failed = [request for request in sent if not request.ok]
    return {"sent": len(sent), "failed": len(failed), "errors": counted(request.outcome for request in failed)}


def recovery(since: Sequence[Request], fault_until: float | None) -> float:
    """When the fault was over for clients: its end, or the last failure that any of them saw."""
    return max([fault_until or 0.0, *(request.ended for request in since if not request.ok)])


def phase(sent: Sequence[Request]) -> Figures:
    """How it went in a part of the time; latencies are those of the requests that succeeded."""
    times = sorted(request.seconds for request in sent if request.ok)
    return {
        "from_seconds": round(sent[0].at, 3) if sent else None,
        "until_seconds": round(sent[-1].at, 3) if sent else None,
        "requests": len(sent),
        "failed": len(sent) - len(times),
        "p50_seconds": percentile(times, 50),
        "p90_seconds": percentile(times, 90),
        "p99_seconds": percentile(times, 99),
        "max_seconds": percentile(times, 100),
    }


def failures(since: Sequence[Request]) -> Figures:
    """When requests failed, by the time they were due; one that was under way as the fault began counts from it on."""
    at = [max(0.0, request.at) for request in since if not request.ok]
    windows = outages(at)
    return {
        "count": len(at),
        "first_seconds": round(at[0], 3) if at else None,
        "last_seconds": round(at[-1], 3) if at else None,
        "last_seen_seconds": round(max(request.ended for request in since if not request.ok), 3) if at else None,
        "longest_seconds": round(max((end - start for start, end in windows), default=0.0), 3),
        "outages": [{"from_seconds": round(start, 3), "until_seconds": round(end, 3)} for start, end in windows],
    }


def outages(at: Sequence[float]) -> list[tuple[float, float]]:
    """Failures at ascending times, gathered where they are close together."""
    if not at:
        return []
    breaks = [number for number, (one, other) in enumerate(pairwise(at), start=1) if other - one > TOGETHER]
    starts = [0, *breaks]
    ends = [*breaks, len(at)]
    return [(at[start], at[end - 1]) for start, end in zip(starts, ends, strict=True)]


def writes(evidence: Evidence, sent: Sequence[Request]) -> Figures:
    """``lost`` is None where the writes were not read back: then it is not known."""
    own = [request for request in sent if request.type == "write"]
    found = evidence.read_back or {}
    lost = found.get("lost")
    return {
        "sent": len(own),
        "acknowledged": sum(request.ok for request in own),
        "lost": None if lost is None else len(lost),
        "lost_texts": lost or [],
        "unacknowledged_found": found.get("unacknowledged_found"),
        "read_back_error": found.get("error", "" if evidence.read_back else "the writes were not read back"),
    }


def instances(evidence: Evidence, sent: Sequence[Request]) -> Figures:
    """Who answered: before the fault, and in all. ``uneven`` is the largest distance from an even share before it."""
    before = counted(evidence.server(request) for request in sent if request.instance and request.ended < 0)
    answered = counted(evidence.server(request) for request in sent if request.instance)
    total = sum(before.values())
    shares = {identity: count / total for identity, count in before.items()}
    last = latest((evidence.server(request), request.at) for request in sent)
    return {
        "answered": {
            identity: {
                "zone": evidence.instances.get(identity, {}).get("zone", ""),
                "requests": count,
                "share_before": round(shares.get(identity, 0.0), 4),
                "last_seconds": last[identity],
            }
            for identity, count in answered.items()
        },
        "uneven": round(max(abs(share - 1 / len(shares)) for share in shares.values()), 4) if shares else None,
    }


def addresses(evidence: Evidence, sent: Sequence[Request]) -> Figures:
    """By address of the load balancer: requests that went over it, and connections that it did not take."""
    over = counted(request.address for request in sent if request.address)
    refused = counted(address for request in sent for address in request.tried)
    last = latest((request.address, request.at) for request in sent)
    return {
        address: {
            "zone": evidence.nodes.get(address, ""),
            "requests": over.get(address, 0),
            "connections_failed": refused.get(address, 0),
            "last_seconds": last.get(address),
        }
        for address in sorted({*over, *refused})
    }


def zone_figures(evidence: Evidence, sent: Sequence[Request], zone: str | None, until: float | None = None) -> Figures:
    """When an Availability Zone last had a request, through its load balancer node or on one of its instances.

    What reaches it once the fault is over does not count: then it is meant to.
    """
    if zone is None:
        return {}
    own = {identity for identity, record in evidence.instances.items() if record.get("zone") == zone}

    in_zone = (
        request.at
        for request in sent
        if until is None or request.at < until
        if evidence.nodes.get(request.address) == zone or evidence.server(request) in own
    )
    last = max((round(at, 3) for at in in_zone), default=None)
    return {"name": zone, "known": bool(own) and bool(evidence.nodes), "last_request_seconds": last}


def latest(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Key -> the largest of its times."""
    found: dict[str, float] = {}
    for key, at in pairs:
        found[key] = max(round(at, 3), found.get(key, at))
    return found


def versions(sent: Sequence[Request]) -> list[Figures]:
    """Which versions answered, in the order in which each was last seen: the last is the version at the end."""
    told = [request for request in sent if request.version]
    found = [
        {
            "version": version,
            "requests": count,
            "first_seconds": round(min(request.at for request in told if request.version == version), 3),
            "last_seconds": round(max(request.at for request in told if request.version == version), 3),
        }
        for version, count in counted(request.version for request in told).items()
    ]
    return sorted(found, key=lambda each: float(str(each["last_seconds"])))


def capacity_figures(evidence: Evidence) -> Figures:
    """How many targets were healthy since the fault; ``recovered``: from when on as many as desired, for good."""
    points, wanted = capacity(evidence), desired(evidence)
    if not points:
        return {"known": False}
    at_start = [count for at, count in points if at <= 0]
    since = [*at_start[-1:], *(count for at, count in points if at > 0)]
    before = {identity for identity, each in last_state(evidence, INSTANCE, before=0).items() if _healthy(each)}
    now = {identity: each for identity, each in last_state(evidence, INSTANCE).items() if _healthy(each)}
    return {
        "known": True,
        "desired": wanted,
        "at_start": at_start[-1] if at_start else None,
        "minimum": min(since),
        "at_end": points[-1][1],
        "recovered_seconds": _recovered(points, wanted),
        "replaced": min(len(before - now.keys()), len(now.keys() - before)),
        "zones_at_end": counted(str(each.get("zone", "")) for each in now.values()),
    }


def _healthy(record: Any) -> bool:
    return bool(record.get("target") == "healthy")


def _recovered(points: Sequence[tuple[float, int]], wanted: int | None) -> float | None:
    """0 where capacity never was too low since the fault; None where it still is."""
    if wanted is None or points[-1][1] < wanted:
        return None
    ends = [after for (_, count), (after, _) in pairwise(points) if count < wanted and after > 0]
    return round(ends[-1], 3) if ends else 0.0


def database(evidence: Evidence) -> Figures:
    """Where the primary and its standby were before the fault and are at the end."""
    first = next(iter(last_state(evidence, DATABASE, before=0).values()), None)
    last = next(iter(last_state(evidence, DATABASE).values()), None)
    if first is None or last is None:
        return {"known": False}
    return {
        "known": True,
        "status_at_end": last["status"],
        "zone_before": first["zone"],
        "zone_at_end": last["zone"],
        "standby_before": first["secondary_zone"],
        "standby_at_end": last["secondary_zone"],
        "failed_over": first["zone"] != last["zone"],
    }


def prober(evidence: Evidence) -> Figures:
    """How good the measurement is."""
    late = sorted(request.late for request in evidence.requests if request.sent)
    end = evidence.probe_end or {}
    return {
        "rate": evidence.probe.get("rate"),
        "late_p99_seconds": percentile(late, 99),
        "late_max_seconds": percentile(late, 100),
        "cpu_share": end.get("cpu_share"),
        "ended_in_order": evidence.probe_end is not None,
    }


def fault_end(evidence: Evidence) -> float | None:
    """When AWS says that the fault ended: the last action's end."""
    for source in CAUSES:
        ends = [each.until for each in evidence.happenings if each.source == source and each.until is not None]
        if ends:
            return max(ends)
    return None
