"""Network ACLs as nft rules.

They are stateless: a denial holds for connections that are open, so they stand before what lets known connections
pass. They are asked where traffic crosses a subnet's boundary, egress entries on the way out and ingress entries on
the way in, and the public address of a load balancer's node or a NAT gateway belongs to its subnet. Traffic with
Amazon's DNS and with the metadata service isn't filtered ("Network ACL basics" in the VPC User Guide).

What AWS does on a network of its own, a database's replication and the region's probes, is no customer's traffic: an
ACL stops it only where it stops everything, which is what a zone without power looks like.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from local_region.plane.docker.layout import Layout
from local_region.world import NetworkAcl, NetworkAclEntry

EVERYWHERE = "0.0.0.0/0"
PORTED = {"6": "tcp", "17": "udp"}
ICMP = "1"
Direction = Literal["egress", "ingress"]
DIRECTIONS: tuple[Direction, ...] = ("egress", "ingress")


@dataclass(frozen=True)
class Boundary:
    """A subnet's: its bridge, the public addresses of what stands in it, and its network ACL."""

    bridge: str
    public: tuple[str, ...]
    acl: NetworkAcl


def _matches_all(entry: NetworkAclEntry) -> bool:
    return entry.protocol == "-1" and entry.cidr == EVERYWHERE


def _effective(acl: NetworkAcl, direction: Direction) -> list[NetworkAclEntry]:
    """The entries that a packet may come to: none behind the first that matches everything."""
    found: list[NetworkAclEntry] = []
    for entry in sorted(acl.entries, key=lambda entry: entry.number):
        if entry.direction == direction:
            found.append(entry)
            if _matches_all(entry):
                break
    return found


def opens(acl: NetworkAcl, direction: Direction) -> bool:
    """Whether everything passes: the usual case, which costs no rule."""
    entries = _effective(acl, direction)
    return bool(entries) and _matches_all(entries[-1]) and all(entry.action == "allow" for entry in entries)


def closes(acl: NetworkAcl) -> bool:
    """Whether nothing passes one way or the other."""
    return any(all(entry.action == "deny" for entry in _effective(acl, each)) for each in DIRECTIONS)


def match(entry: NetworkAclEntry) -> str:
    """The nft expression of an entry, its verdict left out."""
    side = "saddr" if entry.direction == "ingress" else "daddr"
    return " ".join([f"ip {side} {entry.cidr}", *_protocol(entry)])


def _protocol(entry: NetworkAclEntry) -> Iterator[str]:
    if entry.protocol in PORTED and entry.from_port is not None and entry.to_port is not None:
        yield f"{PORTED[entry.protocol]} dport {entry.from_port}-{entry.to_port}"
    elif entry.protocol != "-1":
        yield f"meta l4proto {entry.protocol}"
    if entry.protocol == ICMP:
        of_icmp = {"type": entry.icmp_type, "code": entry.icmp_code}
        yield from (f"icmp {name} {value}" for name, value in of_icmp.items() if value not in {None, -1})


def _name(acl: NetworkAcl, direction: Direction) -> str:
    return f"{direction}_{acl.id.replace('-', '_')}"


def _decide(acl: NetworkAcl, direction: Direction) -> list[str]:
    verdicts = {"allow": "return", "deny": "drop"}
    return [*(f"{match(each)} {verdicts[each.action]}" for each in _effective(acl, direction)), "drop"]


def _listed(words: Iterable[str]) -> str:
    return "{ " + ", ".join(words) + " }"


def _drops(expression: str, words: list[str]) -> list[str]:
    return [f"{expression} {_listed(words)} drop"] if words else []


def chains(layout: Layout, boundaries: Iterable[Boundary]) -> Mapping[str, list[str]]:
    """Chains by name: ``acls`` for what is forwarded, ``acls_public`` for the host as a place on the internet, and
    ``probe``, which ends with a verdict on the plane's own probes."""
    filtering = [each for each in boundaries if not all(opens(each.acl, direction) for direction in DIRECTIONS)]
    closed = [each for each in filtering if closes(each.acl)]
    bridges, public = [f'"{each.bridge}"' for each in closed], [address for each in closed for address in each.public]
    by_acl = {
        _name(each.acl, direction): _decide(each.acl, direction)
        for each in filtering
        for direction in DIRECTIONS
        if not opens(each.acl, direction)
    }
    return by_acl | {
        "acls_public": list(_public(layout, filtering)),
        "acls_of_peers": [*_drops("iifname", bridges), *_drops("oifname", bridges)],
        "acls": list(_private(layout, filtering)),
        "probe": [*_drops("oifname", bridges), *_drops("ip daddr", public), "accept"],
    }


def _private(layout: Layout, filtering: list[Boundary]) -> Iterator[str]:
    if not filtering:
        return
    services = layout.bridge("services")
    yield f'iifname "{services}" return'
    yield f'oifname "{services}" return'
    yield "ip saddr . ip daddr @peers goto acls_of_peers"
    yield "jump acls_public"
    for each in filtering:
        for direction, (here, there) in zip(DIRECTIONS, (("iifname", "oifname"), ("oifname", "iifname")), strict=True):
            if not opens(each.acl, direction):
                yield f'{here} "{each.bridge}" {there} != "{each.bridge}" jump {_name(each.acl, direction)}'


def _public(layout: Layout, filtering: list[Boundary]) -> Iterator[str]:
    outside = layout.bridge("outside")
    for each in filtering:
        for direction, (interface, side) in zip(DIRECTIONS, (("iifname", "saddr"), ("oifname", "daddr")), strict=True):
            if each.public and not opens(each.acl, direction):
                yield f'{interface} "{outside}" ip {side} {_listed(each.public)} jump {_name(each.acl, direction)}'
