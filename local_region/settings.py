"""What a region is told when it starts: everything two regions on one machine may differ in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

AMI_DEBIAN_12 = "ami-0deb1200000000001"  # bare
AMI_DEBIAN_12_DOCKER = "ami-0deb1200000000002"  # with Docker baked in


@dataclass(frozen=True)
class Settings:
    """A region's settings. ``delays`` names the modelled delays ("short", or "aws" for AWS's usual minutes), and
    ``time_scale`` multiplies each of them: 0 makes them immediate.

    ``latency`` is how far away the region is: seconds that each API call takes longer. ``throttled`` is
    the share of calls (0 to 1) that it refuses, as AWS does where an account asks too often.
    """

    name: str = "local"
    account: str = "123456789012"
    region: str = "us-east-1"
    state_dir: Path = Path(".region")
    api_port: int = 4566
    imds_port: int = 4567
    delays: str = "short"
    time_scale: float = 1.0
    latency: float = 0.0
    throttled: float = 0.0
    data_plane: bool = True

    @property
    def endpoint(self) -> str:
        """The API's URL for clients on this machine."""
        return f"http://127.0.0.1:{self.api_port}"

    @property
    def secrets_dir(self) -> Path:
        """Folder of mode 0700 for what nobody else may read."""
        return self.state_dir / "secrets"
