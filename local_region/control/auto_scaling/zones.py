"""Which zone the next instance goes to, and when the zones need rebalancing: pure.

EC2 Auto Scaling User Guide, "Example: Distribute instances across Availability Zones".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any


def order(subnets: Sequence[Any], members: Iterable[Any], first: Collection[Any] = ()) -> list[Any]:
    """One subnet a zone, the zone with fewest of the group's instances first; of equals, in the order given.

    ``first`` are members that count before all others: an instance refresh balances what it has replaced already.
    """
    members = list(members)
    in_zone = Counter(member.availability_zone for member in members)
    in_subnet = Counter(member.instance.subnet_id for member in members)
    favoured = Counter(member.availability_zone for member in first)
    ordered = sorted(
        subnets,
        key=lambda subnet: (
            favoured[subnet.availability_zone],
            in_zone[subnet.availability_zone],
            in_subnet[subnet.id],
        ),
    )
    first_of_zone = {subnet.availability_zone: subnet for subnet in reversed(ordered)}
    return [subnet for subnet in ordered if subnet is first_of_zone[subnet.availability_zone]]


def emptiest(subnets: Sequence[Any], members: Iterable[Any]) -> list[Any]:
    """Of the ordered ``subnets`` those in the zones with fewest instances: all that "balanced-only" may launch in."""
    in_zone = Counter(member.availability_zone for member in members)
    fewest = min((in_zone[subnet.availability_zone] for subnet in subnets), default=0)
    return [subnet for subnet in subnets if in_zone[subnet.availability_zone] == fewest]


def moves(zones: Collection[str], occupied: Iterable[str]) -> list[str]:
    """The zones that instances have to move to until no two differ by more than one, one name an instance.

    ``occupied`` is the zone of each instance; an instance in a zone that the group has left has to move too.
    """
    counts = Counter(occupied)
    own = Counter({zone: counts[zone] for zone in zones})
    strays = sum(counts.values()) - sum(own.values())
    wanted: list[str] = []
    while own:
        fewest = min(own, key=lambda zone: own[zone])
        most = max(own, key=lambda zone: own[zone])
        if strays:
            strays -= 1
        elif own[most] - own[fewest] >= 2:
            own[most] -= 1
        else:
            break
        own[fewest] += 1
        wanted.append(fewest)
    return wanted
