"""EC2 instances' bodies: a Debian with systemd and an engine of its own, that runs its user data once and keeps its
disk."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Literal

from local_region.plane.docker.engine import Body, Engine, Leg, Mount
from local_region.plane.docker.engine import State as BodyState
from local_region.plane.docker.images import Images
from local_region.plane.docker.layout import REGISTRY_HOST, Layout, resolver
from local_region.plane.docker.workqueue import NotReady
from local_region.settings import AMI_DEBIAN_12
from local_region.world import Instance, World

log = logging.getLogger(__name__)

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
KIND = "instance"
State = Literal["pending", "running", "stopping", "stopped"]


class Instances:
    """All instances of a region."""

    def __init__(self, layout: Layout, engine: Engine, images: Images, ca: bytes) -> None:
        self._layout = layout
        self._engine = engine
        self._images = images
        self._ca = ca
        self._boots: dict[str, int] = {}  # id -> the boot, of those the world counts, that its body has begun

    def reconcile(self, id_: str, world: World) -> None:
        """Make the body of instance ``id_`` what ``world`` wants: there, running or stopped, rebooted as often, or
        gone."""
        instance = next((i for i in world.instances if i.id == id_), None)
        if instance is None:
            self._engine.unplug(KIND, id_)  # first: its kernel would close every connection in due form
            self._engine.remove(KIND, id_)
            self._engine.remove_volume("docker", id_)
            self._boots.pop(id_, None)
            return
        found = self._engine.inspect(KIND, id_)
        if found is None:
            self._create(instance, world)
        running = bool(found and found["State"]["Running"])
        if instance.wanted == "stopped":
            if running:
                self._engine.stop(KIND, id_)
            return
        if found is not None and instance.boots == self._boots.get(id_):
            return  # a machine that went off by itself stays off, as on EC2
        if running:
            self._engine.stop(KIND, id_)
        self._engine.start(KIND, id_)
        self._boots[id_] = instance.boots

    def _create(self, instance: Instance, world: World) -> None:
        self._engine.create(self._body(instance, world))
        bundle = self._engine.get(KIND, instance.id, BUNDLE)
        self._engine.put(
            KIND,
            instance.id,
            {
                BUNDLE: (bundle + self._ca, 0o644),
                "/usr/local/share/ca-certificates/local-region.crt": (self._ca, 0o644),
                f"/etc/docker/certs.d/{REGISTRY_HOST}/ca.crt": (self._ca, 0o644),
            },
        )

    def console(self, id_: str) -> Path:
        """The file that holds what the user data printed."""
        return self._layout.settings.state_dir.resolve() / "instances" / id_ / "console.log"

    def _body(self, instance: Instance, world: World) -> Body:
        subnet = next((s for s in world.subnets if s.id == instance.subnet_id), None)
        if subnet is None:
            raise NotReady(f"subnet {instance.subnet_id} of {instance.id} is unknown")
        vpc = next(v for v in world.vpcs if v.id == subnet.vpc_id)
        console = self.console(instance.id)
        console.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(console, os.O_WRONLY | os.O_CREAT, 0o600))
        disk = self._engine.ensure_volume("docker", instance.id)
        return Body(
            KIND,
            instance.id,
            self._images.instance if instance.image_id == AMI_DEBIAN_12 else self._images.instance_docker,
            (Leg(subnet.id, instance.private_ip),),
            environment={"VPC_RESOLVER": resolver(vpc.cidr), "VPC_DOMAIN": self._layout.domain},
            mounts=(Mount(disk, "/var/lib/docker", volume=True), Mount(str(console), "/var/log/cloud-init-output.log")),
            hostname="ip-" + instance.private_ip.replace(".", "-"),
            machine=True,
        )

    def states(self, world: World) -> dict[str, State]:
        """Id -> state of every instance that has a body."""
        boots = dict(
            self._boots
        )  # before the bodies are listed: one that is off although it was started went off by itself
        bodies = self._engine.states(KIND)
        return {i.id: _state(i, bodies[i.id], boots.get(i.id)) for i in world.instances if i.id in bodies}


def _state(instance: Instance, body: BodyState, boots: int | None) -> State:
    """What EC2 calls it; ``boots`` is the boot that the body has begun."""
    if instance.wanted == "stopped":
        return "stopping" if body == "running" else "stopped"
    if boots != instance.boots:
        return "pending"
    return "running" if body == "running" else "stopped"
