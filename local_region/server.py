"""The region's process: the API, the loop that moves it on, the metadata service, and the data plane."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from local_region import images, state
from local_region.settings import Settings
from local_region.world import DataPlane

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

log = logging.getLogger("local_region")
STATUS_PATH = "/_region/status"


class Front:
    """Tells requests apart: the region's own status, S3 websites and distributions by their Host, and the API."""

    def __init__(self, settings: Settings, api: Any, websites: Any, edge: Any) -> None:
        self._settings = settings
        self._api = api
        self._websites = websites
        self._edge = edge
        self.phase = "starting"

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        from local_region.control.s3_website import website_of

        if environ.get("PATH_INFO") == STATUS_PATH:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps({"name": self._settings.name, "phase": self.phase, "pid": os.getpid()}).encode()]
        host = environ.get("HTTP_HOST", "")
        app = self._websites if website_of(host) else self._edge if self._edge.knows(host) else self._api
        answer: Iterable[bytes] = app(environ, start_response)
        return answer


def run(settings: Settings) -> None:
    """Be the region until SIGTERM or SIGINT. Raises ``state.AlreadyRunning`` and OSError (port in use)."""
    state.prepare(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with state.hold(settings.state_dir):
        state.clear(settings.state_dir)
        _serve(settings, stop)


def _serve(settings: Settings, stop: threading.Event) -> None:
    os.environ["MOTO_ACCOUNT_ID"] = settings.account  # moto reads it when it is imported
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # AWS's own are there to be attached
    os.environ["AWS_DEFAULT_REGION"] = settings.region
    from local_region.api import Api, CallLog
    from local_region.control import console_output
    from local_region.control.cloudfront_edge import Edge
    from local_region.control.loop import Loop
    from local_region.control.own_services import own_services
    from local_region.control.s3_website import Websites
    from local_region.http_server import Server

    console_output.read_from(settings.state_dir / "instances")
    plane = make_plane(settings)
    loop = Loop(settings, plane)
    api = Api(
        CallLog(settings.state_dir / "calls.jsonl"),
        loop.wake,
        own_services(loop.backends),
        settings.latency,
        settings.throttled,
    )
    front = Front(settings, api, Websites(loop.backends, api.lock), Edge(loop.backends, api.lock))
    servers = [Server("127.0.0.1", settings.api_port, front)]
    servers[0].start()
    state.update(settings.state_dir, description(settings))
    api.preload(settings.region)
    front.phase = "starting the data plane"
    try:
        plane.start()
        servers += _listen_for_bodies(settings, front, loop, api)
        loop.start(api.lock)
        front.phase = "ready"
        log.info("region %s is ready at %s", settings.name, settings.endpoint)
        stop.wait()
    finally:
        front.phase = "stopping"
        loop.stop()
        plane.stop()
        for server in servers:
            server.close()
        state.clear(settings.state_dir)
        log.info("region %s is down", settings.name)


def _listen_for_bodies(settings: Settings, front: Front, loop: Any, api: Any) -> list[Any]:
    """The API and the metadata service at this machine's address on the region's "internet"; none without bodies."""
    if not settings.data_plane:
        return []
    from local_region.control.imds import MetadataService
    from local_region.http_server import Server
    from local_region.plane.docker.layout import HOST

    metadata = MetadataService(loop.backends, api.lock)
    servers = [Server(str(HOST), settings.api_port, front), Server(str(HOST), settings.imds_port, metadata)]
    for server in servers:
        server.start()
    return servers


def make_plane(settings: Settings) -> DataPlane:
    """The plane that these settings ask for; Docker's is imported only when it is wanted."""
    if settings.data_plane:
        from local_region.plane.docker import DockerPlane

        plane: DataPlane = DockerPlane(settings)
        return plane
    from local_region.plane.model import ModelPlane

    return ModelPlane(settings.time_scale, settings.delays)


def description(settings: Settings) -> dict[str, Any]:
    """What region.json says."""
    told: dict[str, Any] = {
        "name": settings.name,
        "account": settings.account,
        "region": settings.region,
        "endpoint": settings.endpoint,
        "api_port": settings.api_port,
        "imds_port": settings.imds_port,
        "delays": settings.delays,
        "time_scale": settings.time_scale,
        "data_plane": settings.data_plane,
        "images": dict(images.IDS),
        "pid": os.getpid(),
        "log": str(settings.state_dir / "region.log"),
        "calls": str(settings.state_dir / "calls.jsonl"),
    }
    return told | (_data_plane_description(settings) if settings.data_plane else {})


def _data_plane_description(settings: Settings) -> dict[str, Any]:
    from local_region.plane.docker.layout import REGISTRY_HOST, REGISTRY_USER

    return {
        "ca": str(settings.state_dir / "ca.crt"),
        "consoles": str(settings.state_dir / "instances"),
        "registry": {
            "host": REGISTRY_HOST,
            "user": REGISTRY_USER,
            "password_file": str(settings.secrets_dir / "registry-password"),
        },
    }
