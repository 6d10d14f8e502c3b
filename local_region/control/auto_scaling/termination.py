"""Which instance a scale-in takes away: pure.

EC2 Auto Scaling User Guide, "Configure termination policies": zones are balanced first whatever the policy, then the
policies are applied in order, each to what the one before it left equal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any

# A policy's key of (member, place in the order of launch): the smallest is taken.
KEYS: dict[str, Callable[[Any, int], float]] = {
    "OldestInstance": lambda member, place: place,
    "NewestInstance": lambda member, place: -place,
    "OldestLaunchConfiguration": lambda member, place: 0 if member.launch_template is None else 1,
    "OldestLaunchTemplate": lambda member, place: template_version(member),
}
# Default: an instance of a launch configuration, then of the oldest template version. What AWS asks next, the time
# to the next billing hour, leaves no two instances equal; here it is the age.
DEFAULT = ("OldestLaunchConfiguration", "OldestLaunchTemplate", "OldestInstance")


def template_version(member: Any) -> int:
    return int((member.launch_template or {}).get("Version") or 0)


def movable(members: Sequence[Any]) -> bool:
    """Whether the fullest zone has an instance that is not protected from scale-in."""
    crowd = Counter(member.availability_zone for member in members)
    most = max(crowd.values(), default=0)
    return any(crowd[each.availability_zone] == most and not each.protected_from_scale_in for each in members)


def choose(
    members: Sequence[Any], policies: Sequence[str], failing: Collection[Any] = (), zones: Collection[str] = ()
) -> Any:
    """The one of ``members`` (in the order of launch) to terminate, or None: all are protected from scale-in.

    One outside the group's ``zones`` goes before all others; of those in the fullest zone, one that is unhealthy
    already does.
    """
    free = [(place, member) for place, member in enumerate(members) if not member.protected_from_scale_in]
    if not free:
        return None
    crowd = Counter(member.availability_zone for member in members)
    strays = {zone: len(members) + 1 for zone in crowd if zones and zone not in zones}
    crowd.update(strays)
    fullest = max(crowd[member.availability_zone] for _, member in free)
    candidates = [(place, member) for place, member in free if crowd[member.availability_zone] == fullest]
    keys = [KEYS[name] for policy in policies for name in (DEFAULT if policy not in KEYS else (policy,))]
    chosen = min(
        candidates, key=lambda each: (each[1] not in failing, *(key(each[1], each[0]) for key in keys), each[0])
    )
    return chosen[1]
