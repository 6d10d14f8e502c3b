"""How far a replacement may take the group below and above its desired capacity: pure."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """Numbers of instances. At least ``minimum`` stay healthy and ready; at most ``maximum`` are there or pending."""

    desired: int
    minimum: int
    maximum: int

    @property
    def launches_first(self) -> bool:
        return self.maximum > self.desired


def bounds(desired: int, min_percentage: int, max_percentage: int | None) -> Bounds:
    """From the percentages of an instance refresh or a maintenance policy; ``max_percentage`` None: none is set.

    The minimum is rounded up, the maximum down, so that neither is passed. Where that leaves no room to replace
    anything, the API reference (RefreshPreferences, MaxHealthyPercentage) says what gives way: with a maximum set one
    instance is launched above the desired capacity, without one an instance is terminated while its replacement is
    launched.
    """
    minimum = math.ceil(desired * min_percentage / 100)
    maximum = desired * (max_percentage or 100) // 100
    if minimum == maximum == desired:
        if max_percentage is None:
            minimum = max(0, desired - 1)
        else:
            maximum = desired + 1
    return Bounds(desired, minimum, maximum)
