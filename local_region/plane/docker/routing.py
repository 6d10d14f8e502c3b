"""Route tables as the host's policy routing, and the host's own settings that let it route.

A subnet's traffic to its own VPC follows the main table, everything else the subnet's route table. Rules and routes
carry a protocol number of the region's own, so that they can be told from the host's.
"""

from __future__ import annotations

import json
import subprocess
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from local_region.plane.docker.layout import SERVICES, Layout, resolver
from local_region.world import World

FIRST_TABLE = 10_000
LOCAL_PREFERENCE, SUBNET_PREFERENCE = 1100, 1200


@dataclass(frozen=True, order=True)
class PolicyRule:
    preference: int
    source: str
    destination: str | None
    table: int  # 254 is main


@dataclass(frozen=True, order=True)
class TableRoute:
    """``via`` and ``device`` are None for a blackhole: what AWS does without a route."""

    table: int
    destination: str
    via: str | None = None
    device: str | None = None


def protocol(layout: Layout) -> int:
    """Marks the region's routes and rules; 192-249 belong to nobody in iproute2's rt_protos."""
    return 192 + zlib.crc32(layout.name.encode()) % 56


def table_numbers(subnet_ids: Iterable[str]) -> dict[str, int]:
    """Subnet -> number of its routing table: stable as long as the subnet lives."""
    numbers: dict[str, int] = {}
    for subnet_id in sorted(subnet_ids):
        number = FIRST_TABLE + zlib.crc32(subnet_id.encode()) % 1_000_000
        while number in numbers.values():
            number += 1
        numbers[subnet_id] = number
    return numbers


def desired(layout: Layout, world: World) -> tuple[set[PolicyRule], set[TableRoute]]:
    """Rules and routes of a world. An internet gateway gives nothing to an interface without a public address, and
    those with one have a leg outside; so only NAT gateways are next hops here."""
    numbers = table_numbers(subnet.id for subnet in world.subnets)
    vpcs = {vpc.id: vpc for vpc in world.vpcs}
    tables = {table.id: table for table in world.route_tables}
    gateways = {gateway.id: gateway for gateway in world.nat_gateways}
    rules: set[PolicyRule] = set()
    routes: set[TableRoute] = set()
    for vpc in world.vpcs:
        rules |= {PolicyRule(LOCAL_PREFERENCE, vpc.cidr, to, 254) for to in (vpc.cidr, str(SERVICES))}
    for subnet in world.subnets:
        number = numbers[subnet.id]
        rules.add(PolicyRule(SUBNET_PREFERENCE, subnet.cidr, None, number))
        routes.add(TableRoute(number, "0.0.0.0/0"))
        table = tables.get(subnet.route_table_id)
        for route in table.routes if table else ():
            if ":" in route.destination or route.target == "local" or route.destination == vpcs[subnet.vpc_id].cidr:
                continue
            gateway = gateways.get(route.target)
            found = TableRoute(number, route.destination)
            if gateway and _is_public(world, gateway.subnet_id):
                found = TableRoute(number, route.destination, gateway.private_ip, layout.bridge(gateway.subnet_id))
            routes.discard(TableRoute(number, route.destination))
            routes.add(found)
    return rules, routes


def _is_public(world: World, subnet_id: str) -> bool:
    """A NAT gateway whose own subnet has no route to an internet gateway passes nothing on."""
    of_subnet = {subnet.id: subnet.route_table_id for subnet in world.subnets}
    attached = {vpc.internet_gateway_id for vpc in world.vpcs if vpc.internet_gateway_id}
    tables = (table for table in world.route_tables if table.id == of_subnet.get(subnet_id))
    return any(route.target in attached for table in tables for route in table.routes)


def _ip(*arguments: str) -> str:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def _with_length(address: str, length: Any) -> str:
    return f"{address}/{32 if length is None else length}"


