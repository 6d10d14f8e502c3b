"""The private registry, as this machine's engine sees it."""

from __future__ import annotations

from typing import Any

import docker

from local_region.plane.docker.layout import REGISTRY_HOST, REGISTRY_USER, Layout
from local_region.settings import Settings


class PushError(RuntimeError):
    """An image can't be pushed; the message says why."""


def push(settings: Settings, image: str, repository: str) -> str:
    """Push a local image to the region's registry; return its digest reference.

    ``repository`` may carry a tag ("goals/backend:1.4"; "latest" without). The image goes through a port of 127.0.0.1,
    which the engine trusts without a certificate, and the password in the request's header.

    Raises:
        PushError: the registry isn't up, or it refused.
        docker.errors.ImageNotFound: there is no such local image.
    """
    client: Any = docker.APIClient(timeout=300)
    name, _, tag = repository.removeprefix(REGISTRY_HOST + "/").partition(":")
    password = (settings.secrets_dir / "registry-password").read_text()
    local = f"127.0.0.1:{_port(client, settings)}/{name}"
    client.tag(image, local, tag or "latest")
    try:
        auth = {"username": REGISTRY_USER, "password": password}
        digest = ""
        for event in client.push(local, tag=tag or "latest", auth_config=auth, stream=True, decode=True):
            if "error" in event:
                raise PushError(f"{image} can't be pushed to {REGISTRY_HOST}/{name}: {event['error']}")
            digest = event.get("aux", {}).get("Digest", digest)
    finally:
        client.remove_image(f"{local}:{tag or 'latest'}", noprune=True)
    return f"{REGISTRY_HOST}/{name}@{digest}"


def _port(client: Any, settings: Settings) -> int:
    name = Layout(settings).object("registry", "private")
    found = client.containers(filters={"name": f"^/{name}$"})
    ports = [port["PublicPort"] for c in found for port in c["Ports"] if port.get("PublicPort")]
    if not ports:
        raise PushError(f"the registry of region {settings.name} is not up")
    return int(ports[0])
