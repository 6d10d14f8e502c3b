"""One node of a load balancer: an HAProxy kept equal to the load balancer, and what it saw of its targets."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from local_region.plane.docker import haproxy
from local_region.plane.docker.ca import Authority, write_private
from local_region.plane.docker.engine import Body, Engine
from local_region.plane.docker.haproxy import Key, Mode
from local_region.plane.docker.haproxy_rules import backends
from local_region.plane.docker.layout import Layout
from local_region.plane.docker.probes import accepts
from local_region.plane.docker.proxy import Proxy, ProxyError, ServerStatus
from local_region.plane.docker.services import CONFIG
from local_region.plane.docker.workqueue import NotReady
from local_region.world import LoadBalancer, Node, TargetGroup, TargetHealth

RELOAD_TIMEOUT = 10.0  # seconds a new worker may take
PROBE_TIMEOUT = 1.0  # seconds
FAILURES = 3  # probes in a row that make a node count as dead
TargetKey = tuple[str, str, int]

REGISTERING = TargetHealth("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
CHECKING = TargetHealth("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
DRAINING = TargetHealth("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
HEALTHY = TargetHealth("healthy")


def failure(status: ServerStatus) -> TargetHealth:
    """A failed check in ELB's words."""
    if status.verdict == "L7STS":
        return TargetHealth(
            "unhealthy", "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{status.code}]"
        )
    if status.verdict in {"L4TOUT", "L6TOUT", "L7TOUT"}:
        return TargetHealth("unhealthy", "Target.Timeout", "Request timed out")
    return TargetHealth("unhealthy", "Target.FailedHealthChecks", "Health checks failed")


class NodeBody:
    """``reconcile`` is called by one thread at a time, ``look`` and ``probe`` by others."""

    def __init__(self, layout: Layout, engine: Engine, balancer: str, node: Node, zone: str) -> None:
        self.id = f"{balancer}-{node.subnet_id}"
        self.node = node
        self.zone = zone
        self.folder = layout.runtime_dir / "alb" / self.id
        self.proxy = Proxy(self.folder / "admin.sock")
        self.seen: Mapping[TargetKey, TargetHealth] = {}  # at the last look
        self.failures = 0  # probes in a row
        self._fresh: dict[Key, float] = {}  # server that has not passed a check -> when it was added
        self._modes: dict[Key, Mode] = {}
        self._engine = engine
        self._structure: str | None = None

    # making

    def reconcile(
        self, body: Body, balancer: LoadBalancer, groups: Mapping[str, TargetGroup], authority: Authority
    ) -> bool:
        """Make configuration and servers those of ``balancer``; False while a removed server still has connections."""
        self._write_files(balancer, authority)
        structure = haproxy.render(balancer, groups)
        found = self._engine.inspect(body.kind, body.id)
        if found is None or not found["State"]["Running"]:
            (self.folder / "haproxy.cfg").write_text(structure)
            (self.folder / "state").write_text("1\n")
            (self.folder / "admin.sock").unlink(missing_ok=True)
            self._fresh.clear()
            self._modes.clear()
            self._structure = structure
        self._engine.ensure(body)
        if structure != self._structure:
            self._reload(body, haproxy.render(balancer, groups, self._present().keys()))
            self._structure = structure
        return self._sync(haproxy.slots(self._served(balancer, groups), balancer.zones_away))

    def _served(self, balancer: LoadBalancer, groups: Mapping[str, TargetGroup]) -> list[TargetGroup]:
        """The target groups as this node sees them: without cross-zone load balancing, with its zone's targets only."""
        return [group.in_zone(self.zone) for group in haproxy.used_groups(balancer, groups)]

    def _write_files(self, balancer: LoadBalancer, authority: Authority) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, content in haproxy.bodies(balancer).items():
            (self.folder / name).write_text(content)
        for listener in balancer.listeners:
            for certificate in listener.certificates:
                path = self.folder / haproxy.certificate_file(certificate)
                if not path.exists():
                    write_private(path, certificate.pem or authority.issue(*certificate.names).pem)

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

    def _present(self) -> Mapping[Key, ServerStatus]:
        try:
            return self.proxy.servers()
        except ProxyError as error:
            raise NotReady(str(error)) from error

    def _sync(self, wanted: Mapping[Key, haproxy.Slot]) -> bool:
        present = self._present()
        clean = True
        for key in present.keys() - wanted.keys():
            gone = self.proxy.remove(*key)
            clean = clean and gone
            self._fresh.pop(key, None)
            self._modes[key] = "maint"
            if gone:
                del self._modes[key]
        for key, slot in wanted.items():
            before: Mode | None = self._modes.get(key, "ready") if key in present else None
            if before is None and slot.mode != "maint":
                self.proxy.add(*key, slot.words)
            if before in {None, "maint"} and slot.mode != "maint":
                self.proxy.begin(*key, slot.checked)
                if slot.checked:
                    self._fresh[key] = time.monotonic()
                before = "ready"
            if before not in {None, slot.mode}:
                self.proxy.switch(*key, slot.mode)
            self._modes[key] = slot.mode
        return clean

    # watching

    def probe(self, port: int) -> None:
        """See whether the node accepts connections from outside, on the port of a listener."""
        answered = accepts(self.node.public_ip or self.node.private_ip, port, PROBE_TIMEOUT)
        self.failures = 0 if answered else self.failures + 1

    @property
    def dead(self) -> bool:
        return self.failures >= FAILURES

    def look(self, balancer: LoadBalancer, groups: Mapping[str, TargetGroup]) -> None:
        """See each target's health. A new target needs one pass only, whatever the healthy threshold."""
        try:
            servers = self.proxy.servers()
        except ProxyError:
            servers = {}
        self.seen = dict(self._look(self._served(balancer, groups), servers))

    def _look(
        self, groups: list[TargetGroup], servers: Mapping[Key, ServerStatus]
    ) -> Iterable[tuple[TargetKey, TargetHealth]]:
        for group in groups:
            for target in group.targets:
                key = (backends(group)[0], haproxy.server(target))
                yield (group.arn, target.id, target.port), self._judge(group, key, servers.get(key))
            for target in group.draining:
                keys = [(name, haproxy.server(target)) for name in backends(group)]
                if any(key in servers and not self._done(key, servers[key]) for key in keys):
                    yield (group.arn, target.id, target.port), DRAINING

    def _done(self, key: Key, status: ServerStatus) -> bool:
        """Whether a server that is withdrawn gets no new requests and has answered those it had."""
        return self._modes.get(key) == "maint" and not status.sessions

    def _judge(self, group: TargetGroup, key: Key, status: ServerStatus | None) -> TargetHealth:
        if status is None or self._modes.get(key) == "maint":
            return REGISTERING
        added = self._fresh.get(key)
        if added is not None and not status.up:
            if status.passes:
                self.proxy.mark_up(*key)
                return HEALTHY
            check = group.health_check
            if time.monotonic() - added < check.interval * (check.unhealthy_threshold - 1) + check.timeout:
                return CHECKING
        self._fresh.pop(key, None)
        return HEALTHY if status.up else failure(status)
