"""ListActions, GetAction, ListTargetResourceTypes, GetTargetResourceType: what the region's FIS has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from moto.fis.exceptions import ResourceNotFoundException
from moto.fis.responses import FISResponse

from local_region.control.fault_injection.actions import ACTIONS
from local_region.control.fault_injection.resource_types import RESOURCE_TYPES

PAGE = 100


def _action(response: Any, name: str) -> dict[str, Any]:
    """The members of ActionSummary."""
    kind, fis = ACTIONS[name], response.fis_backend
    targets = {key: {"resourceType": resource_type} for key, resource_type in kind.takes().items()}
    arn = f"arn:aws:fis:{fis.region_name}:{fis.account_id}:action/{name}"
    return {"id": name, "arn": arn, "description": kind.description, "targets": targets, "tags": {}}


def _resource_type(name: str) -> dict[str, Any]:
    """The members of TargetResourceTypeSummary."""
    return {"resourceType": name, "description": RESOURCE_TYPES[name].description}


def _parameters(known: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"description": each.description, "required": each.required} for name, each in known.items()}


def _page(response: Any, member: str, items: list[dict[str, Any]]) -> str:
    first = int(response._get_param("nextToken") or 0)
    last = first + (response._get_int_param("maxResults") or PAGE)
    return json.dumps({member: items[first:last], **({"nextToken": str(last)} if last < len(items) else {})})


def list_actions(response: Any) -> str:
    return _page(response, "actions", [_action(response, name) for name in sorted(ACTIONS)])


def get_action(response: Any) -> str:
    name = response._get_param("id")
    if name not in ACTIONS:
        raise ResourceNotFoundException(f"Action {name} does not exist")
    return json.dumps({"action": {**_action(response, name), "parameters": _parameters(ACTIONS[name].parameters)}})


def list_target_resource_types(response: Any) -> str:
    return _page(response, "targetResourceTypes", [_resource_type(name) for name in sorted(RESOURCE_TYPES)])


def get_target_resource_type(response: Any) -> str:
    name = response._get_param("resourceType")
    if name not in RESOURCE_TYPES:
        raise ResourceNotFoundException(f"Target resource type {name} does not exist")
    kind = RESOURCE_TYPES[name]
    return json.dumps({"targetResourceType": {**_resource_type(name), "parameters": _parameters(kind.parameters)}})


for operation in (list_actions, get_action, list_target_resource_types, get_target_resource_type):
    setattr(FISResponse, operation.__name__, operation)
