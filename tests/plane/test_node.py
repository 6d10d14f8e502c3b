"""A load balancer's node as a HAProxy on this machine: no engine needed."""

from __future__ import annotations

import http.client
import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local_region.plane.docker import balancer_node, haproxy, haproxy_rules
from local_region.plane.docker.balancer_node import NodeBody
from local_region.plane.docker.engine import Body
from local_region.world import HealthCheck, Listener, LoadBalancer, Node, Target, TargetGroup
from tests.plane.conftest import wait_for
from tests.support.ports import free_port

pytestmark = pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed")
BODY = Body("alb", "web-s", "image", ())


class Process:
    """What a node needs of the engine, for a HAProxy that is a process of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.running: subprocess.Popen[bytes] | None = None

    def inspect(self, *_: str) -> dict[str, Any] | None:
        return {"State": {"Running": True}} if self.running else None

    def ensure(self, _: Body) -> None:
        if self.running is None:
            command = ["haproxy", "-W", "-f", str(self._folder / "haproxy.cfg")]
            self.running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            wait_for("HAProxy runs", (self._folder / "admin.sock").exists, 10)


class Target8000(http.server.BaseHTTPRequestHandler):
    """Answers every check; "/held" only when it is let go."""

    held = threading.Event()

    def do_GET(self) -> None:
        if self.path == "/held":
            self.held.wait(20)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that is gone is no news."""


class Alone:
    """A node with one target, and the load balancer it belongs to."""

    def __init__(self, folder: Path, port: int) -> None:
        self.engine = Process(folder / "alb" / "web-s")
        check = HealthCheck("HTTP", "/", None, 5, 2, 2, 2, "200")
        self.group = TargetGroup("arn", "web", check, (Target("i-1", "127.0.0.1", port),))
        self.listener = Listener("l", free_port(), "HTTP", ({"Type": "forward", "TargetGroupArn": "arn"},))
        self.balancer = LoadBalancer("b", "web", "b", (), (), (self.listener,))
        layout: Any = type("Layout", (), {"runtime_dir": folder})
        engine: Any = self.engine
        self.node = NodeBody(layout, engine, "web", Node("s", "127.0.0.1", None), "us-east-1a")

    def reconcile(self, group: TargetGroup) -> bool:
        authority: Any = None
        return self.node.reconcile(BODY, self.balancer, {group.arn: group}, authority)

    def state(self, group: TargetGroup) -> str | None:
        self.node.look(self.balancer, {group.arn: group})
        return next((health.state for health in self.node.seen.values()), None)


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Alone]:
    for module in (haproxy, haproxy_rules, balancer_node):
        monkeypatch.setattr(module, "CONFIG", str(tmp_path / "alb" / "web-s"))
    Target8000.held.clear()
    server = Server(("127.0.0.1", 0), Target8000)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    alone = Alone(tmp_path, server.server_port)
    yield alone
    Target8000.held.set()
    server.shutdown()
    if alone.engine.running:
        alone.engine.running.terminate()
        alone.engine.running.wait()


def held_request(alone: Alone) -> Future[int]:
    """A client whose request is under way; the status it gets, 0 when it is cut off."""

    def ask() -> int:
        connection = http.client.HTTPConnection("127.0.0.1", alone.listener.port, timeout=15)
        try:
            connection.request("GET", "/held")
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    client = ThreadPoolExecutor(1).submit(ask)
    wait_for("it is under way", lambda: any(s.sessions for s in alone.node.proxy.servers().values()), 10)
    return client


def test_a_target_that_is_registered_again_passes_a_check_first(alone: Alone) -> None:
    group, gone = alone.group, replace(alone.group, targets=(), draining=alone.group.targets)
    assert alone.reconcile(group)
    assert alone.state(group) == "initial"
    wait_for("healthy", lambda: alone.state(group) == "healthy", 15)
    client = held_request(alone)
    alone.reconcile(gone)
    assert alone.state(gone) == "draining"
    alone.reconcile(group)  # while it still has a request
    assert alone.state(group) == "initial"
    wait_for("healthy again", lambda: alone.state(group) == "healthy", 15)
    alone.reconcile(gone)
    Target8000.held.set()
    assert client.result(timeout=10) == 200
    wait_for("nothing is in flight", lambda: alone.state(gone) is None, 5)


def test_what_is_in_flight_when_the_delay_is_over_is_cut(alone: Alone) -> None:
    group, without = alone.group, replace(alone.group, targets=())
    alone.reconcile(group)
    wait_for("healthy", lambda: alone.state(group) == "healthy", 15)
    client = held_request(alone)
    wait_for("the server is gone", lambda: alone.reconcile(without), 10)
    assert client.result(timeout=10) != 200  # the target itself would answer later
    alone.reconcile(group)
    assert alone.state(group) == "initial"
