"""The region's own machine images: two of Debian 12, by the ids under which DescribeImages knows them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from local_region.settings import AMI_DEBIAN_12, AMI_DEBIAN_12_DOCKER

DEBIAN = "debian-12"  # bare: Docker is not installed
DEBIAN_DOCKER = "debian-12-docker"  # with Docker baked in
IDS: Mapping[str, str] = MappingProxyType({DEBIAN: AMI_DEBIAN_12, DEBIAN_DOCKER: AMI_DEBIAN_12_DOCKER})

# Public parameters of the Systems Manager: AWS's own name for Debian, and one a local image.
PARAMETERS: Mapping[str, str] = MappingProxyType(
    {
        "/aws/service/debian/release/12/latest/amd64": IDS[DEBIAN],
        f"/local-region/ami/{DEBIAN}": IDS[DEBIAN],
        f"/local-region/ami/{DEBIAN_DOCKER}": IDS[DEBIAN_DOCKER],
    }
)
