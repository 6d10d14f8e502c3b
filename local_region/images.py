"""The region's own machine images: two of Debian 12, by the ids under which DescribeImages knows them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

DEBIAN = "debian-12"  # bare: Docker is not installed
DEBIAN_DOCKER = "debian-12-docker"  # with Docker baked in
IDS: Mapping[str, str] = MappingProxyType({DEBIAN: "ami-0deb1200000000001", DEBIAN_DOCKER: "ami-0deb1200000000002"})

# Public parameters of the Systems Manager: AWS's own name for Debian, and one a local image.
PARAMETERS: Mapping[str, str] = MappingProxyType(
    {
        "/aws/service/debian/release/12/latest/amd64": IDS[DEBIAN],
        f"/local-region/ami/{DEBIAN}": IDS[DEBIAN],
        f"/local-region/ami/{DEBIAN_DOCKER}": IDS[DEBIAN_DOCKER],
    }
)
