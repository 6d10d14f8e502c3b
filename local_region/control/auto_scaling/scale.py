"""Towards the desired capacity: launches and terminations, replacement of what is unhealthy, balance over zones.

An instance may be there beyond the desired capacity for a while, until it can stand in for another: it is ``extra``.
"""

from __future__ import annotations

import time
from typing import Any

from local_region.control.auto_scaling import termination, zones
from local_region.control.auto_scaling.activities import stamp
from local_region.control.auto_scaling.bounds import Bounds, bounds
from local_region.control.auto_scaling.groups import maintenance_policy, warmup
from local_region.control.auto_scaling.health import gone
from local_region.control.auto_scaling.launch import launch
from local_region.control.auto_scaling.lifecycle import in_transition, retire
from local_region.control.auto_scaling.members import fitness, live
from local_region.control.moment import Moment

# Seconds at time scale 1 until what failed is tried again. AWS does not say its own times.
LAUNCH_AGAIN = 5.0
BALANCE_AGAIN = 15.0

UNHEALTHY = "an instance was launched in response to an unhealthy instance needing to be replaced."
DIFFERENCE = "in response to a difference between desired and actual capacity"


def replace_unhealthy(moment: Moment, group: Any, suspended: set[str], first: bool) -> None:
    """Terminate what is unhealthy; where ``first`` holds only when an extra instance is ready to stand in for it.

    An instance that EC2 has no more is replaced at once whatever the maintenance policy.
    """
    if suspended & {"Terminate", "ReplaceUnhealthy"}:
        return
    for member in live(group):
        if member.health_status != "Unhealthy":
            continue
        if gone(member) or not first:
            group.owed += 1
        elif not _stand_in(moment, group):
            continue
        retire(group, member, f"an instance was taken out of service in response to {member.unhealthy_because}.")


def _stand_in(moment: Moment, group: Any) -> bool:
    """Take an extra instance that is ready into the desired capacity, if there is one."""
    for member in live(group):
        if member.extra == "unhealthy" and fitness(moment, group, member, warmup(group)) == "ready":
            member.extra = None
            return True
    return False


def limits(group: Any) -> Bounds:
    """The maintenance policy's; without one an unhealthy instance is terminated first."""
    policy = maintenance_policy(group)
    return bounds(group.desired_capacity, policy.get("MinHealthyPercentage", 90), policy.get("MaxHealthyPercentage"))


def scale(moment: Moment, group: Any, suspended: set[str]) -> None:
    """One turn of a group that no instance refresh governs."""
    _settle_extras(moment, group)
    members = live(group)
    surplus = len(members) - group.desired_capacity - sum(member.extra is not None for member in members)
    if surplus:
        if moment.clock.over("group.scaling", group.arn):
            (shrink if surplus > 0 else grow)(moment, group, suspended, abs(surplus))
        return
    moment.clock.forget("group.scaling", group.arn)
    group.wanted_because, group.owed = "", 0
    if "Launch" not in suspended:
        _launch_stand_ins(moment, group)
        _balance(moment, group, suspended)


def _settle_extras(moment: Moment, group: Any) -> None:
    """An extra instance becomes an ordinary one when it is needed as such, or when it is ready and balances a zone."""
    members = live(group)
    missing = group.desired_capacity - sum(member.extra is None for member in members)
    for member in (each for each in members if each.extra):
        ready = fitness(moment, group, member, warmup(group)) == "ready"
        if missing > 0 or (ready and member.extra == "balance"):
            missing -= 1
            member.extra = None
        elif not any(each.health_status == "Unhealthy" for each in members) and member.extra == "unhealthy":
            member.extra = None  # what it was to stand in for recovered or is gone


def grow(moment: Moment, group: Any, suspended: set[str], count: int) -> None:
    if "Launch" in suspended or time.monotonic() < group.launch_not_before:
        return
    for _ in range(count):
        actual = len(live(group))
        cause = f"an instance was started {DIFFERENCE}, increasing the capacity from {actual} to {actual + 1}."
        causes = (UNHEALTHY,) if group.owed else (group.wanted_because, cause)
        if not add(moment, group, places(moment, group), *filter(None, causes)):
            return
        group.owed = max(0, group.owed - 1)


