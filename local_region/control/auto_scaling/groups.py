"""What the rooms ask about a group."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import FakeAutoScalingGroup

from local_region.control.patching import around

DELETING = "Delete in progress"


@around(FakeAutoScalingGroup, "__init__")
def remember_more(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    """What moto's group has no place for."""
    self.status = None
    self.default_instance_warmup = self.instance_maintenance_policy = self.availability_zone_distribution = None
    self.availability_zone_impairment_policy = self.capacity_reservation_specification = None
    self.instance_lifecycle_policy = self.desired_capacity_type = None
    self.deletion_protection = "none"
    self.source_groups = []  # those of its target groups that were attached as traffic sources
    self.other_sources = []  # traffic sources that are no target groups of a load balancer
    self.activities, self.suspended_at = [], {}
    self.refresh, self.refreshes = None, []  # the latest instance refresh, and all
    self.policies, self.notifications, self.scheduled_actions = {}, {}, {}  # by name, by topic, by name
    self.own_policy = None  # of mixed instances, whole
    self.owed = 0  # instances lost to their health and not replaced yet
    self.wanted_because = self.balanced_because = ""  # causes of the next launches and terminations
    self.launch_not_before = self.balance_not_before = 0.0  # after a failure
    original(self, *args, **kwargs)


def deleting(group: Any) -> bool:
    return bool(group.status == DELETING)


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
    return float(group.default_instance_warmup or 0)


def maintenance_policy(group: Any) -> dict[str, int]:
    """The instance maintenance policy: both percentages, or none."""
    return group.instance_maintenance_policy or {}
