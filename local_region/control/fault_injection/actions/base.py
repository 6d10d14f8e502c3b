"""What every action is: started once, asked whether it is over, and undone whatever ends it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from local_region.control.fault_injection.durations import seconds
from local_region.control.fault_injection.parameters import Parameters
from local_region.control.fault_injection.resource_types import Resource
from local_region.control.fault_injection.role import Role


@dataclass
class Run:
    """What an action is given. ``scale`` is the region's time scale: 1 means real seconds."""

    role: Role
    parameters: Mapping[str, str]
    targets: Sequence[Resource]
    scale: float
    began: float = field(default_factory=time.monotonic)

    def past(self, parameter: str) -> bool:
        """Whether the duration that the parameter says has gone by; at once where it is not given."""
        length = seconds(self.parameters.get(parameter, "PT0S")) or 0
        return time.monotonic() - self.began >= length * self.scale

    def true(self, parameter: str) -> bool:
        return self.parameters.get(parameter) == "true"


class Action:
    """Every method raises ``errors.Failure`` where it can't be done."""

    def __init__(self, run: Run) -> None:
        self.run = run

    def start(self) -> None:
        """Do it."""

    def over(self) -> bool:
        """Whether it is to end: an action with a duration only after it, any other as soon as it was done."""
        return self.run.past("duration")

    def undo(self) -> bool:
        """Put back what it changed; False while that is still under way. Asked again until it is True."""
        return True


@dataclass(frozen=True)
class ActionType:
    """``target`` is the name under which the action takes its target, and the resource type; None for no target."""

    description: str
    body: type[Action]
    parameters: Parameters = field(default_factory=dict)
    target: tuple[str, str] | None = None

    def takes(self) -> dict[str, str]:
        return dict([self.target]) if self.target else {}
