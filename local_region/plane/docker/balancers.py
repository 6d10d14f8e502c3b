"""Load balancers' bodies: one HAProxy a node, and what their health checks saw."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from docker.errors import DockerException

from local_region.plane.docker import haproxy
from local_region.plane.docker.ca import Authority, write_private
from local_region.plane.docker.engine import Body, Engine, Leg, Mount
from local_region.plane.docker.layout import Layout
from local_region.plane.docker.proxy import Proxy, ProxyError, ServerStatus
from local_region.plane.docker.services import CONFIG, two_legged
from local_region.plane.docker.workqueue import NotReady
from local_region.world import LoadBalancer, Node, TargetGroup, TargetHealth, World

log = logging.getLogger(__name__)

PERIOD = 0.5  # seconds between two looks at the nodes' checks
RELOAD_TIMEOUT = 10.0  # seconds a new worker may take
TARGET_KEY = tuple[str, str, int]

REGISTERING = TargetHealth("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
CHECKING = TargetHealth("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
NOT_IN_USE = TargetHealth(
    "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
)
HEALTHY = TargetHealth("healthy")


def failure(status: ServerStatus) -> TargetHealth:
    """A failed check in ELB's words."""
    check = status.check.removeprefix("* ")
    if check == "L7STS":
        return TargetHealth(
            "unhealthy", "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{status.code}]"
        )
    if check in {"L4TOUT", "L6TOUT", "L7TOUT"}:
        return TargetHealth("unhealthy", "Target.Timeout", "Request timed out")
    return TargetHealth("unhealthy", "Target.FailedHealthChecks", "Health checks failed")


