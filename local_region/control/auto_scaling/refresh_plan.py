"""What an instance refresh does next: pure.

EC2 Auto Scaling User Guide, "How an instance refresh works": instances are replaced in batches as large as the minimum
and maximum healthy percentages allow; a replacement counts when it is healthy and warmed up.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from local_region.control.auto_scaling.bounds import Bounds
from local_region.control.auto_scaling.members import Fitness


@dataclass(frozen=True)
class Member:
    """An instance that counts towards the desired capacity. ``old``: still to be replaced; ``held``: but not yet."""

    id: str
    zone: str
    old: bool
    fitness: Fitness
    held: bool = False


@dataclass(frozen=True)
class Step:
    launch: int = 0
    terminate: tuple[str, ...] = field(default=())


def goal(desired: int, percentage: int) -> int:
    """How many instances are new when a checkpoint is reached."""
    return math.ceil(desired * percentage / 100)


def next_step(members: Sequence[Member], limits: Bounds, new: int) -> Step:
    """What to launch and to terminate now, so that at most ``new`` instances are new ones at the end.

    The healthy and ready never become fewer than the minimum by it, nor all together more than the maximum.
    """
    left = list(members)
    may_go = max(0, sum(member.old for member in left) - (limits.desired - new))
    gone: list[str] = []
    while len(gone) < may_go and (member := _dispensable(left, limits)):
        left.remove(member)
        gone.append(member.id)
    replaceable = min(may_go - len(gone), sum(member.old and not member.held for member in left))
    missing = limits.desired - len(left)
    launch = max(missing, min(limits.maximum - len(left), replaceable + missing), 0)
    return Step(launch, tuple(gone))


def _dispensable(members: Sequence[Member], limits: Bounds) -> Member | None:
    """The next to go: what fails first, then what is not ready, of each kind from the fullest zone, the oldest.

    A failing instance costs no capacity. One that is still coming is given up only while enough others are ready.
    """
    ready = sum(member.fitness == "ready" for member in members)
    spare = {"failing": True, "coming": ready >= limits.minimum, "ready": ready > limits.minimum}
    rank = list(spare)
    crowd = Counter(member.zone for member in members)
    free = (member for member in members if member.old and not member.held and spare[member.fitness])
    return min(free, key=lambda member: (rank.index(member.fitness), -crowd[member.zone]), default=None)
