# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How a VPC's addresses are shared out among the subnets of its tiers and zones.

A VPC is cut into a power of two of equal blocks, at least four, one a tier; a block into a power of two of equal
subnets, at least four, one a zone. So a tier or a zone that is added later takes what was left free, and nothing moves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

FEWEST = 4  # blocks a VPC, and subnets a block, so that the usual fourth tier or zone has its place
LARGEST, SMALLEST = 16, 28  # prefix lengths that AWS allows a VPC and a subnet

Where = tuple[str, str]  # tier and zone


@dataclass(frozen=True)
class Occupied:
    """A subnet that is there. ``tier`` is empty where nothing tells it."""

    cidr: str
    zone: str
    tier: str = ""


def bits(count: int) -> int:
    """How many bits number ``count`` equal parts, at least FEWEST of them."""
    return (max(FEWEST, count) - 1).bit_length()


def subnet_prefix(vpc: IPv4Network, tiers: int, zones: int) -> int:
    """The prefix length that a derived subnet would have; AWS takes it up to SMALLEST."""
    return vpc.prefixlen + bits(tiers) + bits(zones)


def choices(vpc: IPv4Network, tiers: int, zones: int) -> Mapping[tuple[int, int], tuple[str, ...]]:
    """The CIDRs that the subnet of (tier number, zone number) may have, the one it should have first.

    Next come those of its tier's block, the ones that no zone should have first, then the blocks that no tier has.
    """
    blocks = [[str(subnet) for subnet in block.subnets(bits(zones))] for block in vpc.subnets(bits(tiers))]
    spare = [cidr for block in blocks[tiers:] for cidr in block]
    return {
        (tier, zone): tuple(dict.fromkeys((blocks[tier][zone], *blocks[tier][zones:], *blocks[tier], *spare)))
        for tier in range(tiers)
        for zone in range(zones)
    }


def overlapping(cidr: str, others: Iterable[str]) -> str | None:
    """The first of ``others`` that shares addresses with ``cidr``."""
    network = IPv4Network(cidr)
    return next((other for other in others if network.overlaps(IPv4Network(other))), None)


def place(wants: Mapping[Where, Sequence[str]], there: Sequence[Occupied]) -> dict[Where, str]:
    """The CIDR of every wanted subnet, given the CIDRs each may have and the subnets that are there.

    One with a single choice has that. Any other keeps the CIDR that its tier has in its zone, else takes the first
    choice that is free, or that a subnet in its zone has which belongs to no tier. ValueError names one without room.
    """
    placed = {where: options[0] for where, options in wants.items() if len(options) == 1}
    kept = {(subnet.tier, subnet.zone): subnet.cidr for subnet in there if subnet.tier}
    for where in wants:
        if where not in placed and where in kept and not overlapping(kept[where], placed.values()):
            placed[where] = kept[where]
    for where, options in wants.items():
        if where not in placed:
            placed[where] = _first_free(where, options, [*placed.values()], there)
    return {where: placed[where] for where in wants}


def _first_free(where: Where, options: Sequence[str], placed: Sequence[str], there: Sequence[Occupied]) -> str:
    ownerless = {subnet.cidr for subnet in there if not subnet.tier and subnet.zone == where[1]}
    for cidr in options:
        taken = placed if cidr in ownerless else (*placed, *(subnet.cidr for subnet in there))
        if not overlapping(cidr, taken):
            return cidr
    raise ValueError(" ".join(where))
