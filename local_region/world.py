"""What the control plane asks of the data plane, and what the data plane saw.

``World`` is a snapshot of every resource that has a body: the control plane makes
it from moto's state, and a data plane makes the bodies equal to it. ``Observed``
is the answer: what each body is doing. Nothing else passes between the two, so a
data plane of containers and one of pure model are exchangeable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Protocol

Protocols = Literal["tcp", "udp", "icmp", "-1"]


@dataclass(frozen=True)
class Subnet:
    id: str
    vpc_id: str
    cidr: str
    zone: str
    route_table_id: str
    network_acl_id: str = ""


@dataclass(frozen=True)
class Route:
    """One route. ``target`` is "local", an internet gateway's id, a NAT gateway's id, or "" for a blackhole."""

    destination: str
    target: str


@dataclass(frozen=True)
class RouteTable:
    id: str
    vpc_id: str
    routes: tuple[Route, ...]


@dataclass(frozen=True)
class Vpc:
    id: str
    cidr: str
    internet_gateway_id: str | None


@dataclass(frozen=True)
class NatGateway:
    id: str
    subnet_id: str
    private_ip: str
    public_ip: str


@dataclass(frozen=True)
class Rule:
    """A security group's rule; exactly one of ``cidr`` and ``group_id`` is set. Ports are None for "-1" and icmp."""

    direction: Literal["ingress", "egress"]
    protocol: Protocols
    from_port: int | None
    to_port: int | None
    cidr: str | None = None
    group_id: str | None = None


@dataclass(frozen=True)
class SecurityGroup:
    id: str
    vpc_id: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class NetworkAclEntry:
    """``protocol`` is "-1" for all, or an IANA number ("6" is TCP). Ports are None for other protocols than TCP and
    UDP; -1 as ICMP type or code means all."""

    number: int
    direction: Literal["ingress", "egress"]
    action: Literal["allow", "deny"]
    protocol: str
    cidr: str
    from_port: int | None = None
    to_port: int | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None


@dataclass(frozen=True)
class NetworkAcl:
    """Stateless, and asked only where traffic crosses a subnet's boundary. ``entries`` are in ascending number."""

    id: str
    vpc_id: str
    entries: tuple[NetworkAclEntry, ...]


@dataclass(frozen=True)
class Instance:
    """An EC2 instance. ``boots`` counts reboots and stop/starts: when it grows the body is restarted, its disk kept."""

    id: str
    image_id: str
    subnet_id: str
    private_ip: str
    security_group_ids: tuple[str, ...]
    user_data: bytes = field(repr=False)
    wanted: Literal["running", "stopped"] = "running"
    boots: int = 1


@dataclass(frozen=True)
class Command:
    """A shell script that root runs once on an instance, for ``timeout`` seconds at most. It is killed when it leaves
    the world before its end."""

    id: str
    instance_id: str
    script: str = field(repr=False)
    working_directory: str
    timeout: int


@dataclass(frozen=True)
class HealthCheck:
    """Times in seconds. ``port`` None means the port of the target ("traffic-port")."""

    protocol: Literal["HTTP", "HTTPS"]
    path: str
    port: int | None
    interval: int
    timeout: int
    healthy_threshold: int
    unhealthy_threshold: int
    matcher: str  # as ELB writes it: "200", "200,202", "200-299"


@dataclass(frozen=True)
class Target:
    id: str  # the instance's id, or the address of an "ip" target
    address: str
    port: int
    zone: str | None = None


@dataclass(frozen=True)
class TargetGroup:
    arn: str
    name: str
    health_check: HealthCheck
    targets: tuple[Target, ...]
    algorithm: Literal["round_robin", "least_outstanding_requests"] = "round_robin"
    protocol: Literal["HTTP", "HTTPS"] = "HTTP"
    draining: tuple[Target, ...] = ()  # deregistered, their delay not yet over: they finish the requests they have
    slow_start: int = 0  # seconds in which a new target's share grows to the whole
    cookie_seconds: int | None = None  # how long a session sticks to its target; None: it doesn't
    cross_zone: bool = True
    dns_minimum: int = 1  # healthy targets that a zone needs to be in DNS
    routing_minimum: int = 1  # healthy targets without which requests go to all, healthy or not

    def in_zone(self, zone: str) -> TargetGroup:
        """What the load balancer's node in ``zone`` sends requests to."""
        if self.cross_zone:
            return self
        targets, draining = (tuple(t for t in some if t.zone == zone) for some in (self.targets, self.draining))
        return replace(self, targets=targets, draining=draining)


@dataclass(frozen=True)
class Certificate:
    """A server certificate of ACM for ``names``. ``pem`` holds certificate, chain and key of an imported one; one that
    Amazon issues has none, and the region's own authority stands in for Amazon's."""

    arn: str
    names: tuple[str, ...]
    pem: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Listener:
    """A listener in the API's own shapes: ``default_actions`` and ``rules`` as DescribeListeners/DescribeRules return
    them (rules ordered by priority, the default rule left out)."""

    arn: str
    port: int
    protocol: Literal["HTTP", "HTTPS"]
    default_actions: tuple[Mapping[str, object], ...]
    rules: tuple[Mapping[str, object], ...] = ()
    certificates: tuple[Certificate, ...] = ()  # of HTTPS: the default one, then those that are chosen by name
    headers: tuple[tuple[str, str], ...] = ()  # that every response gets: name and value
    server: bool = True  # whether responses keep the header Server


