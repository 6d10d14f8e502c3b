"""How long a state change takes, in seconds at time scale 1: long enough to find out a client that does not wait."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType

DELAYS: Mapping[str, float] = MappingProxyType(
    {
        # how long the model's bodies take; a real data plane takes its own time
        "instance.pending": 1.0,
        "instance.stopping": 0.6,
        "nat_gateway.pending": 1.0,
        "load_balancer.provisioning": 1.0,
        "database.creating": 2.0,
        "command.running": 0.6,
        "database.rebooting": 1.0,
        "database.standby": 1.0,
        "database.backup": 0.4,
        "target.initial": 0.8,
        # the control plane's own, whatever the bodies do
        "nat_gateway.deleting": 0.6,
        "endpoint.pending": 1.0,
        "endpoint.deleting": 0.6,
        "load_balancer.deleting": 0.6,
        "database.modifying": 0.8,
        "database.deleting": 0.8,
        "group.scaling": 0.3,
        "group.deleting": 0.6,
        "distribution.deploying": 0.8,
        "invalidation.running": 0.3,
        "warm_pool.deleting": 0.6,
        "metric.period": 60.0,
    }
)

# What AWS usually takes for what a stack is made of: the minutes that a fresh site waits for.
AWS_DELAYS: Mapping[str, float] = MappingProxyType(
    {
        **DELAYS,
        "distribution.deploying": 240.0,
        "invalidation.running": 20.0,
        "nat_gateway.pending": 120.0,
        "endpoint.pending": 60.0,
        "load_balancer.provisioning": 180.0,
        "database.creating": 720.0,  # Multi-AZ
        "instance.pending": 30.0,
        "target.initial": 150.0,  # it boots, pulls its image, and passes its health checks
    }
)
PROFILES: Mapping[str, Mapping[str, float]] = MappingProxyType({"short": DELAYS, "aws": AWS_DELAYS})


class Clock:
    """Remembers since when each resource is in a state, and says when the state's delay is over."""

    def __init__(self, scale: float, profile: str = "short") -> None:
        self.scale = scale
        self._delays = PROFILES[profile]
        self._since: dict[tuple[str, str], float] = {}

    def over(self, delay: str, resource: str) -> bool:
        """Whether ``resource`` has been in the state for its delay; the first question starts the clock."""
        began = self._since.setdefault((delay, resource), time.monotonic())
        return time.monotonic() - began >= self._delays[delay] * self.scale

    def elapsed(self, delay: str, resource: str) -> float:
        """Seconds since ``resource`` was first asked about."""
        return time.monotonic() - self._since.setdefault((delay, resource), time.monotonic())

    def forget(self, delay: str, resource: str) -> None:
        """The state ended: the next question starts anew."""
        self._since.pop((delay, resource), None)
