"""An instance refresh as DescribeInstanceRefreshes tells it, and what it remembers while it goes on."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow

from local_region.control.auto_scaling.refresh_preferences import Preferences

ROLLING = frozenset({"Pending", "InProgress", "RollbackInProgress"})  # decides what the group launches and terminates
LAUNCHING = ROLLING | {"Baking"}
ACTIVE = LAUNCHING | {"Cancelling"}


@dataclass
class Refresh:
    group: str
    preferences: Preferences
    desired: dict[str, Any] | None  # DesiredConfiguration
    strategy: str = "Rolling"
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "Pending"
    reason: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    percent: int = 0
    to_update: int = 0
    rollback: dict[str, Any] | None = None  # RollbackDetails
    original: frozenset[str] = frozenset()  # the instances there when it began
    to_replace: frozenset[str] = frozenset()
    total: int = 0  # instances to replace when it began
    checkpoint: int = 0  # the place of the next one in the preferences
    paused_until: float = 0.0  # after a checkpoint, or while baking
    progress: tuple[object, ...] = ()
    progress_since: float = field(default_factory=time.monotonic)
    waits: bool = True  # a cancellation: for what is being launched or terminated

    def launching(self) -> dict[str, Any] | None:
        """The configuration to launch from instead of the group's own: not in a rollback, nor once it is cancelled."""
        return self.desired if self.status in LAUNCHING and self.rollback is None else None

    def end(self, status: str, reason: str | None = None) -> None:
        self.status, self.reason, self.ended = status, reason, utcnow()

    def described(self) -> dict[str, Any]:
        told = {
            "InstanceRefreshId": self.id,
            "AutoScalingGroupName": self.group,
            "Status": self.status,
            "StatusReason": self.reason,
            "StartTime": self.started,
            "EndTime": self.ended,
            "PercentageComplete": self.percent,
            "InstancesToUpdate": self.to_update,
            "Preferences": self.preferences.described(),
            "DesiredConfiguration": self.desired,
            "RollbackDetails": self.rollback,
            "Strategy": self.strategy,
        }
        return {name: value for name, value in told.items() if value is not None}


def active(group: Any) -> Refresh | None:
    refresh: Refresh | None = group.refresh
    return refresh if refresh and refresh.status in ACTIVE else None
