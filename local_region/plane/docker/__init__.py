"""The data plane of Docker containers."""

from local_region.plane.docker.plane import DockerPlane

__all__ = ["DockerPlane"]
