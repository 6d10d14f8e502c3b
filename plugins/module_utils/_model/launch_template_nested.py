# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Settings of a launch template that have settings within.

What is not given is left alone, what is given empty is taken away, and what can't stand beside a given setting gives
way to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import structure
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import Member, Structure

ONLY_RESERVED = "capacity-reservations-only"


@dataclass(frozen=True)
class Clash:
    """``gone`` can't stand beside ``given``, where ``when`` is true of their values."""

    given: str
    gone: str
    when: Callable[[Any, Any], bool] = lambda given, gone: True


def _either(one: str, other: str) -> tuple[Clash, Clash]:
    return Clash(one, other), Clash(other, one)


EITHER = (
    ("instance_type", "instance_requirements"),
    ("availability_zone", "availability_zone_id"),
    ("group_name", "group_id"),
    ("id", "resource_group_arn"),
    ("allowed_instance_types", "excluded_instance_types"),
    (
        "spot_max_price_percentage_over_lowest_price",
        "max_spot_price_as_percentage_of_optimal_on_demand_price",
    ),
    ("ipv6_address_count", "ipv6_addresses"),
    ("ipv4_prefix_count", "ipv4_prefixes"),
    ("ipv6_prefix_count", "ipv6_prefixes"),
)
CLASHES = (
    *(clash for pair in EITHER for clash in _either(*pair)),
    Clash("preference", "target", lambda preference, target: preference != ONLY_RESERVED),
    Clash("target", "preference", lambda target, preference: preference != ONLY_RESERVED),
    Clash("market_type", "spot", lambda market, spot: market != "spot"),
    Clash("type", "valid_until", lambda kind, until: kind == "one-time"),
    Clash("monitoring", "metric_category_ids", lambda enabled, categories: enabled is False),
)


def empty(value: Any) -> bool:
    """Whether a setting is taken away. False and 0 are settings."""
    return value is None or value == "" or (isinstance(value, (Mapping, list, tuple)) and not value)


def gives_way(want: Mapping[str, Any], have: Mapping[str, Any]) -> set[str]:
    """The settings that are there and can't stand beside those that are given."""
    return {
        clash.gone
        for clash in CLASHES
        if not empty(want.get(clash.given))
        and not empty(have.get(clash.gone))
        and clash.gone not in want
        and clash.when(want[clash.given], have[clash.gone])
    }


def clashing(values: Mapping[str, Any]) -> list[Clash]:
    """The pairs of given settings that can't stand beside each other, each told once."""
    found = [
        clash
        for clash in CLASHES
        if not empty(values.get(clash.given))
        and not empty(values.get(clash.gone))
        and clash.when(values[clash.given], values[clash.gone])
    ]
    return list({frozenset((clash.given, clash.gone)): clash for clash in reversed(found)}.values())


def merged(of: Structure, want: Mapping[str, Any], have: Mapping[str, Any]) -> dict[str, Any]:
    """``have`` with what is given; nothing where all is taken away."""
    if not want:
        return {}
    gone = gives_way(want, have)
    kept = {option: value for option, value in have.items() if option not in gone}
    given = {option: _inner(of[option], value, have.get(option)) for option, value in want.items()}
    return {option: value for option, value in {**kept, **given}.items() if not empty(value)}


def _inner(member: Member, want: Any, have: Any) -> Any:
    if member.of is None or not isinstance(want, Mapping):
        return want
    return merged(member.of, want, have or {})


def overlaid(of: Structure, values: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """The API's structure that has ``values``, and of ``base`` what no option stands for."""
    known = {member.name for member in of.values()}
    found = {name: value for name, value in base.items() if name not in known}
    for option, value in values.items():
        member = of[option]
        if member.of is not None and isinstance(value, Mapping):
            found[member.name] = overlaid(member.of, value, base.get(member.name) or {})
        else:
            found.update(structure.to_api({option: member}, {option: value}))
    return found


def moment(value: Any) -> Any:
    """A time as the API writes it; botocore's answers have it as a datetime. What is no time stays what it is."""
    if isinstance(value, str):
        with suppress(ValueError):
            value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return value
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def price(value: Any) -> Any:
    """0.050 and 0.05 are one price."""
    try:
        return f"{Decimal(value).normalize():f}"
    except InvalidOperation:
        return value


CANONICAL: Mapping[str, Callable[[Any], Any]] = {"valid_until": moment, "max_price": price}


def canonical(value: Any) -> Any:
    """What can be written in several ways, in one."""
    if isinstance(value, Mapping):
        return {option: CANONICAL.get(option, canonical)(each) for option, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [canonical(each) for each in value]
    return value
