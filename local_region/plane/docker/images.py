"""The region's images, each tagged with the hash of everything that goes into it, so a build that is not needed is not
made."""

from __future__ import annotations

import hashlib
import io
import logging
import shutil
import subprocess
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound

from local_region.plane.docker.layout import LABEL

log = logging.getLogger(__name__)

SOURCES = Path(__file__).parents[2] / "images"
HOST_CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
BASE = "debian:bookworm-slim"
PULL_TIMEOUT = 15.0  # seconds until a registry that doesn't answer counts as unreachable


class BuildError(RuntimeError):
    """An image can't be made; the message says which, and ends with the build's last lines."""


@dataclass(frozen=True)
class Images:
    """The references of the region's images."""

    services: str
    instance: str
    instance_docker: str


def _context(name: str) -> dict[str, tuple[bytes, int]]:
    """Path in the build context -> (content, mode). The host's CA bundle is added, for networks with a proxy of their
    own."""
    folder = SOURCES / name
    files = {
        str(path.relative_to(folder)): (path.read_bytes(), 0o755 if path.stat().st_mode & 0o100 else 0o644)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    if HOST_CA_BUNDLE.exists():
        files["ca-certificates.crt"] = (HOST_CA_BUNDLE.read_bytes(), 0o644)
    return files


def _digest(base: str, files: dict[str, tuple[bytes, int]]) -> str:
    digest = hashlib.sha256(base.encode())
    for path, (content, mode) in files.items():
        digest.update(f"{path}\0{mode}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _tar(files: dict[str, tuple[bytes, int]]) -> io.BytesIO:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, (content, mode) in files.items():
            info = tarfile.TarInfo(path)
            info.size, info.mode = len(content), mode
            tar.addfile(info, io.BytesIO(content))
    out.seek(0)
    return out


def _exists(client: docker.APIClient, reference: str) -> bool:
    try:
        client.inspect_image(reference)
    except ImageNotFound:
        return False
    return True


def _pull(reference: str) -> bool:
    """Pull, giving up soon: many networks reach no registry at all."""
    repository, tag = reference.split(":")
    try:
        docker.APIClient(timeout=PULL_TIMEOUT).pull(repository, tag)
    except (DockerException, OSError) as error:
        log.info("%s can't be pulled (%s), it is made with mmdebstrap", reference, error)
        return False
    return True


def _bootstrap(client: docker.APIClient, reference: str) -> None:
    """Make Debian's minimal system from its package archive."""
    tool = shutil.which("mmdebstrap")
    if tool is None:
        raise BuildError(f"{reference} can't be pulled and mmdebstrap is not installed: run scripts/engine.sh")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "base.tar"
        done = subprocess.run(
            [tool, "--quiet", "--mode=root", "--variant=minbase", "bookworm", str(archive)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise BuildError(f"mmdebstrap failed for {reference}:\n{done.stderr[-2000:]}")
        repository, tag = reference.split(":")
        client.import_image_from_file(str(archive), repository=repository, tag=tag)


def _base(client: docker.APIClient) -> str:
    """The base image's id."""
    if not _exists(client, BASE) and not (_pull(BASE) and _exists(client, BASE)):
        _bootstrap(client, BASE)
    found: dict[str, Any] = client.inspect_image(BASE)
    return str(found["Id"])


def _build(client: docker.APIClient, name: str, base: str) -> str:
    """Build ``local-region/<name>`` from ``base`` unless it is there; return its reference."""
    files = _context(name)
    reference = f"local-region/{name}:{_digest(base, files)}"
    if _exists(client, reference):
        return reference
    log.info("building %s", reference)
    lines: list[str] = []
    # The host's network: its name servers and MTU hold for the build too.
    for event in client.build(
        fileobj=_tar(files), custom_context=True, tag=reference, buildargs={"BASE": base}, rm=True, forcerm=True,
        network_mode="host", labels={f"{LABEL}-image": name}, decode=True,
    ):  # fmt: skip
        if "error" in event:
            raise BuildError(f"building {reference} failed: {event['error']}\n" + "".join(lines[-30:]))
        lines.append(event.get("stream", ""))
    return reference


def _instances(client: docker.APIClient, base: str) -> tuple[str, str]:
    bare = _build(client, "instance", base)
    return bare, _build(client, "instance-docker", bare)


def build() -> Images:
    """Make every image that is not there yet.

    Raises:
        BuildError: an image can't be built.
        docker.errors.DockerException: no container engine answers.
    """
    client = docker.APIClient(timeout=900)
    base = _base(client)
    with ThreadPoolExecutor() as pool:
        services = pool.submit(_build, client, "services", base)
        instances = pool.submit(_instances, client, base)
        bare, with_docker = instances.result()
        return Images(services.result(), bare, with_docker)


def prune() -> None:
    """Remove images of earlier versions of the sources; one in use stays."""
    client = docker.APIClient()
    current = build()
    keep = {current.services, current.instance, current.instance_docker}
    for image in client.images(filters={"label": f"{LABEL}-image"}):
        for reference in set(image["RepoTags"] or ()) - keep:
            try:
                client.remove_image(reference)
            except APIError as error:
                log.info("%s stays: %s", reference, error.explanation)
