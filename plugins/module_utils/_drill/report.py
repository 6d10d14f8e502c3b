# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A drill's report as data: what the page shows and the JSON file holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill import timeline
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.evidence import CAUSES, Evidence, Happening
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.figures import Figures, fault_end, figures
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.limits import judge
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.story import entries, summary
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.timeline import Lane, Span
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.verdict import objections, remarks, verdict

Report = dict[str, Any]


@dataclass(frozen=True)
class Drill:
    """What the drill was. ``fault_at`` is in seconds since 1970; ``facts`` are shown as they are.

    ``fault_until``: when the fault was over, where AWS's histories don't tell.
    """

    name: str
    stack: str
    fault_at: float
    what: str = ""
    fault_until: float | None = None
    zone: str | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def report(drill: Drill, evidence: Evidence) -> Report:
    ended = fault_end(evidence) if drill.fault_until is None else drill.fault_until - drill.fault_at
    found = figures(evidence, drill.zone, ended)
    results = judge(found, drill.limits)
    invalid = objections(found, drill.limits)
    return {
        "drill": drill.name,
        "stack": drill.stack,
        "verdict": verdict(results, invalid),
        "invalid": invalid,
        "remarks": remarks(found, evidence),
        "summary": summary(found, drill.what),
        "fault": {
            "at": iso(drill.fault_at),
            "until_seconds": None if ended is None else round(ended, 3),
            "zone": drill.zone,
        },
        "facts": dict(drill.facts),
        "limits": [result.facts() for result in results],
        "figures": found,
        "events": [
            {**rounded(asdict(entry)), "time": iso(drill.fault_at + entry.at)} for entry in entries(evidence, found)
        ],
        "timeline": _timeline(evidence, found),
    }


def rounded(entry: dict[str, Any]) -> dict[str, Any]:
    """An event with its times under names that tell their unit."""
    at, until = entry.pop("at"), entry.pop("until")
    return {"at_seconds": round(at, 3), "until_seconds": None if until is None else round(until, 3), **entry}


def _timeline(evidence: Evidence, found: Figures) -> Report:
    """``end`` is the last moment that is known of: the last request, or the last thing that was recorded."""
    last = found["requests"]["last_seconds"] or 0.0
    end = max(last, (evidence.recorder_end or {}).get("at", last))
    return {
        "seconds": [
            {"at_seconds": each.at, "ok": each.ok, "failed": each.failed, "not_sent": each.not_sent}
            | {"p50_seconds": each.p50, "p99_seconds": each.p99}
            for each in timeline.seconds(evidence.requests)
        ],
        "end_seconds": round(end, 3),
        "causes": timeline.as_dicts(_causes(evidence, end)),
        "capacity": timeline.as_dicts(_capacity(evidence, end)),
        "instances": timeline.as_dicts(timeline.instance_lanes(evidence, end)),
        "database": timeline.as_dicts(timeline.database_lanes(evidence, end)),
        "addresses": timeline.as_dicts(timeline.address_lanes(evidence, end)),
        "versions": timeline.as_dicts(_versions(found)),
    }


def _causes(evidence: Evidence, end: float) -> tuple[Lane, ...]:
    """What was done to the stack: the actions of experiments, shifts and refreshes."""
    return tuple(
        _cause(each, end) for each in sorted(evidence.happenings, key=lambda each: each.at) if each.source in CAUSES
    )


def _cause(happening: Happening, end: float) -> Lane:
    """``what`` ends with the state that AWS last told."""
    name, _, told = happening.what.rpartition(": ")
    until = end if happening.until is None else min(happening.until, end)
    span = Span(happening.at, until, told or happening.what, happening.detail)
    return Lane(name or happening.what, happening.source, (span,))


def _capacity(evidence: Evidence, end: float) -> tuple[Lane, ...]:
    points = timeline.capacity(evidence)
    if not points:
        return ()
    wanted = timeline.desired(evidence)
    spans = tuple(
        Span(at, points[number + 1][0] if number + 1 < len(points) else end, str(count), f"{count} of {wanted} desired")
        for number, (at, count) in enumerate(points)
    )
    return (Lane("healthy targets", f"{wanted} desired", spans),)


def _versions(found: Figures) -> tuple[Lane, ...]:
    return tuple(
        Lane(
            str(each["version"]),
            f"{each['requests']:,} requests",
            (Span(each["first_seconds"], each["last_seconds"], str(each["version"])),),
        )
        for each in sorted(found["versions"], key=lambda each: float(str(each["first_seconds"])))
    )


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
