"""Names and addresses a region uses on its host, all derived from its settings."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from local_region.settings import Settings

LABEL = "local-region"
OUTSIDE = IPv4Network("198.18.0.0/24")  # RFC 2544: "the internet" of a region
SERVICES = IPv4Network(
    "198.18.1.0/24"
)  # what AWS runs outside of a VPC and no customer can address: the resolver behind VPC+2
HOST = OUTSIDE[1]
EDGE = OUTSIDE[2]
REGISTRY = OUTSIDE[3]
RESOLVER = SERVICES[2]
REGISTRY_HOST = "registry.gitlab.example"
REGISTRY_USER = "deploy"
LINK_LOCAL_RESOLVER = IPv4Address("169.254.169.253")
METADATA = IPv4Address("169.254.169.254")


@dataclass(frozen=True)
class Layout:
    """Where a region keeps its things on the host."""

    settings: Settings

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def bridge_prefix(self) -> str:
        """Starts the name of each of the region's bridges; an interface's name has 15 characters at most."""
        return f"lr{zlib.crc32(self.name.encode()) & 0xFFFF:04x}-"

    @property
    def table(self) -> str:
        """The nft table that holds the region's security groups and address translation."""
        return "local_region_" + "".join(c if c.isalnum() else "_" for c in self.name)

    @property
    def runtime_dir(self) -> Path:
        """Sockets and the services' configuration; gone with the region and with the host's boot."""
        return Path("/run/local-region") / self.name

    @property
    def domain(self) -> str:
        """The domain of private host names (us-east-1 has its own, for historical reasons)."""
        region = self.settings.region
        return "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"

    def bridge(self, network: str) -> str:
        """The bridge of a subnet's id, or of "outside" or "services"."""
        return self.bridge_prefix + network.removeprefix("subnet-")[-8:]

    def object(self, kind: str, id_: str) -> str:
        """The name of a container, network or volume."""
        return f"lr-{self.name}-{kind}-{id_}"


def gateway(cidr: str) -> str:
    """The VPC router's address in a subnet: AWS reserves base+1 for it."""
    return str(IPv4Network(cidr)[1])


def resolver(vpc_cidr: str) -> str:
    """The address of the VPC's DNS server: base+2 of the VPC."""
    return str(IPv4Network(vpc_cidr)[2])
