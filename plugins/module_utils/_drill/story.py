# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What happened, in sentences: the drill in two or three, and everything that happened in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.evidence import Evidence, Record
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.figures import Figures
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.state import DATABASE, INSTANCE, phase

CLIENTS, TARGETS, DNS, DATABASE_STATE, GROUP_STATE = "clients", "instance", "dns", "database", "group"

# What a client's failed request is called for people.
OUTCOMES = {
    "no_address": "the name had no address",
    "connect_timeout": "no connection in time",
    "connect_refused": "connection refused",
    "connect_error": "connection failed",
    "closed": "connection closed before the answer",
    "timeout": "no answer in time",
    "not_http": "an answer that is no HTTP",
}


@dataclass(frozen=True)
class Entry:
    """One line of the list of events."""

    at: float
    source: str
    what: str
    detail: str = ""
    until: float | None = None
    bad: bool = False


def summary(figures: Figures, what: str) -> str:
    """What was done, what clients saw of it, and what became of the writes."""
    sentences = [what.strip().rstrip(".") + "."] if what.strip() else []
    sentences.append(_clients(figures))
    writes = figures["writes"]
    if writes["sent"]:
        sentences.append(_writes(writes["acknowledged"], writes["lost"]))
    return " ".join(sentences)


def _clients(figures: Figures) -> str:
    failed = figures["failures"]["requests"]
    sent = figures["during"]["requests"] + figures["after"]["requests"]
    if sent == 0:
        return "No client was there to see it."
    if failed["count"] == 0:
        return f"None of {sent:,} requests failed."
    if failed["count"] == 1:
        return f"1 of {sent:,} requests failed, {failed['last_seconds']:.1f} s after it began."
    return (
        f"{failed['count']:,} of {sent:,} requests failed, between {failed['first_seconds']:.1f} s and "
        f"{failed['last_seconds']:.1f} s after it began."
    )


def _writes(acknowledged: int, lost: int | None) -> str:
    if lost is None:
        return f"Whether one of {acknowledged:,} acknowledged writes was lost is not known."
    if lost == 0:
        return f"None of {acknowledged:,} acknowledged writes was lost."
    return f"{lost:,} of {acknowledged:,} acknowledged writes {'was' if lost == 1 else 'were'} lost."


def entries(evidence: Evidence, figures: Figures) -> list[Entry]:
    """Everything that happened, in order."""
    found = [
        *(Entry(each.at, each.source, each.what, each.detail, each.until, each.failed) for each in evidence.happenings),
        *_states(evidence.states),
        *_dns(evidence),
        *_failures(figures),
    ]
    return sorted(found, key=lambda entry: entry.at)


def _states(states: Iterable[Record]) -> list[Entry]:
    """What changed of each subject; what was there at the first look is no event."""
    found: list[Entry] = []
    known: dict[tuple[str, str], Record] = {}
    first = min((record["at"] for record in states), default=0.0)
    for record in states:
        subject = record["subject"], record["id"]
        before = known.get(subject)
        known[subject] = record
        if record["at"] > first:
            found += _changes(subject, before, record)
    return found


def _changes(subject: tuple[str, str], before: Record | None, now: Record) -> list[Entry]:
    kind, identity = subject
    if kind == INSTANCE:
        return _instance(identity, before, now)
    if before is None or now.get("gone"):
        return [Entry(now["at"], kind, f"{identity} {'is gone' if now.get('gone') else 'appeared'}")]
    names = ("status", "zone", "secondary_zone") if kind == DATABASE else ("desired", "min", "max", "suspended")
    changes = [
        f"{name.replace('_', ' ')} {_value(before[name])} → {_value(now[name])}"
        for name in names
        if before.get(name) != now.get(name)
    ]
    return [Entry(now["at"], kind, f"{identity}: {', '.join(changes)}")] if changes else []


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return str(value) or "none"


def _instance(identity: str, before: Record | None, now: Record) -> list[Entry]:
    was, is_now = (phase(before) if before else ""), phase(now)
    if was == is_now and (before or {}).get("health") == now.get("health"):
        return []
    place = f" in {now['zone']}" if before is None and now.get("zone") else ""
    told = ". ".join(str(now[name]).rstrip(".") for name in ("reason", "told") if now.get(name))
    doubt = " (unhealthy to its group)" if now.get("health") == "Unhealthy" else ""
    what = f"{identity}{place}: {was + ' → ' if was else ''}{is_now}{doubt}"
    return [Entry(now["at"], TARGETS, what, told, bad=is_now == "unhealthy")]


def _dns(evidence: Evidence) -> list[Entry]:
    found = []
    before: tuple[str, ...] | None = None
    for record in evidence.dns:
        now = tuple(record["addresses"])
        cause = f" ({record['cause']})" if record.get("cause") else ""
        if before is not None and (now != before or cause):
            what = f"The name has {', '.join(now) or 'no address'}{cause}"
            found.append(Entry(record["at"], DNS, what, bad=len(now) < len(before)))
        before = now
    return found


def _failures(figures: Figures) -> list[Entry]:
    """Each outage as clients saw it."""
    return [
        Entry(
            each["from_seconds"],
            CLIENTS,
            "Requests fail" if each["until_seconds"] > each["from_seconds"] else "A request fails",
            until=each["until_seconds"],
            bad=True,
        )
        for each in figures["failures"]["requests"]["outages"]
    ]
