"""One region for all tests of the data plane: coming up costs half a minute, so tests change the world and put it
back."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import docker
import pytest

from local_region.plane.docker import DockerPlane, names, registry
from local_region.plane.docker.images import build
from local_region.plane.docker.layout import Layout
from local_region.settings import Settings
from local_region.world import World
from tests.plane import site

T = TypeVar("T")


def wait_for(what: str, condition: Callable[[], T], timeout: float = 60) -> T:
    """The condition's first true value; fails the test with what was waited for and what was seen last."""
    deadline = time.monotonic() + timeout
    seen: object = None
    while time.monotonic() < deadline:
        try:
            if seen := condition():
                return seen
        except OSError as error:
            seen = error
        time.sleep(0.1)
    pytest.fail(f"not within {timeout:.0f} s: {what}; last seen: {seen!r}")


@dataclass
class Region:
    settings: Settings
    plane: DockerPlane
    metadata: site.Metadata
    world: World
    seconds_to_answer: float = 0.0

    def apply(self, world: World) -> None:
        self.metadata.world = world
        self.plane.apply(world)

    def inside(self, instance_id: str, script: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Run a shell script in an instance."""
        return self.run(f"instance-{instance_id}", script, timeout)

    def run(self, body: str, script: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        name = f"lr-{self.settings.name}-{body}"
        command = ["docker", "exec", name, "bash", "-c", script]
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)

    def connects(self, body: str, address: str, port: int) -> bool:
        """Whether a TCP connection from a body succeeds within 2 seconds."""
        return self.run(body, f"timeout 2 bash -c 'exec 3<>/dev/tcp/{address}/{port}'").returncode == 0

    def healthy(self) -> bool:
        targets = self.plane.observe().targets
        return bool(targets) and all(health.state == "healthy" for health in targets.values())

    def settled(self) -> bool:
        seen = self.plane.observe()
        balanced = set(seen.load_balancers.values()) == {"active"} and self.addresses() == set(site.ALB_PUBLIC)
        return self.safe() and self.healthy() and balanced

    def addresses(self) -> set[str]:
        """What the load balancer's name stands for on this machine."""
        return {line.split()[0] for line in names.HOSTS.read_text().splitlines() if line.endswith(site.ALB_NAME)}

    def safe(self) -> bool:
        """Whether every database is there, with a standby that can take over where Multi-AZ is wanted."""
        states = self.plane.observe().databases
        return all(
            d.id in states and states[d.id].status == "available" and d.multi_az == bool(states[d.id].standby_zone)
            for d in self.world.databases
        )


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(name="plane-test", state_dir=tmp_path_factory.mktemp("region"), api_port=14566, imds_port=14567)


@pytest.fixture(scope="session")
def busybox(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A static busybox: Debian's package, fetched where it isn't installed."""
    if found := shutil.which("busybox"):
        content = Path(found).read_bytes()
        if b"/lib64/ld-linux" not in content[:4096]:
            return content
    folder = tmp_path_factory.mktemp("busybox")
    subprocess.run(["apt-get", "download", "-qq", "busybox-static"], cwd=folder, check=True, capture_output=True)
    subprocess.run(["dpkg", "-x", str(next(folder.glob("*.deb"))), str(folder)], check=True)
    return (folder / "bin" / "busybox").read_bytes()


@pytest.fixture(scope="session")
def region(settings: Settings, busybox: bytes) -> Iterator[Region]:
    if os.geteuid() != 0:
        pytest.fail("the data plane's tests need root")
    plane = DockerPlane(settings)
    plane.start()
    metadata = site.Metadata(settings)
    try:
        registry.push(settings, site.build_image(busybox), "test/web")
        password = (settings.secrets_dir / "registry-password").read_text()
        region = Region(settings, plane, metadata, site.site(site.user_data(password)))
        began = time.monotonic()
        region.apply(region.world)
        wait_for("an answer through the load balancer", lambda: site.get(site.ALB_PUBLIC[0]).status == 200, 120)
        region.seconds_to_answer = time.monotonic() - began
        wait_for("every part settled", region.settled, 60)
        yield region
    finally:
        metadata.close()
        plane.stop()


@pytest.fixture(autouse=True)
def _put_back(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test that used the region, its world is the site again, and settled."""
    yield
    if "region" in request.fixturenames:
        region: Region = request.getfixturevalue("region")
        region.apply(region.world)
        wait_for("the site settled again", region.settled, 90)


@pytest.fixture(scope="session")
def outside(region: Region) -> Iterator[str]:
    """A host on "the internet"; its body's name."""
    client = docker.from_env()
    layout = Layout(region.settings)
    name = layout.object("client", "outside")
    config = client.api.create_networking_config(
        {layout.object("network", "outside"): client.api.create_endpoint_config(ipv4_address="198.18.0.40")}
    )
    network = layout.object("network", "outside")
    container = client.api.create_container(
        build().services,
        name=name,
        entrypoint=["sleep", "infinity"],
        networking_config=config,
        labels={"local-region": region.settings.name},
        host_config=client.api.create_host_config(init=True, network_mode=network, cap_add=["NET_ADMIN"]),
    )
    client.api.start(container)
    yield "client-outside"
    client.api.remove_container(container, force=True)
