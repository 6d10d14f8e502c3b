"""What the bodies do becomes what the API answers: one step a behaviour, each building on those before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from local_region.control.backends import Backends
from local_region.timing import Clock
from local_region.world import Observed


@dataclass(frozen=True)
class Moment:
    """What a step works on. It runs with the API's lock held."""

    backends: Backends
    observed: Observed
    clock: Clock


STEPS: tuple[Callable[[Moment], None], ...] = ()
