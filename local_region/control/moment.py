"""What every step of the loop works on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local_region.control.backends import Backends
from local_region.timing import Clock
from local_region.world import Observed


@dataclass(frozen=True)
class Moment:
    """What the bodies do now. Steps run with the API's lock held."""

    backends: Backends
    observed: Observed
    clock: Clock

    def instances(self) -> Iterator[Any]:
        """Every EC2 instance that moto knows, terminated ones too."""
        for reservation in self.backends.ec2.reservations.values():
            yield from reservation.instances
