"""DNS names: what the VPCs' resolver answers, and the marked block that lets this machine's browser find them too."""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Mapping
from pathlib import Path

from local_region.plane.docker.layout import EDGE, REGISTRY, REGISTRY_HOST, Layout
from local_region.world import Node, World

HOSTS = Path("/etc/hosts")
BEGIN = "# begin local-region "
LOCAL_TTL = 5  # seconds; AWS's names of load balancers have 60, of databases 5

Names = Mapping[str, tuple[str, ...]]


def dnsmasq_config(layout: Layout) -> str:
    """The resolver's configuration: AWS's own domains end at the edge, the rest goes to the host's name servers."""
    region = layout.settings.region
    lines = [
        "no-hosts", "user=root", "group=root", "cache-size=1000", "bind-dynamic", "filter-AAAA",
        "hostsdir=/etc/region/hosts.d", f"local-ttl={LOCAL_TTL}",
        *(f"address=/{domain}/{EDGE}" for domain in ("amazonaws.com", "cloudfront.net", f"{region}.api.aws")),
        f"local=/{layout.domain}/", f"local=/{region}.elb.amazonaws.com/", f"local=/{region}.rds.amazonaws.com/",
        "local=/gitlab.example/",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


Nodes = Mapping[str, tuple[Node, ...]]


def vpc_names(layout: Layout, world: World, nodes: Nodes, databases: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Every name that an address inside a VPC resolves; ``nodes`` is load balancer's ARN -> those that its name stands
    for, ``databases`` is endpoint name -> the primary's address."""
    names: dict[str, tuple[str, ...]] = {REGISTRY_HOST: (str(REGISTRY),)}
    for balancer in world.load_balancers:
        names[balancer.dns_name] = tuple(node.public_ip or node.private_ip for node in nodes[balancer.arn])
    for instance in world.instances:
        host = "ip-" + instance.private_ip.replace(".", "-")
        names[f"{host}.{layout.domain}"] = (instance.private_ip,)
    return names | {name: (address,) for name, address in databases.items()}


def host_names(world: World, nodes: Nodes, published: Names) -> dict[str, tuple[str, ...]]:
    """The names that are for this machine as well: internet-facing load balancers, the registry, what is published."""
    names: dict[str, tuple[str, ...]] = {REGISTRY_HOST: (str(REGISTRY),)}
    for balancer in world.load_balancers:
        if public := tuple(node.public_ip for node in nodes[balancer.arn] if node.public_ip):
            names[balancer.dns_name] = public
    return names | {name: addresses or (str(EDGE),) for name, addresses in published.items()}


def hosts_lines(names: Names) -> str:
    """In the format of hosts(5)."""
    return "".join(f"{address} {name}\n" for name, addresses in sorted(names.items()) for address in addresses)


def _markers(layout: Layout) -> tuple[str, str]:
    return f"{BEGIN}{layout.name}", f"# end local-region {layout.name}"


def regions(path: Path = HOSTS) -> set[str]:
    """The names of the regions that have a block in the hosts file."""
    return {line.removeprefix(BEGIN) for line in path.read_text().splitlines() if line.startswith(BEGIN)}


def _without_block(lines: Iterable[str], begin: str, end: str) -> list[str]:
    kept, inside = [], False
    for line in lines:
        if line.strip() == begin:
            inside = True
        elif inside and line.strip() == end:
            inside = False
        elif not inside:
            kept.append(line)
    return kept


def write_hosts_block(layout: Layout, names: Names, path: Path = HOSTS) -> None:
    """Set the region's block in the hosts file; no names, no block. Written in place: the file may be a mount."""
    begin, end = _markers(layout)
    with path.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        before = file.read()
        lines = _without_block(before.splitlines(), begin, end)
        if names:
            lines += [begin, *hosts_lines(names).splitlines(), end]
        after = "\n".join(lines) + "\n"
        if after != before:
            file.seek(0)
            file.truncate()
            file.write(after)
