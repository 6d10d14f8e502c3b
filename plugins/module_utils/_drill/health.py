# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a stack lacks to be whole: able to lose an instance, a zone or its database's primary without an outage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.state import DATABASE, GROUP, INSTANCE, State

Fields = Mapping[str, Any]
# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html: the states of one that is not over.
UNDER_WAY = ("Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking")


def ailments(now: State, refreshes: Iterable[Fields] = ()) -> list[str]:
    """Each thing that is wrong, in words."""
    found: list[str] = []
    for (kind, identity), fields in now.items():
        if kind == GROUP:
            found += _group(identity, fields, [each for (what, _), each in now.items() if what == INSTANCE])
        elif kind == INSTANCE:
            found += _instance(identity, fields)
        elif kind == DATABASE:
            found += _database(identity, fields)
    under_way = (each for each in refreshes if each["Status"] in UNDER_WAY)
    return found + [f"instance refresh {each['InstanceRefreshId']} is {each['Status']}" for each in under_way]


def _group(name: str, group: Fields, instances: list[Fields]) -> Iterator[str]:
    serving = Counter(each["zone"] for each in instances if each.get("lifecycle") == "InService")
    if serving.total() != group["desired"]:
        yield f"group {name} has {serving.total()} instances in service, wants {group['desired']}"
    counts = [serving[zone] for zone in group["zones"]]
    if counts and max(counts) - min(counts) > 1:
        yield f"group {name} is out of balance: " + ", ".join(f"{serving[zone]} in {zone}" for zone in group["zones"])
    if group["suspended"]:
        yield f"group {name} has suspended {', '.join(group['suspended'])}"


def _instance(identity: str, instance: Fields) -> Iterator[str]:
    target, lifecycle = instance.get("target"), instance.get("lifecycle")
    if lifecycle not in ("InService", None):
        yield f"instance {identity} is {lifecycle}"
    elif lifecycle is None:
        yield f"target {identity} is {target}, and of no instance of the group"
    elif target != "healthy":
        why = f" ({instance['told']})" if instance.get("told") else ""
        yield f"instance {identity} is {target or 'in no target group'}{why}"
    elif instance.get("shifted"):
        yield f"instance {identity} gets no requests: a zonal shift leads away from {instance['zone']}"


def _database(name: str, database: Fields) -> Iterator[str]:
    if database["status"] != "available":
        yield f"database {name} is {database['status']}"
    if database["multi_az"] and not database["secondary_zone"]:
        yield f"database {name} has no standby"