@dataclass(frozen=True)
class Node:
    """A load balancer's node: one an Availability Zone. ``public_ip`` is None for an internal load balancer."""

    subnet_id: str
    private_ip: str
    public_ip: str | None


@dataclass(frozen=True)
class LoadBalancer:
    arn: str
    name: str
    dns_name: str
    security_group_ids: tuple[str, ...]
    nodes: tuple[Node, ...]
    listeners: tuple[Listener, ...]
    zones_away: tuple[str, ...] = ()  # that a zonal shift moves traffic away from
    idle_timeout: int = 60  # seconds
    client_keep_alive: int = 3600  # seconds
    http2: bool = True
    forwarded_for: Literal["append", "preserve", "remove"] = "append"


@dataclass(frozen=True)
class Database:
    """A PostgreSQL instance. ``subnet_ids`` is its subnet group; the first one's zone holds the primary at creation.

    ``reboots`` and ``failovers`` count what was asked for: when one grows, PostgreSQL is restarted, or the standby
    takes over. DatabaseState's say how many of them are done.
    """

    id: str
    address: str  # the endpoint's DNS name
    port: int
    engine_version: str
    name: str | None
    username: str
    password: str = field(repr=False)
    subnet_ids: tuple[str, ...] = ()
    security_group_ids: tuple[str, ...] = ()
    multi_az: bool = True
    reboots: int = 0
    failovers: int = 0
    backup_id: str | None = None  # that its data comes from
    source_id: str | None = None  # the database that it follows, as long as it is a read replica


@dataclass(frozen=True)
class Backup:
    """A copy of a database's data as of when the backup is first asked for."""

    id: str
    database_id: str


@dataclass(frozen=True)
class World:
    vpcs: tuple[Vpc, ...] = ()
    subnets: tuple[Subnet, ...] = ()
    route_tables: tuple[RouteTable, ...] = ()
    nat_gateways: tuple[NatGateway, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    network_acls: tuple[NetworkAcl, ...] = ()
    instances: tuple[Instance, ...] = ()
    commands: tuple[Command, ...] = ()
    target_groups: tuple[TargetGroup, ...] = ()
    load_balancers: tuple[LoadBalancer, ...] = ()
    databases: tuple[Database, ...] = ()
    backups: tuple[Backup, ...] = ()


@dataclass(frozen=True)
class TargetHealth:
    """As DescribeTargetHealth tells it: state initial|healthy|unhealthy|draining|unused, and ELB's reason code."""

    state: str
    reason: str | None = None
    description: str | None = None


Happening = Literal[
    "shutdown", "restarted", "failover started", "failover completed", "failover abandoned", "recovery started",
    "recovery completed", "standby recovery started", "standby recovery completed",
]  # fmt: skip
Cause = Literal["requested", "unhealthy", "unreachable", "unresponsive"]


@dataclass(frozen=True)
class DatabaseEvent:
    """Something that happened to a database's bodies; ``cause`` is told of a completed failover."""

    at: datetime
    what: Happening
    cause: Cause | None = None


@dataclass(frozen=True)
class CommandResult:
    """``code`` is None while it runs, and when its time was up."""

    status: Literal["running", "exited", "timed out"]
    code: int | None = None
    stdout: str = field(default="", repr=False)
    stderr: str = field(default="", repr=False)


@dataclass(frozen=True)
class DatabaseState:
    """``zone`` says where the primary is; ``standby_zone`` where a standby is that can take over, None while none can.

    ``events`` only grows, and is in the order of time.
    """

    status: Literal["creating", "available", "failed"]
    zone: str | None = None
    standby_zone: str | None = None
    reboots: int = 0
    failovers: int = 0
    events: tuple[DatabaseEvent, ...] = ()


@dataclass(frozen=True)
class Observed:
    """What the bodies do. A resource that has no entry has no body yet (or not any more)."""

    instances: Mapping[str, Literal["pending", "running", "stopping", "stopped"]] = field(default_factory=dict)
    commands: Mapping[tuple[str, str], CommandResult] = field(default_factory=dict)  # (command id, instance id)
    targets: Mapping[tuple[str, str, int], TargetHealth] = field(default_factory=dict)  # (group ARN, target id, port)
    load_balancers: Mapping[str, Literal["provisioning", "active", "failed"]] = field(default_factory=dict)
    nat_gateways: Mapping[str, Literal["pending", "available", "failed"]] = field(default_factory=dict)
    databases: Mapping[str, DatabaseState] = field(default_factory=dict)
    backups: Mapping[str, Literal["creating", "available"]] = field(default_factory=dict)


class DataPlane(Protocol):
    """A provider of bodies. Every call returns soon: slow work goes on in the plane's own threads."""

    def start(self) -> None:
        """Make what every world needs (networks, registry, DNS), clearing what a killed region left behind."""

    def apply(self, world: World) -> None:
        """Take ``world`` as what there should be from now on. A resource no longer in it loses its body."""

    def observe(self) -> Observed:
        """What the bodies do now."""

    def stop(self) -> None:
        """Remove every body. Nothing labelled with the region's name is left."""
