"""Targets: which resources an experiment acts on, found when it starts.

AWS FIS User Guide, "Targets for AWS FIS": by ARN, or by tags (all of them) and parameters; filters look at what the
service's Describe call tells (all filters, any value of each); then the selection mode takes all, some or a share.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local_region.control.fault_injection.errors import Failure
from local_region.control.fault_injection.resource_types import RESOURCE_TYPES, Resource
from local_region.control.fault_injection.role import Role

SELECTION = re.compile(r"ALL|(?P<unit>COUNT|PERCENT)\((?P<number>[1-9][0-9]*)\)")
EMPTY = "Target resolution returned empty set."
Definition = Mapping[str, Any]


def resolve(role: Role, definition: Definition) -> list[Resource]:
    """The resources that a target selects; none is no failure here.

    Raises:
        Failure: the role may not look, or an ARN names nothing that is there.
    """
    kind = RESOURCE_TYPES[definition["resourceType"]]
    if definition.get("resourceTags") and kind.permission_for_tags:
        role.require(kind.permission_for_tags)
    return select(definition["selectionMode"], list(_identified(role, definition, kind.find(role))))


def _identified(role: Role, definition: Definition, resources: Sequence[Resource]) -> Iterator[Resource]:
    if arns := definition.get("resourceArns"):
        there = {resource.arn: resource for resource in resources}
        for arn in arns:
            if arn not in there:
                raise Failure("InvalidTarget", f"The resource {arn} does not exist.")
            yield there[arn]
        return
    tags, filters = definition.get("resourceTags") or {}, definition.get("filters") or []
    known = RESOURCE_TYPES[definition["resourceType"]].parameters
    for resource in resources:
        if (
            tags.items() <= resource.tags.items()
            and all(known[name].selects(role, resource, value) for name, value in _parameters(definition))
            and all(matches(resource.description, each["path"], each["values"]) for each in filters)
        ):
            yield resource


def _parameters(definition: Definition) -> list[tuple[str, str]]:
    return list((definition.get("parameters") or {}).items())


def matches(description: Any, path: str, values: Sequence[str]) -> bool:
    """Whether one of the values stands at the path; a list on the way stands for each of its elements."""
    return any(_text(found) in values for found in _at(description, path.split(".")))


def _at(found: Any, path: Sequence[str]) -> Iterator[Any]:
    if isinstance(found, list):
        for each in found:
            yield from _at(each, path)
    elif not path:
        yield found
    elif isinstance(found, Mapping):
        # Paths are in Pascal case, whatever the case of the service's own members.
        name = path[0] if path[0] in found else path[0][:1].lower() + path[0][1:]
        if name in found:
            yield from _at(found[name], path[1:])


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def select(mode: str, resources: list[Resource]) -> list[Resource]:
    """ALL, COUNT(n) or PERCENT(n) of the resources; chosen at random, a share is rounded down."""
    found = SELECTION.fullmatch(mode)
    if found is None or found["unit"] is None:
        return resources
    number = int(found["number"])
    wanted = number if found["unit"] == "COUNT" else len(resources) * number // 100
    return secrets.SystemRandom().sample(resources, min(wanted, len(resources)))