def add(moment: Moment, group: Any, subnets: list[Any], *causes: str) -> Any:
    """Launch one; after a failure none is tried for a while."""
    member = launch(moment, group, subnets, *causes)
    if member is None:
        group.launch_not_before = time.monotonic() + LAUNCH_AGAIN * moment.clock.scale
    return member


def places(moment: Moment, group: Any, first: Any = ()) -> list[Any]:
    """The subnets to try, in order. The group's zone distribution says whether other zones may stand in."""
    ordered = zones.order(_subnets(moment, group), live(group), first)
    distribution = group.availability_zone_distribution or {}
    if distribution.get("CapacityDistributionStrategy") == "balanced-only":
        return zones.emptiest(ordered, live(group))
    return ordered


def _subnets(moment: Moment, group: Any) -> list[Any]:
    """The group's subnets that are there; of a group with zones only, their default subnets."""
    known = [subnet for of_zone in moment.backends.ec2.subnets.values() for subnet in of_zone.values()]
    if group.vpc_zone_identifier:
        wanted = group.vpc_zone_identifier.split(",")
        return sorted((each for each in known if each.id in wanted), key=lambda each: wanted.index(each.id))
    return [each for each in known if each.availability_zone in group.availability_zones and each.default_for_az]


def shrink(moment: Moment, group: Any, suspended: set[str], count: int) -> None:
    if "Terminate" in suspended:
        return
    for _ in range(count):
        members = live(group)
        failing = [each for each in members if fitness(moment, group, each, 0) == "failing"]
        own = {subnet.availability_zone for subnet in _subnets(moment, group)}
        chosen = termination.choose(members, group.termination_policies, failing, own)
        if chosen is None:
            return
        why = group.balanced_because or group.wanted_because
        took = f"an instance was taken out of service {DIFFERENCE}, shrinking the capacity from "
        took += f"{len(members)} to {len(members) - 1}."
        selected = f"instance {chosen.instance.id} was selected for termination."
        retire(group, chosen, *filter(None, (why, took, selected)))
    group.balanced_because = ""


def _launch_stand_ins(moment: Moment, group: Any) -> None:
    """With a maintenance policy that launches first: an extra instance for each unhealthy one, within its maximum."""
    members = live(group)
    ill = sum(member.health_status == "Unhealthy" for member in members)
    extras = sum(member.extra == "unhealthy" for member in members)
    if time.monotonic() < group.launch_not_before or not limits(group).launches_first:
        return
    for _ in range(min(ill - extras, limits(group).maximum - len(members))):
        if not (member := add(moment, group, places(moment, group), UNHEALTHY)):
            return
        member.extra = "unhealthy"


def _balance(moment: Moment, group: Any, suspended: set[str]) -> None:
    """Launch where instances are missing; when they are ready the surplus goes, from the fullest zone.

    The group may pass its maximum size by a tenth of it, or by one instance, while it is being rebalanced.
    """
    if "AZRebalance" in suspended or in_transition(group) or any(member.extra for member in live(group)):
        return
    if time.monotonic() < group.balance_not_before:
        return
    members = live(group)
    if not termination.movable(members):
        return
    subnets = zones.order(_subnets(moment, group), members)
    wanted = zones.moves([subnet.availability_zone for subnet in subnets], [m.availability_zone for m in members])
    room = group.max_size + max(1, group.max_size // 10) - len(members)
    for zone in wanted[:room]:
        there = [subnet for subnet in subnets if subnet.availability_zone == zone]
        had = sum(member.availability_zone == zone for member in members)
        cause = f"availability zones {zone} had {had} instances respectively. "
        member = launch(moment, group, there, f"{cause}An instance was launched to aid in balancing the group's zones.")
        if member is None:
            group.balance_not_before = time.monotonic() + BALANCE_AGAIN * moment.clock.scale
            return
        member.extra = "balance"
        group.balanced_because = (
            f"At {stamp()} instances were launched to balance instances in zones {zone} with other zones resulting in "
            "more than desired number of instances in the group."
        )
