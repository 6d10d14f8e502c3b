# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The two logs of a drill, as its analysis needs them: times are seconds since the fault began."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from sys import intern
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.events import FAULT, REFRESH, SHIFT

Record = Mapping[str, Any]

NOT_SENT = "not_sent"
CAUSES = (FAULT, SHIFT, REFRESH)  # the kinds of event that a drill is about, the nearest cause first


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the probe: ``at`` is when it was due, ``ended`` when its client knew what became of it."""

    at: float
    type: str
    ok: bool
    outcome: str
    path: str = ""
    seconds: float = 0.0
    late: float = 0.0
    address: str = ""
    instance: str = ""
    version: str = ""
    tried: tuple[str, ...] = ()  # addresses that did not take the connection

    @property
    def sent(self) -> bool:
        return self.outcome != NOT_SENT

    @property
    def ended(self) -> float:
        return self.at + self.late + self.seconds

    @property
    def what(self) -> str:
        return f"{'POST' if self.type == 'write' else 'GET'} {self.path}"


@dataclass(frozen=True)
class Happening:
    """An event of a service's history; ``until`` is None where it has no end."""

    at: float
    source: str
    what: str
    detail: str = ""
    until: float | None = None
    failed: bool = False


@dataclass(frozen=True)
class Evidence:
    """``states``, ``names`` and ``blind`` are the recorder's records; ``dns`` the probe's, of the name's addresses."""

    requests: tuple[Request, ...]
    happenings: tuple[Happening, ...] = ()
    states: tuple[Record, ...] = ()
    dns: tuple[Record, ...] = ()
    instances: Mapping[str, Record] = field(default_factory=dict)  # identifier -> names, zone
    nodes: Mapping[str, str] = field(default_factory=dict)  # address -> zone
    read_back: Record | None = None
    probe: Record = field(default_factory=dict)
    probe_end: Record | None = None
    recorder: Record = field(default_factory=dict)
    recorder_end: Record | None = None
    unknown: tuple[Record, ...] = ()

    def server(self, request: Request) -> str:
        """The identifier of the instance that answered, which calls itself by identifier, host name or address.

        An address may have been another instance's before: the last one counts that had it by then.
        """
        name = request.instance.partition(".")[0]
        owners = self._owners.get(name, [])
        return next((identity for at, identity in reversed(owners) if at <= request.ended), request.instance)

    @cached_property
    def _owners(self) -> dict[str, list[tuple[float, str]]]:
        """Name -> since when it is whose, in the order of time. The first owner had it when the watching began."""
        found: dict[str, list[tuple[float, str]]] = {}
        for identity, record in sorted(self.instances.items(), key=lambda each: each[1]["at"]):
            for name in own_names(identity, record):
                since = record["at"] if name in found else float("-inf")
                found.setdefault(name, []).append((since, identity))
        return found


def own_names(identity: str, record: Record) -> set[str]:
    """EC2 names a host after its private address, ip-10-0-1-5, or after its identifier."""
    address = str(record.get("private_ip", ""))
    host = str(record.get("private_dns", "")).partition(".")[0]
    return {identity, host, address, f"ip-{address.replace('.', '-')}"} - {"", "ip-"}


def fault_at(stack_log: Iterable[Record]) -> float | None:
    """When AWS says that the fault began: the first action of an experiment, else a shift, else a refresh.

    AWS also tells of what was there before the recorder was, as a shift that is still in force: that is no part of it.
    """
    begun: dict[str, float] = {}
    watched_since = 0.0
    for record in stack_log:
        if record["kind"] == "recorder":
            watched_since = record["at"]
        elif record["kind"] == "event" and record["source"] in CAUSES and record["at"] >= watched_since:
            begun[record["source"]] = min(record["at"], begun.get(record["source"], record["at"]))
    return next((begun[source] for source in CAUSES if source in begun), None)


def evidence(probe_log: Iterable[Record], stack_log: Iterable[Record], zero: float) -> Evidence:
    """Everything that the logs tell, with times from ``zero`` on. The probe's is long and is read once."""
    requests: list[Request] = []
    others: list[Record] = []
    for record in probe_log:
        if record["kind"] == "request":
            requests.append(_request(record, zero))
        else:
            others.append(record)
    probe, stack = _by_kind(others, zero), _by_kind(stack_log, zero)
    return Evidence(
        requests=tuple(sorted(requests, key=lambda request: request.at)),
        happenings=tuple(_happening(each, zero) for each in stack.get("event", [])),
        states=tuple(stack.get("state", [])),
        dns=tuple(probe.get("addresses", [])),
        instances={each["id"]: each for each in stack.get("names", [])},
        nodes={node["address"]: node["zone"] for each in stack.get("nodes", []) for node in each["nodes"]},
        read_back=_last(probe, "read_back"),
        probe=_last(probe, "probe") or {},
        probe_end=_last(probe, "probe_end"),
        recorder=_last(stack, "recorder") or {},
        recorder_end=_last(stack, "recorder_end"),
        unknown=(*stack.get("unknown", []), *stack.get("blind", [])),
    )


def _by_kind(log: Iterable[Record], zero: float) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in log:
        found.setdefault(record["kind"], []).append({**record, "at": record["at"] - zero})
    return found


def _last(records: Mapping[str, list[Record]], kind: str) -> Record | None:
    found = records.get(kind)
    return found[-1] if found else None


def _request(record: Record, zero: float) -> Request:
    """Texts are kept once each: a drill has a hundred thousand requests, and few words for them."""
    tried = tuple(address for address, _, _, outcome in record.get("attempts", []) if outcome.startswith("connect_"))
    given = {name: record[name] for name in Request.__slots__ if name in record}
    texts = {name: intern(value) for name, value in given.items() if isinstance(value, str)}
    return Request(**{**given, **texts, "at": record["at"] - zero, "tried": tried})


def _happening(record: Record, zero: float) -> Happening:
    until = record.get("until")
    return Happening(
        at=record["at"],
        source=record["source"],
        what=record["what"],
        detail=record.get("detail", ""),
        until=None if until is None else until - zero,
        failed=record.get("failed", False),
    )
