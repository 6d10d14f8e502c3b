"""The data plane of containers: a level-triggered reconciler between a ``World`` and its bodies.

``apply`` only notes the world and queues a key for everything in it that changed. Workers make networks, rules and
routes (the key ``fabric``), and each body by its own key; what fails is tried again with a backoff, what waits for
something else soon.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Container, Hashable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from typing import Literal

from local_region.plane.docker import balancers, databases, firewall, leftovers, names, routing
from local_region.plane.docker.addresses import AddressBook
from local_region.plane.docker.balancers import Balancers
from local_region.plane.docker.ca import Authority
from local_region.plane.docker.commands import Commands
from local_region.plane.docker.databases import Backups, Databases, Servers
from local_region.plane.docker.engine import Body, Engine
from local_region.plane.docker.firewall import Fabric, Interface
from local_region.plane.docker.images import build
from local_region.plane.docker.instances import Instances
from local_region.plane.docker.layout import OUTSIDE, REGISTRY_HOST, Layout
from local_region.plane.docker.networks import Networks
from local_region.plane.docker.services import Services, nat_gateway
from local_region.plane.docker.workqueue import NotReady, WorkQueue
from local_region.settings import Settings
from local_region.world import Backup, Database, Instance, NatGateway, Observed, TargetHealth, World

log = logging.getLogger(__name__)

WORKERS = 6
RESYNC = 5.0  # seconds between two looks at bodies that nobody changed: one may have died
FABRIC = ("fabric", "")
Key = tuple[str, str]


class PlaneError(RuntimeError):
    """The plane is used before it was started."""


@dataclass(frozen=True)
class _Parts:
    """What ``start`` makes."""

    authority: Authority
    services: Services
    instances: Instances
    commands: Commands
    balancers: Balancers
    databases: Databases
    services_image: str


class DockerPlane:
    """Implements ``local_region.world.DataPlane``."""

    def __init__(self, settings: Settings) -> None:
        self._layout = Layout(settings)
        self._backups = settings.state_dir / "backups"
        self._engine = Engine(self._layout)
        self._networks = Networks(self._layout, self._engine)
        self._world = World()
        self._published: names.Names = {}
        self._named: names.Nodes = {}  # that load balancers' names stand for
        self._lock = threading.Lock()
        self._publishing = threading.Lock()  # names are published by several keys' work
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._queue: WorkQueue | None = None
        self._parts: _Parts | None = None
        self._observed = Observed()
        self._health: dict[tuple[str, str, int], TargetHealth] = {}
        self._refused: set[str] = set()  # VPCs
        self._made: set[str] = set()  # networks
        self._nats: dict[str, Literal["pending", "available", "failed"]] = {}

    @property
    def _ready(self) -> _Parts:
        if self._parts is None:
            raise PlaneError("the data plane has not been started")
        return self._parts

    # the protocol

    def start(self) -> None:
        """Build the images that are missing, clear what a killed region left behind, make what every world needs."""
        self._clear()
        leftovers.clear_dead(self._layout, self._engine)
        images = build()
        settings = self._layout.settings
        self._layout.runtime_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        authority = Authority(settings.secrets_dir, settings.state_dir / "ca.crt", settings.name)
        routing.open_host(self._layout)
        firewall.load(firewall.render(self._layout, Fabric()))
        services = Services(self._layout, self._engine, authority, images.services)
        services.start()
        self._parts = _Parts(
            authority,
            services,
            Instances(self._layout, self._engine, images, authority.pem),
            Commands(self._engine),
            Balancers(self._layout, self._engine, authority, images.services),
            self._make_databases(authority, images.services),
            images.services,
        )
        self._trust_registry(authority)
        self._queue = WorkQueue(self._work, WORKERS)
        self._loop("resync", RESYNC, self._resync)
        self._loop("health", balancers.PERIOD, self._check_health)
        self._loop("nodes", balancers.PROBE_PERIOD, self._probe_nodes)
        self._loop("databases", databases.PERIOD, self._watch_databases)
        self._queue.add(FABRIC)

    def apply(self, world: World) -> None:
        """Take ``world`` as what there should be. What is in a VPC that overlaps an earlier one gets no body."""
        refused = _overlaps(world)
        for vpc_id in refused.keys() - self._refused:
            log.error("no bodies in VPC %s", refused[vpc_id])
        self._refused = set(refused)
        world = _without(world, refused)
        with self._lock:
            before, self._world = self._world, world
        if self._queue is None:
            raise PlaneError("the data plane has not been started")
        self._queue.add(FABRIC)
        for key in {*_keys(before), *_keys(world)}:
            if _relevant(before, key) != _relevant(world, key):
                self._queue.add(key)

    def observe(self) -> Observed:
        """What the bodies do; at most half a second old."""
        parts = self._parts
        if parts is None:
            return Observed()
        world = self._world
        return Observed(
            instances=self._observed.instances,
            commands=parts.commands.results(),
            targets=dict(self._health),
            load_balancers=parts.balancers.states(world),
            nat_gateways={n.id: self._nats.get(n.id, "pending") for n in world.nat_gateways},
            databases=parts.databases.states(world),
            backups=parts.databases.backups(world),
        )

    def stop(self) -> None:
        """Remove every body and every trace on the host."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        if self._queue:
            self._queue.close()
        self._clear()

    # what else the control plane may call

    def publish_names(self, mapping: names.Names) -> None:
        """Let this machine resolve more names, S3 websites' say; a name without addresses gets the edge's."""
        with self._lock:
            self._published = dict(mapping)
        self._add(("names", ""))

    # work

    def _add(self, key: Key) -> None:
        if self._queue:
            self._queue.add(key)

    def _work(self, key: Hashable) -> None:
        kind, id_ = key if isinstance(key, tuple) else ("", "")
        handlers: dict[str, Callable[[str], None]] = {
            "fabric": lambda _: self._make_fabric(),
            "names": lambda _: self._publish(),
            "nat": self._make_nat,
            "instance": self._make_instance,
            "commands": lambda _: self._ready.commands.reconcile(self._world),
            "balancer": self._make_balancer,
            "database": self._make_database,
            "backup": lambda id_: self._ready.databases.back_up(id_, self._world),
        }
        handlers[kind](id_)

    def _make_databases(self, authority: Authority, image: str) -> Databases:
        servers = Servers(self._layout, self._engine, authority, image, AddressBook())
        backups = Backups(servers, self._backups)
        return Databases(servers, backups, self._databases_changed)

    def _make_fabric(self) -> None:
        """Networks, security groups, routes: everything that must be right before a body starts."""
        parts, world = self._ready, self._world
        parts.databases.plan(world)
        wanted = {subnet.id: subnet.cidr for subnet in world.subnets}
        present = self._networks.present()
        firewall.load(firewall.render(self._layout, self._fabric(world)))
        for name in wanted.keys() - present.keys():
            self._networks.create(name, wanted[name])
        routing.serve_resolver_addresses(self._layout, world)
        routing.reconcile(self._layout, world)
        self._made = set(wanted)
        self._publish()
        for name in present.keys() - wanted.keys() - {"outside", "services"}:
            self._networks.remove(name)

    def _fabric(self, world: World) -> Fabric:
        interfaces = [Interface(i.private_ip, i.security_group_ids) for i in world.instances]
        interfaces += [Interface(nat.private_ip, public=nat.public_ip or None) for nat in world.nat_gateways]
        interfaces += [
            Interface(node.private_ip, balancer.security_group_ids, node.public_ip)
            for balancer in world.load_balancers
            for node in balancer.nodes
        ]
        interfaces += [Interface(address, groups) for address, groups in self._ready.databases.interfaces(world)]
        peers = tuple(self._ready.databases.peers())
        groups, acls = world.security_groups, world.network_acls
        return Fabric(world.vpcs, world.subnets, groups, tuple(interfaces), peers, acls)

    def _publish(self) -> None:
        parts = self._ready
        with self._publishing:
            world = self._world
            nodes = self._named = parts.balancers.in_dns(world)
            inside = names.vpc_names(self._layout, world, nodes, parts.databases.endpoints())
            parts.services.publish(names.hosts_lines(inside))
            names.write_hosts_block(self._layout, names.host_names(world, nodes, self._published))

    def _require_networks(self, *subnet_ids: str) -> None:
        missing = set(subnet_ids) - self._made
        if missing:
            raise NotReady(f"network {', '.join(sorted(missing))} isn't there yet")

    def _make_nat(self, id_: str) -> None:
        world = self._world
        nat = next((n for n in world.nat_gateways if n.id == id_), None)
        if nat is None or not nat.public_ip:
            self._engine.remove("nat", id_)
            self._nats.pop(id_, None)
            return
        self._require_networks(nat.subnet_id)
        self._engine.ensure(self._nat_body(nat, world))
        self._nats[id_] = "available"

    def _nat_body(self, nat: NatGateway, world: World) -> Body:
        subnet = next(s for s in world.subnets if s.id == nat.subnet_id)
        vpc = next(v for v in world.vpcs if v.id == subnet.vpc_id)
        return nat_gateway(self._ready.services_image, nat, subnet, vpc)

    def _make_instance(self, id_: str) -> None:
        world = self._world
        self._require_networks(*(i.subnet_id for i in world.instances if i.id == id_))
        self._ready.instances.reconcile(id_, world)
        self._see_instances()

    def _make_balancer(self, name: str) -> None:
        world = self._world
        self._require_networks(*(n.subnet_id for b in world.load_balancers if b.name == name for n in b.nodes))
        if not self._ready.balancers.reconcile(name, world):
            raise NotReady(f"a server that was removed from {name} still has connections")

    def _make_database(self, id_: str) -> None:
        world = self._world
        self._require_networks(*(s for d in world.databases if d.id == id_ for s in d.subnet_ids))
        self._ready.databases.reconcile(id_, world)

    # watching

    def _loop(self, name: str, period: float, work: Callable[[], None]) -> None:
        def run() -> None:
            while not self._stopping.wait(period):
                try:
                    work()
                except Exception:
                    log.exception("%s failed; it is tried again", name)

        thread = threading.Thread(target=run, name=f"plane-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _resync(self) -> None:
        for key in _keys(self._world):
            self._add(key)
        self._see_instances()

    def _see_instances(self) -> None:
        self._observed = Observed(instances=self._ready.instances.states(self._world))

    def _check_health(self) -> None:
        balancers, world = self._ready.balancers, self._world
        self._health = balancers.health(world)
        if balancers.in_dns(world) != self._named:
            self._add(("names", ""))
        self._see_instances()

    def _probe_nodes(self) -> None:
        self._ready.balancers.probe(self._world)

    def _watch_databases(self) -> None:
        for id_ in self._ready.databases.watch(self._world):
            self._add(("database", id_))

    def _databases_changed(self) -> None:
        self._add(("names", ""))  # at once: clients wait for it
        self._add(FABRIC)

    # the host

    def _trust_registry(self, authority: Authority) -> None:
        """Let this machine's engine pull from the region's registry by its name."""
        folder = leftovers.CERTS / REGISTRY_HOST
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ca.crt").write_bytes(authority.pem)

    def _clear(self) -> None:
        leftovers.clear(self._layout, self._engine)
        shutil.rmtree(self._backups, ignore_errors=True)


def _keys(world: World) -> Iterator[Key]:
    yield from (("nat", nat.id) for nat in world.nat_gateways)
    yield from (("instance", instance.id) for instance in world.instances)
    yield ("commands", "")
    yield from (("balancer", balancer.name) for balancer in world.load_balancers)
    yield from (("database", database.id) for database in world.databases)
    yield from (("backup", backup.id) for backup in world.backups)


def _relevant(world: World, key: Key) -> object:
    """The part of a world that the body of ``key`` depends on."""
    kind, id_ = key
    if kind == "commands":
        return world.commands
    if kind == "balancer":
        return [b for b in world.load_balancers if b.name == id_], world.target_groups
    resources: tuple[NatGateway | Instance | Database | Backup, ...] = (
        *world.nat_gateways, *world.instances, *world.databases, *world.backups,
    )  # fmt: skip
    return [resource for resource in resources if resource.id == id_]


def _overlaps(world: World) -> dict[str, str]:
    """VPCs that can't have bodies -> why not: they overlap an earlier one, or the region's own networks."""
    taken = [("the local region's own networks", OUTSIDE.supernet(1))]
    refused = {}
    for vpc in world.vpcs:
        network = IPv4Network(vpc.cidr)
        clash = next((f"{name} ({other})" for name, other in taken if network.overlaps(other)), None)
        if clash:
            refused[vpc.id] = (
                f"{vpc.id} ({network}) overlaps {clash}: one host routes both, so give them different CIDRs"
            )
        else:
            taken.append((vpc.id, network))
    return refused


def _without(world: World, vpc_ids: Container[str]) -> World:
    """``world`` less everything that is in these VPCs."""
    subnets = tuple(s for s in world.subnets if s.vpc_id not in vpc_ids)
    kept = {subnet.id for subnet in subnets}
    bodies = {instance.id for instance in world.instances if instance.subnet_id in kept}
    return replace(
        world,
        vpcs=tuple(v for v in world.vpcs if v.id not in vpc_ids),
        subnets=subnets,
        route_tables=tuple(t for t in world.route_tables if t.vpc_id not in vpc_ids),
        security_groups=tuple(g for g in world.security_groups if g.vpc_id not in vpc_ids),
        network_acls=tuple(a for a in world.network_acls if a.vpc_id not in vpc_ids),
        nat_gateways=tuple(n for n in world.nat_gateways if n.subnet_id in kept),
        instances=tuple(i for i in world.instances if i.subnet_id in kept),
        commands=tuple(c for c in world.commands if c.instance_id in bodies),
        load_balancers=tuple(b for b in world.load_balancers if kept.issuperset(n.subnet_id for n in b.nodes)),
        databases=tuple(d for d in world.databases if kept.issuperset(d.subnet_ids)),
    )
