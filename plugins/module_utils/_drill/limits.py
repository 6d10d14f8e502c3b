# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a drill may cost at most: limits are data, each is measured, and one that can't be measured is not kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.figures import Figures
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault

AT_MOST, AT_LEAST, IS = "at most", "at least", "is"
SECONDS = "s"
NONE = "none"  # measured, and there was none: such as the last failed request where none failed
UNKNOWN = None


@dataclass(frozen=True)
class Rule:
    """How a limit is measured.

    ``says`` is what it is about, for people. ``measure`` gives UNKNOWN where it can't tell. ``watched``: clients must
    have been there for as long as the limit is.
    """

    says: str
    comparison: str
    measure: Callable[[Figures], Any]
    unit: str = ""
    kind: type = float
    watched: bool = False


@dataclass(frozen=True)
class Result:
    name: str
    says: str
    comparison: str
    limit: Any
    measured: Any
    unit: str
    passed: bool

    def sentence(self) -> str:
        """Such as: last failed request: 7.4 s; limit: at most 11 s."""
        return f"{self.says}: {shown(self.measured, self.unit)}; limit: {self.wanted()}"

    def wanted(self) -> str:
        value = shown(self.limit, self.unit)
        return value if self.comparison == IS else f"{self.comparison} {value}"

    def facts(self) -> dict[str, Any]:
        return {**asdict(self), "sentence": self.sentence()}


def shown(value: Any, unit: str) -> str:
    """A value as people read it."""
    if value is UNKNOWN:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        value = f"{value:,.4g}" if abs(value) < 10 else f"{value:,.1f}".removesuffix(".0")
    return f"{value} {unit}" if unit and value != NONE else str(value)


def _last_failed(which: str) -> Callable[[Figures], Any]:
    return lambda figures: (
        NONE if figures["failures"][which]["count"] == 0 else figures["failures"][which]["last_seconds"]
    )


def _failed(which: str) -> Callable[[Figures], Any]:
    return lambda figures: figures["failures"][which]["count"]


def _lost(figures: Figures) -> int | None:
    """Where nothing was acknowledged, nothing could be lost: that says nothing of the stack."""
    lost: int | None = figures["writes"]["lost"]
    return lost if figures["writes"]["acknowledged"] else UNKNOWN


def _capacity(figure: str) -> Callable[[Figures], Any]:
    return lambda figures: figures["capacity"].get(figure)


def _last_in_zone(figures: Figures) -> Any:
    zone = figures["zone"]
    if not zone.get("known"):
        return UNKNOWN
    last = zone["last_request_seconds"]
    return NONE if last is None or last < 0 else last


def _spread(figures: Figures) -> bool | None:
    """Whether the healthy targets at the end are as even over the zones as their number allows."""
    zones = figures["capacity"].get("zones_at_end")
    if not zones:
        return UNKNOWN
    return len(zones) > 1 and max(zones.values()) - min(zones.values()) <= 1


def _standby(figures: Figures) -> bool | None:
    """Whether the database is available with a standby in another zone than the primary."""
    found = figures["database"]
    if not found["known"]:
        return UNKNOWN
    standby = found["standby_at_end"]
    return found["status_at_end"] == "available" and bool(standby) and standby != found["zone_at_end"]


def _only_version(figures: Figures) -> str | None:
    return ", ".join(sorted(each["version"] for each in figures["versions"])) or UNKNOWN


