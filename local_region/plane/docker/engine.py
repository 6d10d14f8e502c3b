"""The container engine, in the region's terms: labelled bodies on networks with fixed addresses, made equal to a
specification."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

import docker
from docker.errors import APIError, NotFound

from local_region.plane.docker import executions, freezer
from local_region.plane.docker.executions import Outcome
from local_region.plane.docker.layout import LABEL, Layout

SPEC = "local-region-spec"
KIND = "local-region-kind"
ID = "local-region-id"

State = Literal["absent", "created", "running", "stopped"]


class EngineError(RuntimeError):
    """The engine, or a command in a container, refused."""


@dataclass(frozen=True)
class Leg:
    """A body's interface: the network's name in the region (a subnet's id, "outside" or "services") and its address
    there."""

    network: str
    address: str


@dataclass(frozen=True)
class Mount:
    """A host path or a volume of the region (``volume`` True) at ``target``."""

    source: str
    target: str
    volume: bool = False
    read_only: bool = False


@dataclass(frozen=True)
class Body:
    """What a container is. ``machine`` True is a virtual machine's stand-in, which runs systemd and an engine of its
    own."""

    kind: str
    id: str
    image: str
    legs: tuple[Leg, ...]
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    sysctls: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[int, int] = field(default_factory=dict)  # container port -> port of 127.0.0.1 (0: any free)
    hostname: str | None = None
    stop_signal: str | None = None  # SIGTERM
    machine: bool = False

    def digest(self) -> str:
        """Changes with anything that only a new container can take over."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


class Engine:
    """Everything it makes carries the label ``local-region=<name>``."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.api: Any = docker.APIClient(timeout=120, num_pools=32)

    def labels(self, kind: str, id_: str, **more: str) -> dict[str, str]:
        return {LABEL: self._layout.name, KIND: kind, ID: id_, **more}

    def filter(self, kind: str | None = None) -> dict[str, list[str]]:
        return {"label": [f"{LABEL}={self._layout.name}", *([f"{KIND}={kind}"] if kind else [])]}

    # volumes

    def ensure_volume(self, kind: str, id_: str) -> str:
        """The volume's name, for a ``Mount``."""
        name = self._layout.object(kind, id_)
        self.api.create_volume(name, labels=self.labels(kind, id_))
        return name

    def remove_volume(self, kind: str, id_: str) -> None:
        with contextlib.suppress(NotFound):
            self.api.remove_volume(self._layout.object(kind, id_), force=True)

    # containers

    def inspect(self, kind: str, id_: str) -> dict[str, Any] | None:
        """The engine's description of a body, or None when there is none."""
        try:
            found: dict[str, Any] = self.api.inspect_container(self._layout.object(kind, id_))
        except NotFound:
            return None
        return found

    def states(self, kind: str) -> dict[str, State]:
        """Id -> state of every body of a kind."""
        words: dict[str, State] = {"running": "running", "created": "created", "restarting": "running"}
        return {
            c["Labels"][ID]: words.get(c["State"], "stopped")
            for c in self.api.containers(all=True, filters=self.filter(kind))
        }

    def create(self, body: Body) -> None:
        """Create a body without starting it, so that files can be put in place."""
        first, *others = body.legs
        name = self._layout.object(body.kind, body.id)
        self.api.create_container(
            body.image,
            name=name,
            command=list(body.command) or None,
            hostname=body.hostname,
            stop_signal=body.stop_signal,
            environment=dict(body.environment),
            labels=self.labels(body.kind, body.id, **{SPEC: body.digest()}),
            ports=list(body.ports) or None,
            host_config=self._host_config(body, first),
            networking_config=self.api.create_networking_config(
                {self._network(first): self.api.create_endpoint_config(ipv4_address=first.address)}
            ),
        )
        for leg in others:
            self.api.connect_container_to_network(name, self._network(leg), ipv4_address=leg.address)

    def _network(self, leg: Leg) -> str:
        return self._layout.object("network", leg.network)

    def _host_config(self, body: Body, first: Leg) -> dict[str, Any]:
        options: dict[str, Any] = {
            "network_mode": self._network(first),
            "binds": [f"{m.source}:{m.target}:{'ro' if m.read_only else 'rw'}" for m in body.mounts],
            "sysctls": dict(body.sysctls),
            "port_bindings": {inside: ("127.0.0.1", outside or None) for inside, outside in body.ports.items()},
            "log_config": {"type": "json-file", "config": {"max-size": "5m", "max-file": "2"}},
        }
        if not body.machine:
            config: dict[str, Any] = self.api.create_host_config(init=True, cap_add=["NET_ADMIN"], **options)
            return config
        # Not --privileged: that fails where the engine itself lacks SYS_RESOURCE. This is what systemd and dockerd
        # need.
        config = self.api.create_host_config(
            cap_add=["ALL"], cap_drop=["SYS_RESOURCE"], security_opt=["seccomp=unconfined", "apparmor=unconfined"],
            tmpfs={"/run": "exec", "/run/lock": ""}, **options,
        )  # fmt: skip
        return config | {"MaskedPaths": [], "ReadonlyPaths": [], "CgroupnsMode": "private"}

    def put(self, kind: str, id_: str, files: Mapping[str, tuple[bytes, int]]) -> None:
        """Write files (path -> content, mode) into a body, running or not."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for path, (content, mode) in files.items():
                info = tarfile.TarInfo(path.lstrip("/"))
                info.size, info.mode = len(content), mode
                tar.addfile(info, io.BytesIO(content))
        self.api.put_archive(self._layout.object(kind, id_), "/", out.getvalue())

    def get(self, kind: str, id_: str, path: str) -> bytes:
        """A file's content from a body, running or not."""
        stream, _ = self.api.get_archive(self._layout.object(kind, id_), path)
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
            member = tar.extractfile(tar.getmembers()[0])
            return member.read() if member else b""

    def start(self, kind: str, id_: str) -> None:
        self.api.start(self._layout.object(kind, id_))

    def stop(self, kind: str, id_: str, seconds: int = 10) -> None:
        """Ask a body to end, and end it after so many seconds."""
        self._thaw(self._layout.object(kind, id_))
        self.api.stop(self._layout.object(kind, id_), timeout=seconds)

    def signal(self, kind: str, id_: str, signal: str) -> None:
        self.api.kill(self._layout.object(kind, id_), signal=signal)

    def kill(self, kind: str, id_: str) -> None:
        """Stop a body at once; nothing happens when it doesn't run."""
        self._thaw(self._layout.object(kind, id_))
        try:
            self.signal(kind, id_, "KILL")
        except APIError as error:
            if error.status_code not in (404, 409):
                raise

    def remove(self, kind: str, id_: str) -> None:
        """Remove a body with what only it had; nothing happens when there is none."""
        self._remove(self._layout.object(kind, id_))

    def _remove(self, name: str) -> None:
        self._thaw(name)
        with contextlib.suppress(NotFound):
            self.api.remove_container(name, v=True, force=True)

    def _thaw(self, name: str) -> None:
        with contextlib.suppress(NotFound):
            freezer.thaw(self.api.inspect_container(name)["State"]["Pid"])

    def unplug(self, kind: str, id_: str) -> None:
        """Pull a body's cables: what is open to it gets no more answer, not even that it was closed."""
        networks = (self.inspect(kind, id_) or {"NetworkSettings": {"Networks": {}}})["NetworkSettings"]["Networks"]
        for network in networks:
            with contextlib.suppress(NotFound):
                self.api.disconnect_container_from_network(self._layout.object(kind, id_), network, force=True)

    def ensure(self, body: Body) -> bool:
        """Make the body as specified and running; True when it had to be made anew."""
        found = self.inspect(body.kind, body.id)
        anew = found is None or found["Config"]["Labels"].get(SPEC) != body.digest()
        if anew:
            self.remove(body.kind, body.id)
            self.create(body)
        if anew or found is None or not found["State"]["Running"]:
            self.start(body.kind, body.id)
        return anew

    def run(
        self, kind: str, id_: str, command: list[str], stdin: bytes = b"", user: str = "", patience: float | None = None
    ) -> str:
        """Run a command in a body, its input from ``stdin`` (never in the process list); return its standard output.

        Raises:
            EngineError: the command failed, and the message ends with its standard error; or it said nothing for
                ``patience`` seconds.
        """
        done = self.execute(kind, id_, command, stdin, user, patience=patience)
        if done.code:
            raise EngineError(f"{command[0]} in {kind} {id_} exited with {done.code}: {done.stderr.decode()[-500:]}")
        return done.stdout.decode()

    def execute(
        self,
        kind: str,
        id_: str,
        command: list[str],
        stdin: bytes = b"",
        user: str = "",
        keep: int | None = None,
        file: IO[bytes] | None = None,
        patience: float | None = None,
    ) -> Outcome:
        """Run a command in a body for as long as it takes; ``keep`` is how many bytes of each stream at least, and the
        standard output goes into ``file`` should there be one.

        Raises:
            EngineError: the body went off meanwhile, or the command said nothing for ``patience`` seconds.
        """
        name = self._layout.object(kind, id_)
        try:
            done = executions.execute(self.api, name, command, stdin, user, keep, file, patience)
        except TimeoutError as error:
            raise EngineError(f"{command[0]} in {kind} {id_} said nothing for {patience} s") from error
        if done is None:
            raise EngineError(f"{command[0]} in {kind} {id_} has no exit code: the body went off meanwhile")
        return done

    def save(self, kind: str, id_: str, command: list[str], target: Path, user: str = "") -> None:
        """Run a command in a body and write its standard output, however long, into a private file.

        Raises:
            EngineError: the command failed; the message ends with its standard error.
        """
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            done = self.execute(kind, id_, command, user=user, file=file)
        if done.code:
            raise EngineError(f"{command[0]} in {kind} {id_} exited with {done.code}: {done.stderr.decode()[-500:]}")

    # all of it

    def regions(self) -> set[str]:
        """The names of regions that have something on this engine."""
        having = {"label": [LABEL]}
        found = (*self.api.networks(filters=having), *self.api.containers(all=True, filters=having))
        return {each["Labels"][LABEL] for each in found}

    def living_regions(self) -> set[str]:
        """The names of regions of which a container runs."""
        containers = self.api.containers(all=True, filters={"label": [LABEL]})
        return {each["Labels"][LABEL] for each in containers if each["State"] not in ("created", "exited", "dead")}

    def sweep(self) -> None:
        """Remove everything labelled with the region's name."""
        for container in self.api.containers(all=True, filters=self.filter()):
            self._remove(container["Id"])
        for volume in self.api.volumes(filters=self.filter())["Volumes"] or ():
            self.api.remove_volume(volume["Name"], force=True)
        for network in self.api.networks(filters=self.filter()):
            self.api.remove_network(network["Id"])


def read_only(source: Path, target: str) -> Mount:
    """A host folder that a body may only read."""
    return Mount(str(source), target, read_only=True)
