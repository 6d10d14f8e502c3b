# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The state of a stack as AWS tells it at one moment, and what became different since the moment before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Fields = Mapping[str, Any]
State = Mapping[tuple[str, str], Fields]  # (kind, identifier) -> its fields

INSTANCE, DATABASE, GROUP = "instance", "database", "group"

# An instance in several target groups is what the worst of them says.
WORST_FIRST = ("unhealthy", "unhealthy.draining", "draining", "initial", "unused", "unavailable", "healthy")


def state(group: Fields | None, health: Iterable[Fields], database: Fields | None) -> State:
    """From DescribeAutoScalingGroups, DescribeTargetHealth (of every target group) and DescribeDBInstances."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    if group:
        found[GROUP, group["AutoScalingGroupName"]] = _group(group)
    for member in (group or {}).get("Instances", []):
        found[INSTANCE, member["InstanceId"]] = _member(member)
    for target in sorted(health, key=_badness, reverse=True):
        found.setdefault((INSTANCE, target["Target"]["Id"]), {}).update(_target(target))
    if database:
        found[DATABASE, database["DBInstanceIdentifier"]] = _database(database)
    return found


def _badness(target: Fields) -> int:
    """The worst comes last in descending order, so that it is what remains."""
    told = target["TargetHealth"]["State"]
    return WORST_FIRST.index(told) if told in WORST_FIRST else 0


def _group(group: Fields) -> dict[str, Any]:
    return {
        "min": group["MinSize"],
        "desired": group["DesiredCapacity"],
        "max": group["MaxSize"],
        "zones": sorted(group["AvailabilityZones"]),
        "suspended": sorted(each["ProcessName"] for each in group.get("SuspendedProcesses", [])),
    }


def _member(member: Fields) -> dict[str, Any]:
    return {
        "zone": member["AvailabilityZone"],
        "lifecycle": member["LifecycleState"],
        "health": member["HealthStatus"],
        "version": str(member.get("LaunchTemplate", {}).get("Version", "")),
    }


def _target(target: Fields) -> dict[str, Any]:
    health = target["TargetHealth"]
    override = target.get("AdministrativeOverride", {}).get("State", "")
    return {
        "target": health["State"],
        "reason": health.get("Reason", ""),
        "told": health.get("Description", ""),
        "shifted": override.startswith("zonal_shift"),
    }


def _database(database: Fields) -> dict[str, Any]:
    return {
        "status": database["DBInstanceStatus"],
        "zone": database.get("AvailabilityZone", ""),
        "secondary_zone": database.get("SecondaryAvailabilityZone", ""),
        "multi_az": database.get("MultiAZ", False),
    }


def transitions(before: State, after: State) -> list[dict[str, Any]]:
    """One record for each subject that is new, different or gone: all of its fields, or ``gone``."""
    changed = [
        {"subject": kind, "id": identity, **fields}
        for (kind, identity), fields in after.items()
        if before.get((kind, identity)) != fields
    ]
    gone = [
        {"subject": kind, "id": identity, "gone": True} for kind, identity in before if (kind, identity) not in after
    ]
    return changed + gone


def phase(fields: Fields) -> str:
    """An instance's state in one word, as its clients care: what its target group says, else the group's lifecycle."""
    if fields.get("gone"):
        return "gone"
    target = fields.get("target", "")
    if target == "healthy" and fields.get("shifted"):
        return "shifted"
    if target:
        return "draining" if target.endswith("draining") else str(target)
    lifecycle = str(fields.get("lifecycle", ""))
    words = {"Pending": "pending", "Terminating": "terminating", "Terminated": "terminating", "InService": "running"}
    return words.get(lifecycle.partition(":")[0], lifecycle.lower() or "unknown")


def healthy(now: State) -> int:
    """How many instances a target group calls healthy."""
    return sum(fields.get("target") == "healthy" for (kind, _), fields in now.items() if kind == INSTANCE)


def by_kind(now: State) -> dict[str, dict[str, Any]]:
    """Kind -> identifier -> its fields, for a reader of JSON; an instance's with its ``phase``."""
    found: dict[str, dict[str, Any]] = {INSTANCE: {}, DATABASE: {}, GROUP: {}}
    for (kind, identity), fields in now.items():
        found[kind][identity] = {**fields, "phase": phase(fields)} if kind == INSTANCE else dict(fields)
    return found