RULES: dict[str, Rule] = {
    "failed_requests": Rule("failed requests", AT_MOST, _failed("requests"), kind=int),
    "failed_reads": Rule("failed reads", AT_MOST, _failed("reads"), kind=int),
    "failed_writes": Rule("failed writes", AT_MOST, _failed("writes"), kind=int),
    "failed_reads_of_root": Rule('failed reads of "/"', AT_MOST, _failed("reads_of_root"), kind=int),
    "last_failed_request_within": Rule(
        "last failed request after it began", AT_MOST, _last_failed("requests"), SECONDS, watched=True
    ),
    "last_failed_read_within": Rule(
        "last failed read after it began", AT_MOST, _last_failed("reads"), SECONDS, watched=True
    ),
    "last_failed_write_within": Rule(
        "last failed write after it began", AT_MOST, _last_failed("writes"), SECONDS, watched=True
    ),
    "longest_outage": Rule(
        "longest time in which requests kept failing",
        AT_MOST,
        lambda figures: figures["failures"]["requests"]["longest_seconds"],
        SECONDS,
    ),
    "lost_writes": Rule("acknowledged writes that were lost", AT_MOST, _lost, kind=int),
    "p99_after": Rule(
        "99 % of requests answered, once it was over, within",
        AT_MOST,
        lambda figures: figures["after"]["p99_seconds"],
        SECONDS,
    ),
    "min_healthy": Rule("healthy targets, the fewest", AT_LEAST, _capacity("minimum"), kind=int),
    "healthy_at_end": Rule("healthy targets at the end", AT_LEAST, _capacity("at_end"), kind=int),
    "recovered_within": Rule(
        "as many healthy targets as desired, for good, after", AT_MOST, _capacity("recovered_seconds"), SECONDS
    ),
    "instances_replaced": Rule("instances replaced", AT_LEAST, _capacity("replaced"), kind=int),
    "spread_over_zones": Rule("healthy targets spread evenly over zones at the end", IS, _spread, kind=bool),
    "round_robin_within": Rule(
        "distance from an even share of requests an instance, before it began",
        AT_MOST,
        lambda figures: figures["instances"]["uneven"],
    ),
    "last_request_in_zone_within": Rule(
        "last request that reached the zone after it began", AT_MOST, _last_in_zone, SECONDS, watched=True
    ),
    "failed_over": Rule(
        "the database's primary is in another zone",
        IS,
        lambda figures: figures["database"].get("failed_over"),
        kind=bool,
    ),
    "standby_at_end": Rule("the database has a standby in another zone at the end", IS, _standby, kind=bool),
    "version_at_end": Rule(
        "version that answers at the end",
        IS,
        lambda figures: figures["versions"][-1]["version"] if figures["versions"] else UNKNOWN,
        kind=str,
    ),
    "only_version": Rule("versions that answered", IS, _only_version, kind=str),
}


def faults(limits: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Limits that are not known, or whose value can't be one."""
    unknown = [
        Fault(f"limits.{name}", value, "is no limit", f"Give one of {', '.join(sorted(RULES))}")
        for name, value in limits.items()
        if name not in RULES
    ]
    return (
        *unknown,
        *(_misfit(name, value) for name, value in limits.items() if name in RULES and not _fits(name, value)),
    )


def _misfit(name: str, value: Any) -> Fault:
    remedy = {bool: "Give true or false", str: "Give a text"}.get(RULES[name].kind, "Give a number, 0 or more")
    return Fault(f"limits.{name}", value, "is no value for this limit", remedy)


def _fits(name: str, value: Any) -> bool:
    kind = RULES[name].kind
    try:
        typed = _value(kind, value)
        return bool(typed >= 0) if kind in (int, float) else value not in (None, "")
    except (ValueError, TypeError, KeyError):
        return False


def _value(kind: type, value: Any) -> Any:
    """The limit with its type: what Ansible's templates gave may be text."""
    if kind is bool:
        return {"true": True, "yes": True, "false": False, "no": False}[str(value).lower()]
    return kind(value)


def watch_for(limits: Mapping[str, Any]) -> float:
    """Seconds since the fault began for which requests must have been made."""
    return max((float(value) for name, value in limits.items() if RULES[name].watched), default=0.0)


def judge(figures: Figures, limits: Mapping[str, Any]) -> list[Result]:
    """Each limit with what was measured."""
    return [_result(name, RULES[name], _value(RULES[name].kind, value), figures) for name, value in limits.items()]


def _result(name: str, rule: Rule, limit: Any, figures: Figures) -> Result:
    measured = rule.measure(figures)
    return Result(
        name, rule.says, rule.comparison, limit, measured, rule.unit, passed=_kept(rule.comparison, limit, measured)
    )


def _kept(comparison: str, limit: Any, measured: Any) -> bool:
    if measured is UNKNOWN:
        return False
    if comparison == IS:
        return bool(measured == limit)
    if measured == NONE:
        return True
    return bool(measured <= limit if comparison == AT_MOST else measured >= limit)
