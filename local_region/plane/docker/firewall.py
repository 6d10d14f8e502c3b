"""Network ACLs, security groups, and what the region's host lets pass between the networks it routes, as one nft
table.

Rendering is pure; ``load`` replaces the table in one transaction, so no packet meets half a rule set. Connections
already tracked go on when a security group's rule is removed, as on AWS.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from itertools import starmap

from local_region.plane.docker import network_acls
from local_region.plane.docker.layout import (
    EDGE,
    HOST,
    LINK_LOCAL_RESOLVER,
    METADATA,
    OUTSIDE,
    RESOLVER,
    SERVICES,
    Layout,
    resolver,
)
from local_region.plane.docker.network_acls import Boundary
from local_region.world import NetworkAcl, Rule, SecurityGroup, Subnet, Vpc

# The plane's own probes carry it: the only traffic of the host that may enter a VPC, but for subnets that are cut off.
PROBE_MARK = 0x6C72
FIRST = "priority -10"  # before the engine's own chains, whose verdicts can't take a drop back


@dataclass(frozen=True)
class Interface:
    """A network interface in a VPC. Without ``groups`` (a NAT gateway's) everything passes, as security groups don't
    apply to it.

    ``public`` is the address by which the internet reaches it; a rule that names a group means private addresses only.
    """

    address: str
    groups: tuple[str, ...] = ()
    public: str | None = None


@dataclass(frozen=True)
class Fabric:
    """What the table is made from. ``peers`` are address pairs that always reach each other (a database and its
    standby)."""

    vpcs: tuple[Vpc, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    groups: tuple[SecurityGroup, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    peers: tuple[tuple[str, str], ...] = ()
    acls: tuple[NetworkAcl, ...] = ()

    def boundaries(self, layout: Layout) -> Iterator[Boundary]:
        """Every subnet's that has a network ACL."""
        acls = {acl.id: acl for acl in self.acls}
        public = {IPv4Address(i.address): i.public for i in self.interfaces if i.public}
        for subnet in self.subnets:
            if subnet.network_acl_id in acls:
                network = IPv4Network(subnet.cidr)
                here = tuple(public[address] for address in sorted(public) if address in network)
                yield Boundary(layout.bridge(subnet.id), here, acls[subnet.network_acl_id])


def _set(name: str, kind: str, elements: Iterable[str], flags: str = "") -> str:
    listed = ", ".join(elements)
    content = f" elements = {{ {listed} }};" if listed else ""
    return f"set {name} {{ type {kind};{flags}{content} }}"


def _chain(name: str, lines: Iterable[str]) -> str:
    return "\n".join([f"chain {name} {{", *(f"  {line}" for line in lines), "}"])


def _group_set(group_id: str) -> str:
    return "g_" + group_id.replace("-", "_")


def _combination(groups: Sequence[str]) -> str:
    """One chain serves all interfaces with the same groups."""
    return hashlib.sha256(" ".join(sorted(groups)).encode()).hexdigest()[:12] if groups else "any"


def _match(rule: Rule) -> str | None:
    """The nft expression of a rule; None for an address family the region doesn't have."""
    side = "saddr" if rule.direction == "ingress" else "daddr"
    if rule.group_id:
        peer = f"ip {side} @{_group_set(rule.group_id)} "
    elif rule.cidr and ":" not in rule.cidr:
        peer = f"ip {side} {rule.cidr} "
    else:
        return None
    if rule.protocol == "-1":
        return peer
    if rule.protocol == "icmp" or rule.from_port is None or rule.to_port is None:
        return f"{peer}meta l4proto {rule.protocol} "
    ports = f"{rule.from_port}-{rule.to_port}" if rule.to_port != rule.from_port else str(rule.from_port)
    return f"{peer}{rule.protocol} dport {ports} "


def _group_chains(fabric: Fabric) -> Iterator[str]:
    """For each combination of groups in use: a chain that decides on egress and one on ingress."""
    rules = {group.id: group.rules for group in fabric.groups}
    for groups in sorted({interface.groups for interface in fabric.interfaces}):
        name = _combination(groups)
        for direction, allow, prefix in (("egress", "goto ingress", "e"), ("ingress", "accept", "i")):
            if not groups:
                yield _chain(f"{prefix}_{name}", [allow])
                continue
            of_groups = (rule for group in groups for rule in rules.get(group, ()) if rule.direction == direction)
            allowed = dict.fromkeys(match for rule in of_groups if (match := _match(rule)))
            yield _chain(f"{prefix}_{name}", [*(match + allow for match in allowed), "drop"])


def _member_sets(fabric: Fabric) -> Iterator[str]:
    named = {group.id for group in fabric.groups}
    named |= {rule.group_id for group in fabric.groups for rule in group.rules if rule.group_id}
    for group_id in sorted(named):
        members = sorted(i.address for i in fabric.interfaces if group_id in i.groups)
        yield _set(_group_set(group_id), "ipv4_addr", members)


def _verdict_map(name: str, entries: Iterable[tuple[str, str]]) -> str:
    listed = ", ".join(f"{address} : jump {chain}" for address, chain in sorted(entries))
    content = f" elements = {{ {listed} }};" if listed else ""
    return f"map {name} {{ type ipv4_addr : verdict;{content} }}"


def _maps(fabric: Fabric) -> Iterator[str]:
    combination = {i.address: _combination(i.groups) for i in fabric.interfaces}
    public = {i.public: _combination(i.groups) for i in fabric.interfaces if i.public and i.groups}
    yield _verdict_map("egress_of", ((address, f"e_{name}") for address, name in combination.items()))
    yield _verdict_map("ingress_of", ((address, f"i_{name}") for address, name in combination.items()))
    yield _verdict_map("public_ingress_of", ((address, f"i_{name}") for address, name in public.items()))


def _forward(layout: Layout) -> str:
    ours, outside, services = f'"{layout.bridge_prefix}*"', layout.bridge("outside"), layout.bridge("services")
    return _chain(
        "forward",
        [
            f"type filter hook forward {FIRST}; policy accept;",
            f"iifname != {ours} oifname != {ours} accept",
            "meta nfproto ipv6 drop",
            "jump acls",
            "ct state established,related accept",
            f"iifname != {ours} drop",
            f"ip daddr {RESOLVER} meta l4proto {{ tcp, udp }} th dport 53 ct status dnat accept",
            f"ip daddr {{ 169.254.0.0/16, {SERVICES} }} drop",
            f'iifname {{ "{outside}", "{services}" }} ip daddr @vpcs drop',
            f'iifname "{outside}" ip daddr vmap @public_ingress_of',
            f'iifname {{ "{outside}", "{services}" }} accept',
            "ip saddr . ip daddr @peers accept",
            "ip saddr vmap @egress_of",
            "drop",
        ],
    )


def _host_chains(layout: Layout) -> Iterator[str]:
    """The host is the VPCs' router, no member of them: nothing on it is reached but metadata and the API's edge."""
    ours, outside, services = f'"{layout.bridge_prefix}*"', layout.bridge("outside"), layout.bridge("services")
    settings = layout.settings
    yield _chain(
        "input",
        [
            f"type filter hook input {FIRST}; policy accept;",
            f"iifname != {ours} accept",
            "jump acls_public",
            "ct state established,related accept",
            f"ip daddr {HOST} tcp dport {settings.imds_port} ct status dnat accept",
            f'iifname "{outside}" ip saddr {EDGE} ip daddr {HOST} tcp dport {settings.api_port} accept',
            f'iifname "{services}" meta l4proto {{ tcp, udp }} th dport 53 accept',
            "drop",
        ],
    )
    yield _chain(
        "output",
        [
            f"type filter hook output {FIRST}; policy accept;",
            f"oifname != {ours} accept",
            f"meta mark {PROBE_MARK} goto probe",
            "ip daddr @vpcs icmp type destination-unreachable icmp code host-unreachable drop",  # AWS is silent there
            "jump acls_public",
            "ct state established,related accept",
            "ip daddr @vpcs drop",
            "ip daddr vmap @public_ingress_of",
        ],
    )


def _translation(layout: Layout, fabric: Fabric) -> Iterator[str]:
    """Metadata and DNS keep the source address: it says which instance asks."""
    resolvers = ", ".join([*sorted({resolver(vpc.cidr) for vpc in fabric.vpcs}), str(LINK_LOCAL_RESOLVER)])
    ours = f'"{layout.bridge_prefix}*"'
    yield _chain(
        "prerouting",
        [
            "type nat hook prerouting priority -110;",
            "ip saddr != @vpcs accept",
            f"iifname {ours} ip daddr {METADATA} tcp dport 80 dnat ip to {HOST}:{layout.settings.imds_port}",
            f"iifname {ours} ip daddr {{ {resolvers} }} meta l4proto {{ tcp, udp }} th dport 53 dnat ip to {RESOLVER}",
        ],
    )
    yield _chain(
        "postrouting",
        [
            "type nat hook postrouting priority srcnat;",
            f"ip saddr {{ {OUTSIDE}, {SERVICES} }} oifname != {ours} masquerade",
        ],
    )


def render(layout: Layout, fabric: Fabric) -> str:
    """The nft script that replaces the region's table."""
    parts = [
        _set("vpcs", "ipv4_addr", sorted({vpc.cidr for vpc in fabric.vpcs}), " flags interval;"),
        _set("peers", "ipv4_addr . ipv4_addr", (f"{a} . {b}" for pair in fabric.peers for a, b in (pair, pair[::-1]))),
        *_member_sets(fabric),
        _chain("ingress", ["ip daddr vmap @ingress_of", "ip daddr @vpcs drop", "accept"]),
        *_group_chains(fabric),
        *_maps(fabric),
        *starmap(_chain, network_acls.chains(layout, fabric.boundaries(layout)).items()),
        _forward(layout),
        *_host_chains(layout),
        *_translation(layout, fabric),
    ]
    order = [p for p in parts if p.startswith("set")] + [p for p in parts if not p.startswith("set")]
    return (
        f"table inet {layout.table}\ndelete table inet {layout.table}\ntable inet {layout.table} {{\n"
        + "\n".join(order)
        + "\n}\n"
    )


def load(script: str) -> None:
    """Hand a script to nft.

    Raises:
        RuntimeError: nft refused it; the message says why.
    """
    done = subprocess.run(["nft", "-f", "-"], input=script, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"nft refused the region's rules: {done.stderr[-1500:]}")


def unload(layout: Layout) -> None:
    """Remove the region's table."""
    load(f"table inet {layout.table}\ndelete table inet {layout.table}\n")
