# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a network, and in which order: make, repoint, and only then take away."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.addressing import Occupied, overlapping, place
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.network import (
    LIVE,
    OWNER,
    Address,
    NatGateway,
    Network,
    RouteTable,
    Subnet,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from ansible_collections.ha_stack.aws.plugins.module_utils._plan import flow_log
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, pair, settle


def plan(want: Network | None, have: Network | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        want, have = Network(name=params["name"], flow_log=None), have or Network(name=params["name"])
        _refuse_foreign(have)
    else:
        have = have or Network(name=want.name)
        want = fitted(want, have)
    purge = params["purge_tags"] and params["tags"] is not None
    changes = [
        *_vpc(want, have, purge),
        *_internet_gateway(want, have, purge),
        *_subnets(want, have, purge),
        *_route_tables(want, have, purge),
        *_nat_gateways(want, have, purge),
        *_addresses(want, have, purge),
        *flow_log.changes(want.name, want.flow_log, have.flow_logs, purge),
    ]
    inhabited = {nat.subnet for nat in have.nat_gateways}
    return tuple(sorted(changes, key=lambda change: _position(change, inhabited)))


def _refuse_foreign(have: Network) -> None:
    """Anyone may call a VPC by the network's name; one that this module made or took over has its tag."""
    if have.vpc and have.vpc.tags.get(OWNER) != have.name:
        raise StackError(
            f"VPC {have.name}: {have.vpc.id} has this Name but not the tag {OWNER}={have.name}, so another made it. "
            "Give it that tag to have it deleted, or another Name to have it left alone."
        )


def settled(want: Network, have: Network | None) -> Network:
    """What will be there once the plan is carried out, for the facts of check mode."""
    have = have or Network(name=want.name)
    want = fitted(want, have)
    kept, tables = _kept(want, have), _first_of(have.route_tables)[0]
    subnets = {subnet.cidr: subnet for subnet in have.subnets}
    return replace(
        want,
        vpc=settle(want.vpc, have.vpc) if want.vpc else None,
        internet_gateway=settle(want.internet_gateway, have.internet_gateway) if want.internet_gateway else None,
        subnets=tuple(_taken(settle(each, subnets.get(each.cidr)), each) for each in want.subnets),
        route_tables=tuple(settle(each, tables.get(each.key)) for each in want.route_tables),
        nat_gateways=tuple(replace(settle(each, kept.get(each.subnet)), own=True) for each in want.nat_gateways),
        flow_log=flow_log.settled(want.flow_log, have.flow_logs),
    )


def _taken(subnet: Subnet, want: Subnet) -> Subnet:
    return replace(subnet, own=True, tier=want.tier)


def fitted(want: Network, have: Network) -> Network:
    """``want`` with what depends on what is there: the subnets' CIDRs, which NAT gateways serve, ids referred to."""
    want = replace(want, subnets=_placed(want, have))
    want = replace(want, nat_gateways=_chosen(want, have))
    nats = {nat.zone: nat for nat in want.nat_gateways}
    tables = tuple(_aimed(table, want, have, nats) for table in want.route_tables)
    ids = {key: table.id for key, table in _first_of(have.route_tables)[0].items()}
    return replace(
        want,
        subnets=tuple(replace(each, route_table_id=ids.get(each.table, KNOWN_AFTER_APPLY)) for each in want.subnets),
        route_tables=tables,
        addresses=tuple(address for address in want.addresses if address.zone in nats),
    )


def _placed(want: Network, have: Network) -> tuple[Subnet, ...]:
    there = [Occupied(subnet.cidr, subnet.zone, subnet.tier) for subnet in have.subnets]
    try:
        placed = place({(each.tier, each.zone): each.choices for each in want.subnets}, there)
    except ValueError as error:
        raise StackError(
            f"subnet {error}: the VPC has no free range left for it. Give the tier's cidrs, or delete subnets."
        ) from error
    subnets = tuple(replace(each, cidr=placed[each.tier, each.zone]) for each in want.subnets)
    for subnet in subnets:
        _refuse_conflict(subnet, have)
    return subnets


def _refuse_conflict(want: Subnet, have: Network) -> None:
    """AWS neither moves a subnet to another zone nor lets two overlap."""
    other = overlapping(want.cidr, [subnet.cidr for subnet in have.subnets])
    there = next((subnet for subnet in have.subnets if subnet.cidr == other), None)
    if there is None or (there.cidr == want.cidr and there.zone == want.zone):
        return
    raise StackError(
        f"subnet {want.label}: {want.cidr} overlaps subnet {there.id} ({there.cidr} in {there.zone}). "
        "Choose other cidrs for the tier, or delete that subnet first."
    )


def _kept(want: Network, have: Network) -> dict[str, NatGateway]:
    """The NAT gateway that serves from each wanted subnet, by CIDR. The network's own comes before another's."""
    cidrs = {subnet.cidr for subnet in want.subnets}
    live = [nat for nat in have.nat_gateways if nat.state in LIVE and nat.subnet in cidrs]
    wanted = {nat.subnet for nat in want.nat_gateways}
    kept: dict[str, NatGateway] = {}
    for nat in sorted(live, key=lambda nat: (not nat.own, nat.state != "available")):
        if not wanted or nat.subnet in wanted:
            kept.setdefault(nat.subnet, nat)
    return kept


def _chosen(want: Network, have: Network) -> tuple[NatGateway, ...]:
    """The wanted NAT gateways in their subnets, those of the first tier that leads to the internet.

    A single one is made in the first zone, and stays in the zone where one already serves.
    """
    if not want.nat_gateways:
        return ()
    entry = next(table.tier for table in want.route_tables if table.route == "internet")
    cidrs = {subnet.zone: subnet.cidr for subnet in want.subnets if subnet.tier == entry}
    nats = tuple(replace(nat, subnet=cidrs[nat.zone]) for nat in want.nat_gateways)
    if want.single_nat:
        serving = _kept(replace(want, nat_gateways=nats), have)
        nats = (next((nat for nat in nats if nat.subnet in serving), nats[0]),)
    free = [address for address in have.addresses if address.id not in _in_use(have)]
    spare = {address.zone: address.id for address in free}
    kept = _kept(replace(want, nat_gateways=nats), have)
    return tuple(replace(nat, allocation_id=_allocation(nat, kept, spare)) for nat in nats)


def _allocation(nat: NatGateway, kept: Mapping[str, NatGateway], spare: Mapping[str, str]) -> str:
    there = kept.get(nat.subnet)
    return there.allocation_id if there else spare.get(nat.zone, KNOWN_AFTER_APPLY)


def _in_use(have: Network) -> set[str]:
    """A failed NAT gateway gives its Elastic IP back."""
    return {nat.allocation_id for nat in have.nat_gateways if nat.state != "failed"}


def _aimed(table: RouteTable, want: Network, have: Network, nats: Mapping[str, NatGateway]) -> RouteTable:
    """``table`` with the id that its default route leads to, where that is already there."""
    if table.route == "internet":
        return replace(table, target=have.internet_gateway.id if have.internet_gateway else KNOWN_AFTER_APPLY)
    if table.route == "none":
        return table
    nat = nats[table.zone] if table.zone else next(iter(nats.values()))
    there = _kept(want, have).get(nat.subnet)
    return replace(table, target=there.id if there else KNOWN_AFTER_APPLY, nat_subnet=nat.subnet)


def _vpc(want: Network, have: Network, purge: bool) -> Plan:
    vpc = keep_tags(want.vpc, have.vpc, purge) if want.vpc else None
    return compare("VPC", want.name, vpc, have.vpc, immutable={"cidr"})


def _internet_gateway(want: Network, have: Network, purge: bool) -> Plan:
    """One that is not the network's own is used where one is wanted, and left where none is."""
    there = have.internet_gateway
    if want.internet_gateway is None:
        return compare("internet gateway", want.name, None, there if there and there.own else None)
    return compare("internet gateway", want.name, keep_tags(want.internet_gateway, there, purge), there)


def _subnets(want: Network, have: Network, purge: bool) -> Iterator[Change]:
    cidrs = {subnet.cidr for subnet in want.subnets}
    staying = tuple(subnet.id for subnet in have.subnets if subnet.cidr in cidrs)
    for subnet, there in pair(want.subnets, have.subnets, lambda subnet: subnet.cidr):
        if subnet:
            yield from compare("subnet", subnet.label, keep_tags(subnet, there, purge), there)
        elif there and there.own:
            yield from compare("subnet", there.label, None, replace(there, staying=staying))


def _route_tables(want: Network, have: Network, purge: bool) -> Iterator[Change]:
    matched, spare = _first_of(have.route_tables)
    for table in want.route_tables:
        there = matched.pop(table.key, None)
        yield from compare("route table", table.label, keep_tags(table, there, purge), there)
    for table in (*matched.values(), *spare):
        yield from compare("route table", table.label, None, table)


def _first_of(tables: Iterable[RouteTable]) -> tuple[dict[tuple[str, str | None], RouteTable], list[RouteTable]]:
    matched: dict[tuple[str, str | None], RouteTable] = {}
    spare = [table for table in tables if matched.setdefault(table.key, table) is not table]
    return matched, spare


def _nat_gateways(want: Network, have: Network, purge: bool) -> Iterator[Change]:
    kept = _kept(want, have) if want.nat_gateways else {}
    for nat in want.nat_gateways:
        there = kept.get(nat.subnet)
        yield from compare("NAT gateway", nat.zone, keep_tags(nat, there, purge), there)
    serving = {nat.id for nat in kept.values()}
    for nat in have.nat_gateways:
        if nat.own and nat.id not in serving and nat.state in (*LIVE, "failed"):
            yield from compare("NAT gateway", nat.zone or nat.id, None, nat)


def _addresses(want: Network, have: Network, purge: bool) -> Iterator[Change]:
    """An Elastic IP without the network's tags that a serving NAT gateway has is taken over with that."""
    there = {address.id: address for address in have.addresses}
    for address, nat in zip(want.addresses, want.nat_gateways, strict=True):
        known = there.pop(nat.allocation_id, None)
        if known is None and nat.allocation_id != KNOWN_AFTER_APPLY:
            known = Address(tags={}, zone=nat.zone, id=nat.allocation_id)
        yield from compare("Elastic IP", address.zone, keep_tags(address, known, purge), known)
    for spare in there.values():
        yield from compare("Elastic IP", spare.public_ip, None, spare)


# When each kind is made or changed, and when it is taken away. What leads through a NAT gateway is made after that.
MAKING = {
    "VPC": 0,
    "internet gateway": 1,
    "flow log": 1,
    "route table": 2,
    "subnet": 3,
    "Elastic IP": 5,
    "NAT gateway": 6,
}
BEHIND_NAT = 5
FAILED_NAT = 4
REMOVING = {
    "NAT gateway": 21,
    "Elastic IP": 22,
    "subnet": 23,
    "route table": 24,
    "internet gateway": 25,
    "flow log": 25,
    "VPC": 26,
}


def turn(change: Change) -> Hashable:
    """Subnets and route tables don't need each other.

    One by one comes what waits for NAT gateways, and what goes: what still lives in one stops the run there.
    """
    side_by_side = change.kind == "subnet" or (change.kind == "route table" and not _behind_nat(change))
    return (change.kind, change.action, _behind_nat(change)) if side_by_side and change.want else id(change)


def _behind_nat(change: Change) -> bool:
    return change.kind in {"route table", "subnet"} and bool(change.want) and change.want.route == "nat"


def corrections(want: Network | None, seen: Network) -> Plan:
    """What a plan could not see: an Elastic IP of a network that goes, held by a NAT gateway that was just gone."""
    if want is not None:
        return ()
    return tuple(change for each in seen.addresses for change in compare("Elastic IP", each.public_ip, None, each))


def _position(change: Change, inhabited: set[str]) -> int:
    """When a change is made.

    Of what goes, subnets without a NAT gateway go first: whatever still lives in one stops the run while everything it
    needs is there. A failed NAT gateway goes before its successor, which needs its Elastic IP.
    """
    if change.action == "delete":
        if change.kind == "NAT gateway" and change.have.state == "failed":
            return FAILED_NAT
        return 20 if change.kind == "subnet" and change.have.cidr not in inhabited else REMOVING[change.kind]
    return MAKING[change.kind] + (BEHIND_NAT if _behind_nat(change) else 0)
