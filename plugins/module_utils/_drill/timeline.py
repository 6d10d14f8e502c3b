# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What was so from when to when: lanes of states, the number of healthy targets, and requests by the second."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.evidence import Evidence, Record, Request
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.state import DATABASE, GROUP, INSTANCE, phase


@dataclass(frozen=True)
class Span:
    """``state`` from ``start`` until ``end``; ``told`` is what AWS says of it."""

    start: float
    end: float
    state: str
    told: str = ""


@dataclass(frozen=True)
class Lane:
    name: str
    note: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Second:
    """The requests that were due in one second. Times of those that succeeded, None where none did."""

    at: int
    ok: int
    failed: int
    not_sent: int
    p50: float | None
    p99: float | None


def instance_lanes(evidence: Evidence, end: float) -> tuple[Lane, ...]:
    """One lane an instance, in the order in which they came."""
    lanes = []
    for identity, records in _subjects(evidence.states, INSTANCE).items():
        zone = next((str(each["zone"]) for each in records if each.get("zone")), "")
        spans = _spans([(each["at"], phase(each), _told(each)) for each in records], end)
        lanes.append(Lane(identity, zone, tuple(span for span in spans if span.state != "gone")))
    return tuple(lanes)


def _told(record: Record) -> str:
    texts = (record.get("lifecycle"), record.get("health"), record.get("reason"), record.get("told"))
    return ", ".join(str(text) for text in texts if text)


def database_lanes(evidence: Evidence, end: float) -> tuple[Lane, ...]:
    """Where the primary is and where its standby; a standby's zone is not told while there is none."""
    lanes = []
    for identity, records in _subjects(evidence.states, DATABASE).items():
        known = [each for each in records if not each.get("gone")]
        primary = [(each["at"], each["zone"] or "no zone", each["status"]) for each in known]
        standby = [(each["at"], each["secondary_zone"] or "none", each["status"]) for each in known]
        lanes.append(Lane("primary", identity, _spans(primary, end)))
        if any(each["multi_az"] for each in known):
            lanes.append(Lane("standby", identity, _spans(standby, end)))
    return tuple(lanes)


def address_lanes(evidence: Evidence, end: float) -> tuple[Lane, ...]:
    """The times that each address of the load balancer was in DNS."""
    seen = sorted({address for record in evidence.dns for address in record["addresses"]})
    return tuple(
        Lane(
            address,
            evidence.nodes.get(address, ""),
            tuple(
                span
                for span in _spans(
                    [(each["at"], "in DNS" if address in each["addresses"] else "", "") for each in evidence.dns], end
                )
                if span.state
            ),
        )
        for address in seen
    )


def _subjects(states: Iterable[Record], kind: str) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in states:
        if record["subject"] == kind:
            found.setdefault(record["id"], []).append(record)
    return found


def _spans(points: Sequence[tuple[float, str, str]], end: float) -> tuple[Span, ...]:
    """Each state from its time to the next one's; neighbours that say the same are one."""
    spans: list[Span] = []
    for number, (at, state, told) in enumerate(points):
        until = points[number + 1][0] if number + 1 < len(points) else max(at, end)
        if spans and (spans[-1].state, spans[-1].told) == (state, told):
            spans[-1] = Span(spans[-1].start, until, state, told)
        else:
            spans.append(Span(at, until, state, told))
    return tuple(spans)


def capacity(evidence: Evidence) -> list[tuple[float, int]]:
    """[(time, healthy targets from then on)], a point for each change."""
    now: dict[str, bool] = {}
    points: list[tuple[float, int]] = []
    for record in evidence.states:
        if record["subject"] != INSTANCE:
            continue
        now[record["id"]] = record.get("target") == "healthy" and not record.get("gone")
        count = sum(now.values())
        if points and points[-1][0] == record["at"]:
            points[-1] = (record["at"], count)
        else:
            points.append((record["at"], count))
    return [point for number, point in enumerate(points) if number == 0 or point[1] != points[number - 1][1]]


def last_state(evidence: Evidence, kind: str, *, before: float = math.inf) -> dict[str, Record]:
    """Identifier -> its newest record, of subjects that were there."""
    found = {each["id"]: each for each in evidence.states if each["subject"] == kind and each["at"] <= before}
    return {identity: record for identity, record in found.items() if not record.get("gone")}


def desired(evidence: Evidence) -> int | None:
    """How many instances the group wants, as last seen."""
    groups = last_state(evidence, GROUP)
    return max((int(each["desired"]) for each in groups.values()), default=None)


def seconds(requests: Sequence[Request]) -> list[Second]:
    """One entry a second, from the first request's to the last one's, without a gap."""
    by_second: dict[int, list[Request]] = {}
    for request in requests:
        by_second.setdefault(math.floor(request.at), []).append(request)
    if not by_second:
        return []
    return [_second(at, by_second.get(at, [])) for at in range(min(by_second), max(by_second) + 1)]


def _second(at: int, requests: Sequence[Request]) -> Second:
    times = sorted(request.seconds for request in requests if request.ok)
    sent = sum(request.sent for request in requests)
    ok = len(times)
    return Second(at, ok, sent - ok, len(requests) - sent, percentile(times, 50), percentile(times, 99))


def percentile(ascending: Sequence[float], percent: float) -> float | None:
    """By nearest rank: a value that was measured, of which ``percent`` percent of all are not above."""
    if not ascending:
        return None
    return ascending[max(0, math.ceil(len(ascending) * percent / 100) - 1)]


def as_dicts(lanes: Iterable[Lane]) -> list[dict[str, Any]]:
    return [
        {
            "name": lane.name,
            "note": lane.note,
            "spans": [
                {
                    "from_seconds": round(span.start, 3),
                    "until_seconds": round(span.end, 3),
                    "state": span.state,
                    "told": span.told,
                }
                for span in lane.spans
            ],
        }
        for lane in lanes
    ]


def counted(values: Iterable[str]) -> Mapping[str, int]:
    """Value -> how often, the most frequent first."""
    found: dict[str, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
