"""Load balancers' bodies: one HAProxy a node, which nodes are named in DNS, and what their health checks saw.

A node is named while it can serve: it answers from outside, each target group has healthy targets in its eyes, and no
zonal shift moves traffic away from its zone. Three probes find a dead node within 10 seconds; AWS publishes no time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping
from typing import Literal

from docker.errors import DockerException

from local_region.plane.docker import haproxy
from local_region.plane.docker.balancer_node import REGISTERING, NodeBody, TargetKey
from local_region.plane.docker.ca import Authority
from local_region.plane.docker.engine import Body, Engine, Leg, Mount
from local_region.plane.docker.layout import Layout
from local_region.plane.docker.services import CONFIG, two_legged
from local_region.plane.docker.workqueue import NotReady
from local_region.world import LoadBalancer, Node, Target, TargetGroup, TargetHealth, World

log = logging.getLogger(__name__)

PERIOD = 0.5  # seconds between two looks at the nodes' checks
PROBE_PERIOD = 2.0  # seconds between two probes of a node

NOT_IN_USE = TargetHealth(
    "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
)


class Balancers:
    """All load balancers of a region."""

    def __init__(self, layout: Layout, engine: Engine, authority: Authority, image: str) -> None:
        self._layout = layout
        self._engine = engine
        self._authority = authority
        self._image = image
        self._lock = threading.Lock()
        self._nodes: dict[str, dict[str, NodeBody]] = {}  # load balancer's name -> subnet -> node
        self._ready: set[str] = set()  # ARNs
        self._health: Mapping[TargetKey, TargetHealth] = {}

    # making

    def reconcile(self, name: str, world: World) -> bool:
        """Make the nodes of the load balancer called ``name``; False when there is more to do later.

        Raises:
            NotReady: a network or a proxy isn't up yet.
        """
        balancer = next((b for b in world.load_balancers if b.name == name), None)
        wanted = {node.subnet_id: node for node in balancer.nodes} if balancer else {}
        nodes = self._nodes.setdefault(name, {})
        for subnet_id in nodes.keys() - wanted.keys():
            self._engine.remove("alb", nodes[subnet_id].id)
            with self._lock:
                del nodes[subnet_id]
        if balancer is None:
            with self._lock:
                self._nodes.pop(name, None)
                self._ready = {b.arn for b in world.load_balancers if b.arn in self._ready}
            return True
        done, failures = True, []
        for node in wanted.values():  # trouble with one node is no reason to leave the other behind
            try:
                done = self._reconcile_node(balancer, node, world) and done
            except (NotReady, RuntimeError, DockerException) as error:
                failures.append(error)
        if failures:
            raise failures[0]
        self._ready.add(balancer.arn)
        return done

    def _reconcile_node(self, balancer: LoadBalancer, node: Node, world: World) -> bool:
        nodes = self._nodes[balancer.name]
        zone = next(s.zone for s in world.subnets if s.id == node.subnet_id)
        body = nodes.get(node.subnet_id) or NodeBody(self._layout, self._engine, balancer.name, node, zone)
        body.node = node
        with self._lock:
            nodes[node.subnet_id] = body
        return body.reconcile(self._body(body, world), balancer, _by_arn(world), self._authority)

    def _body(self, body: NodeBody, world: World) -> Body:
        node = body.node
        subnet = next(s for s in world.subnets if s.id == node.subnet_id)
        vpc = next(v for v in world.vpcs if v.id == subnet.vpc_id)
        legs: tuple[Leg, ...] = (Leg(subnet.id, node.private_ip),)
        routes: dict[str, str] = {}
        if node.public_ip:
            legs, routes = two_legged(subnet, vpc, node.private_ip, node.public_ip)
        return Body("alb", body.id, self._image, legs, ("haproxy",), routes, (Mount(str(body.folder), CONFIG),))

    def states(self, world: World) -> dict[str, Literal["provisioning", "active", "failed"]]:
        """ARN -> state."""
        return {b.arn: "active" if b.arn in self._ready else "provisioning" for b in world.load_balancers}

    # watching

    def _bodies(self, balancer: LoadBalancer) -> list[NodeBody]:
        with self._lock:
            return list(self._nodes.get(balancer.name, {}).values())

    def probe(self, world: World) -> None:
        """See of every node whether it answers from outside; one without a listener has nothing to answer with."""
        for balancer in world.load_balancers:
            ports = sorted(listener.port for listener in balancer.listeners)
            for node in self._bodies(balancer) if ports else ():
                was_dead = node.dead
                node.probe(ports[0])
                if node.dead != was_dead:
                    log.info("load balancer node %s %s", node.id, "is dead" if node.dead else "answers again")

    def health(self, world: World) -> dict[TargetKey, TargetHealth]:
        """Every target's health, in the eyes of the nodes that answer."""
        groups = _by_arn(world)
        seen: dict[TargetKey, list[TargetHealth]] = {}
        for balancer in world.load_balancers:
            nodes = self._bodies(balancer)
            for node in nodes:
                node.look(balancer, groups)
            voters = [node for node in nodes if not node.failures] or nodes
            unseen = {_key(group, target): REGISTERING for group in haproxy.used_groups(balancer, groups)
                      for target in group.targets}  # fmt: skip
            for health in [node.seen for node in voters] or [unseen]:
                for key, value in health.items():
                    seen.setdefault(key, []).append(value)
        every = {_key(group, target): [NOT_IN_USE] for group in world.target_groups for target in group.targets}
        agreed = {key: agreement(values, self._health.get(key)) for key, values in (every | seen).items()}
        self._health = agreed
        return agreed

    def in_dns(self, world: World) -> dict[str, tuple[Node, ...]]:
        """ARN -> the nodes that the load balancer's name stands for now."""
        groups = _by_arn(world)
        return {b.arn: self._named(b, haproxy.used_groups(b, groups)) for b in world.load_balancers}

    def _named(self, balancer: LoadBalancer, groups: list[TargetGroup]) -> tuple[Node, ...]:
        """The best nodes there are: a name never stands for nothing, as Route 53 fails open."""
        bodies = self._bodies(balancer)
        answering = [body for body in bodies if not body.dead]
        here = [body for body in answering if body.zone not in balancer.zones_away]
        able = [body for body in here if all(_serves(body, group) for group in groups)]
        best = {body.node.subnet_id for body in able or here or answering}
        return tuple(node for node in balancer.nodes if node.subnet_id in best) or balancer.nodes


def _by_arn(world: World) -> dict[str, TargetGroup]:
    return {group.arn: group for group in world.target_groups}


def _key(group: TargetGroup, target: Target) -> TargetKey:
    return group.arn, target.id, target.port


def _serves(body: NodeBody, group: TargetGroup) -> bool:
    """Whether the node sees so many healthy targets as target_group_health.dns_failover asks for."""
    healthy = [key for key, health in body.seen.items() if key[0] == group.arn and health.state == "healthy"]
    return len(healthy) >= group.dns_minimum


def agreement(values: Iterable[TargetHealth], before: TargetHealth | None) -> TargetHealth:
    """What the nodes say of a target. Where they differ it is as it was before: it becomes healthy when every node may
    use it, and unhealthy when none can."""
    by_state = {value.state: value for value in values}
    if len(by_state) > 1 and before and before.state in by_state:
        return before
    order = ("draining", "initial", "unhealthy", "healthy", "unused")
    return min(by_state.values(), key=lambda value: order.index(value.state))
