"""What the rooms ask about a group."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError

DELETING = "Delete in progress"


def deleting(group: Any) -> bool:
    return getattr(group, "status", None) == DELETING


def named(backend: Any, name: str) -> Any:
    """The group that a request names."""
    group = backend.autoscaling_groups.get(name)
    if group is None or deleting(group):
        raise ValidationError("AutoScalingGroup name not found - null")
    return group


def suspended(group: Any) -> set[str]:
    """The names of the group's suspended processes."""
    return {process["ProcessName"] for process in group.suspended_processes}


def warmup(group: Any) -> float:
    """The group's default instance warm-up, in seconds; without one an instance needs none."""
    return float(getattr(group, "default_instance_warmup", None) or 0)


def maintenance_policy(group: Any) -> dict[str, int]:
    """The instance maintenance policy: both percentages, or none."""
    return getattr(group, "instance_maintenance_policy", None) or {}