class NodeBody:
    """One node. ``reconcile`` is called by one thread at a time, ``look`` by another."""

    def __init__(self, layout: Layout, engine: Engine, balancer: str, node: Node) -> None:
        self.id = f"{balancer}-{node.subnet_id}"
        self.folder = layout.runtime_dir / "alb" / self.id
        self.proxy = Proxy(self.folder / "admin.sock")
        self.fresh: dict[
            tuple[str, str], float
        ] = {}  # (backend, server) that has not passed a check -> when it was added
        self._engine = engine
        self._structure: str | None = None

    def reconcile(self, body: Body, balancer: LoadBalancer, groups: Mapping[str, TargetGroup]) -> bool:
        """Make configuration and servers those of ``balancer``; False while a removed server still has connections."""
        for name, content in haproxy.bodies(balancer).items():
            (self.folder / name).write_text(content)
        structure = haproxy.render(balancer, groups, with_servers=False)
        found = self._engine.inspect(body.kind, body.id)
        if found is None or not found["State"]["Running"]:
            (self.folder / "haproxy.cfg").write_text(structure)
            (self.folder / "state").write_text("1\n")
            (self.folder / "admin.sock").unlink(missing_ok=True)
            self.fresh.clear()
            self._structure = structure
        self._engine.ensure(body)
        if structure != self._structure:
            self._reload(body, haproxy.render(balancer, groups, with_servers=True))
            self._structure = structure
        return self._sync(haproxy.used_groups(balancer, groups))

    def _reload(self, body: Body, config: str) -> None:
        """Hand over to a new worker; the old one finishes its requests. A configuration that HAProxy refuses changes
        nothing."""
        (self.folder / "next.cfg").write_text(config)
        self._engine.run(body.kind, body.id, ["haproxy", "-c", "-q", "-f", f"{CONFIG}/next.cfg"])
        (self.folder / "state").write_text(self.proxy.server_state())
        (self.folder / "next.cfg").replace(self.folder / "haproxy.cfg")
        before = self.proxy.pid()
        self._engine.signal(body.kind, body.id, "USR2")
        deadline = time.monotonic() + RELOAD_TIMEOUT
        while time.monotonic() < deadline:
            try:
                if self.proxy.pid() != before:
                    return
            except ProxyError:
                pass  # between the two workers the socket may be away for a moment
            time.sleep(0.05)
        raise ProxyError(f"node {self.id} didn't reload within {RELOAD_TIMEOUT:.0f} s")

    def _sync(self, groups: list[TargetGroup]) -> bool:
        try:
            present = dict(self.proxy.servers())
        except ProxyError as error:
            raise NotReady(str(error)) from error
        wanted = {
            (name, haproxy.server(target)): haproxy.server_words(group, target, checked)
            for group in groups
            for target in group.targets
            for name, checked in ((haproxy.backend(group), True), (haproxy.fail_open(group), False))
        }
        clean = True
        for key, status in list(present.items()):
            if key not in wanted or status.in_maintenance:
                gone = self.proxy.retire(*key)
                clean = clean and gone
                self.fresh.pop(key, None)
                if gone:
                    del present[key]
        for key in wanted.keys() - present.keys():
            self.proxy.add(*key, wanted[key])
            self.fresh[key] = time.monotonic()
        return clean

    def look(self, groups: list[TargetGroup]) -> dict[TARGET_KEY, TargetHealth]:
        """Each target's health as this node sees it. A new target needs one pass only, whatever the healthy
        threshold."""
        try:
            servers = self.proxy.servers()
        except ProxyError:
            servers = {}
        seen = {}
        for group in groups:
            for target in group.targets:
                key = (haproxy.backend(group), haproxy.server(target))
                status = servers.get(key)
                if (
                    status
                    and not status.up
                    and key in self.fresh
                    and status.check.removeprefix("* ") in {"L7OK", "L7OKC"}
                ):
                    self.proxy.mark_up(*key)
                    status = ServerStatus("UP", status.check, status.code)
                seen[group.arn, target.id, target.port] = self._judge(group, key, status)
        return seen

    def _judge(self, group: TargetGroup, key: tuple[str, str], status: ServerStatus | None) -> TargetHealth:
        if status is None or status.in_maintenance:
            return REGISTERING
        check = group.health_check
        if status.up and key not in self.fresh:
            return HEALTHY
        if status.up:
            self.fresh.pop(key, None)
            return HEALTHY
        added = self.fresh.get(key)
        if (
            added is not None
            and time.monotonic() - added < check.interval * (check.unhealthy_threshold - 1) + check.timeout
        ):
            return CHECKING
        self.fresh.pop(key, None)
        return failure(status)


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
        body = nodes.get(node.subnet_id) or NodeBody(self._layout, self._engine, balancer.name, node)
        body.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        certificate = body.folder / "tls.pem"
        if not certificate.exists():
            issued = self._authority.issue(balancer.dns_name)
            write_private(certificate, issued.certificate + issued.key)
        with self._lock:
            nodes[node.subnet_id] = body
        groups = {group.arn: group for group in world.target_groups}
        return body.reconcile(self._body(body.id, body.folder, node, world), balancer, groups)

    def _body(self, id_: str, folder: Path, node: Node, world: World) -> Body:
        subnet = next(s for s in world.subnets if s.id == node.subnet_id)
        vpc = next(v for v in world.vpcs if v.id == subnet.vpc_id)
        legs: tuple[Leg, ...] = (Leg(subnet.id, node.private_ip),)
        routes: dict[str, str] = {}
        if node.public_ip:
            legs, routes = two_legged(subnet, vpc, node.private_ip, node.public_ip)
        return Body("alb", id_, self._image, legs, ("haproxy",), routes, (Mount(str(folder), CONFIG),))

    def states(self, world: World) -> dict[str, Literal["provisioning", "active", "failed"]]:
        """ARN -> state."""
        return {b.arn: "active" if b.arn in self._ready else "provisioning" for b in world.load_balancers}

    def health(self, world: World) -> dict[TARGET_KEY, TargetHealth]:
        """Every target's health: healthy only where all nodes agree, unhealthy when one says so."""
        groups = {group.arn: group for group in world.target_groups}
        seen: dict[TARGET_KEY, list[TargetHealth]] = {}
        for balancer in world.load_balancers:
            used = haproxy.used_groups(balancer, groups)
            with self._lock:
                nodes = list(self._nodes.get(balancer.name, {}).values())
            for health in [node.look(used) for node in nodes] or [self._unseen(used)]:
                for key, value in health.items():
                    seen.setdefault(key, []).append(value)
        every = {(g.arn, t.id, t.port): [NOT_IN_USE] for g in world.target_groups for t in g.targets}
        return {key: _agree(values) for key, values in (every | seen).items()}

    def _unseen(self, groups: list[TargetGroup]) -> dict[TARGET_KEY, TargetHealth]:
        return {(group.arn, target.id, target.port): REGISTERING for group in groups for target in group.targets}


def _agree(values: list[TargetHealth]) -> TargetHealth:
    order = ("unhealthy", "initial", "healthy", "unused")
    return min(values, key=lambda value: order.index(value.state))
