"""A data plane without bodies: everything that the world asks for becomes healthy after a moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Literal

from local_region.plane.model_databases import ModelDatabases
from local_region.timing import Clock
from local_region.world import (
    CommandResult,
    Instance,
    Observed,
    TargetGroup,
    TargetHealth,
    World,
)

InstanceState = Literal["pending", "running", "stopping", "stopped"]
REGISTERING = TargetHealth("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
CHECKING = TargetHealth("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
HEALTHY = TargetHealth("healthy")


class ModelPlane:
    """Implements ``world.DataPlane``."""

    def __init__(self, time_scale: float, delays: str = "short") -> None:
        self._clock = Clock(time_scale, delays)
        self._lock = threading.Lock()
        self._world = World()
        self._databases = ModelDatabases(self._clock)
        self._leaving: set[str] = set()  # instances whose body is being taken down

    def start(self) -> None:
        """Nothing stands before the first world."""

    def stop(self) -> None:
        """Nothing is left."""

    def apply(self, world: World) -> None:
        with self._lock:
            before = {instance.id: instance for instance in self._world.instances}
            for gone in before.keys() - {instance.id for instance in world.instances}:
                self._leaving.add(gone)
                self._clock.forget("instance.stopping", gone)
            for instance in world.instances:
                if instance.id in before and instance.wanted != before[instance.id].wanted:
                    self._clock.forget("instance.pending", instance.id)
                    self._clock.forget("instance.stopping", instance.id)
            self._world = world

    def observe(self) -> Observed:
        with self._lock:
            world = self._world
            instances = dict(self._instances(world))
            return Observed(
                instances=instances,
                commands=dict(self._commands(world, instances)),
                targets=dict(self._targets(world, instances)),
                load_balancers={
                    balancer.arn: "active" if self._is("load_balancer.provisioning", balancer.arn) else "provisioning"
                    for balancer in world.load_balancers
                },
                nat_gateways={
                    gateway.id: "available" if self._is("nat_gateway.pending", gateway.id) else "pending"
                    for gateway in world.nat_gateways
                },
                databases=self._databases.observe(world),
                backups={
                    backup.id: "available" if self._is("database.backup", backup.id) else "creating"
                    for backup in world.backups
                },
            )

    def _is(self, delay: str, resource: str) -> bool:
        return self._clock.over(delay, resource)

    def _instances(self, world: World) -> Iterator[tuple[str, InstanceState]]:
        for instance in world.instances:
            yield instance.id, self._instance(instance)
        for gone in tuple(self._leaving):
            if self._is("instance.stopping", gone):
                self._leaving.discard(gone)
            else:
                yield gone, "stopping"

    def _instance(self, instance: Instance) -> InstanceState:
        if instance.wanted == "stopped":
            return "stopped" if self._is("instance.stopping", instance.id) else "stopping"
        return "running" if self._is("instance.pending", instance.id) else "pending"

    def _commands(
        self, world: World, instances: dict[str, InstanceState]
    ) -> Iterator[tuple[tuple[str, str], CommandResult]]:
        for command in world.commands:
            if instances.get(command.instance_id) == "running":
                done = self._is("command.running", f"{command.id} {command.instance_id}")
                result = CommandResult("exited", 0) if done else CommandResult("running")
                yield (command.id, command.instance_id), result

    def _targets(
        self, world: World, instances: dict[str, InstanceState]
    ) -> Iterator[tuple[tuple[str, str, int], TargetHealth]]:
        for group in world.target_groups:
            for target in group.targets:
                running = instances.get(target.id, "running") == "running"
                yield (group.arn, target.id, target.port), self._health(group, target.id, target.port, running)

    def _health(self, group: TargetGroup, target: str, port: int, running: bool) -> TargetHealth:
        name = f"{group.arn} {target}:{port}"
        if not running:
            self._clock.forget("target.initial", name)
            return TargetHealth("unhealthy", "Target.Timeout", "Request timed out")
        return HEALTHY if self._is("target.initial", name) else CHECKING