def _present(number: int) -> tuple[set[PolicyRule], set[TableRoute]]:
    rules = set()
    for rule in json.loads(_ip("-j", "-N", "rule", "show")):
        if str(rule.get("protocol")) == str(number):
            to = _with_length(rule["dst"], rule.get("dstlen")) if "dst" in rule else None
            table = 254 if rule["table"] == "main" else int(rule["table"])
            rules.add(PolicyRule(rule["priority"], _with_length(rule["src"], rule.get("srclen")), to, table))
    routes = set()
    for route in json.loads(_ip("-j", "-N", "route", "show", "table", "all", "proto", str(number))):
        to = "0.0.0.0/0" if route["dst"] == "default" else route["dst"] if "/" in route["dst"] else route["dst"] + "/32"
        routes.add(TableRoute(int(route["table"]), to, route.get("gateway"), route.get("dev")))
    return rules, routes


def _rule_words(rule: PolicyRule, number: int) -> list[str]:
    to = ["to", rule.destination] if rule.destination else []
    words = ["from", rule.source, *to, "lookup", str(rule.table), "pref", str(rule.preference)]
    return [*words, "protocol", str(number)]


def _route_words(route: TableRoute, number: int) -> list[str]:
    hop = ["via", route.via, "dev", route.device] if route.via and route.device else []
    kind = [] if hop else ["blackhole"]
    return [*kind, route.destination, *hop, "table", str(route.table), "proto", str(number)]


def reconcile(layout: Layout, world: World) -> None:
    """Make the host's rules and routes those of ``world``; a route's change is a replacement, not a gap.

    Raises:
        RuntimeError: ``ip`` refused, naming the route.
    """
    number = protocol(layout)
    rules, routes = desired(layout, world)
    present_rules, present_routes = _present(number)
    kept = {(route.table, route.destination) for route in routes}
    for route in sorted(routes - present_routes, key=str):
        same = [old for old in present_routes if (old.table, old.destination) == (route.table, route.destination)]
        for old in same:  # "replace" doesn't turn a blackhole into a unicast route
            _ip("route", "del", *_route_words(old, number))
        _ip("route", "replace", *_route_words(route, number))
    for route in present_routes - routes:
        if (route.table, route.destination) not in kept:
            _ip("route", "del", *_route_words(route, number))
    for rule in sorted(rules - present_rules):
        _ip("rule", "add", *_rule_words(rule, number))
    for rule in present_rules - rules:
        _ip("rule", "del", *_rule_words(rule, number))


def serve_resolver_addresses(layout: Layout, world: World) -> None:
    """A VPC's DNS server stands at base+2: where a subnet holds that address the router must answer ARP for it."""
    for vpc in world.vpcs:
        address = IPv4Address(resolver(vpc.cidr))
        for subnet in world.subnets:
            if subnet.vpc_id == vpc.id and address in IPv4Network(subnet.cidr):
                _ip("address", "replace", f"{address}/32", "dev", layout.bridge(subnet.id))


def _docker_user(layout: Layout) -> Iterator[list[str]]:
    """The engine isolates its networks from each other; the region's are routed, under rules of its own."""
    for direction in ("-i", "-o"):
        yield ["DOCKER-USER", direction, layout.bridge_prefix + "+", "-j", "ACCEPT"]


def _iptables(*arguments: str) -> bool:
    return subprocess.run(["iptables", "-w", *arguments], capture_output=True, check=False).returncode == 0


def open_host(layout: Layout) -> None:
    """Let the host route between the region's networks.

    Raises:
        RuntimeError: the engine has no DOCKER-USER chain, or the host's settings can't be changed.
    """
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
    bridge_filter = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")
    if not bridge_filter.exists():
        subprocess.run(["modprobe", "br_netfilter"], check=False)
    bridge_filter.write_text("1")  # traffic inside a subnet meets the security groups too
    for words in _docker_user(layout):
        if not _iptables("-C", *words) and not _iptables("-I", *words):
            raise RuntimeError(f"iptables -I {' '.join(words)} failed: does the engine manage iptables?")


def close_host(layout: Layout) -> None:
    """Take back what ``open_host`` and ``reconcile`` did, but for forwarding, which the engine needs as well."""
    reconcile(layout, World())
    for words in _docker_user(layout):
        while _iptables("-D", *words):
            pass
