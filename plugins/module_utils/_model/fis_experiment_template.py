# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A template of AWS Fault Injection Service experiments: what is broken, where, for how long, and what stops it.

FIS has no names but ids: a template's name is its tag Name, as the console shows it.
Source: https://docs.aws.amazon.com/fis/latest/APIReference/API_ExperimentTemplate.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Model, given, identity

NAME = "Name"  # the tag
ALL = "ALL"
ALARM = "aws:cloudwatch:alarm"
NO_STOP = [{"source": "none"}]
LOG_SCHEMA = 2  # of 1 and 2 the one that AWS recommends
# Options of a target and of an action -> members of the API.
TARGET = {
    "resource_type": "resourceType",
    "resource_arns": "resourceArns",
    "resource_tags": "resourceTags",
    "filters": "filters",
    "selection_mode": "selectionMode",
    "parameters": "parameters",
}
ACTION = {
    "action_id": "actionId",
    "description": "description",
    "parameters": "parameters",
    "targets": "targets",
    "start_after": "startAfter",
}

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "description": {},
    "role_arn": {},
    "targets": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": {"required": True},
            "resource_type": {"required": True},
            "resource_arns": {"type": "list", "elements": "str"},
            "resource_tags": {"type": "dict"},
            "filters": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "path": {"required": True},
                    "values": {"type": "list", "elements": "str", "required": True},
                },
            },
            "selection_mode": {"default": ALL},
            "parameters": {"type": "dict"},
        },
    },
    "actions": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": {"required": True},
            "action_id": {"required": True},
            "description": {},
            "parameters": {"type": "dict"},
            "targets": {"type": "dict"},
            "start_after": {"type": "list", "elements": "str"},
        },
    },
    "stop_conditions": {"type": "list", "elements": "str"},
    "log_configuration": {
        "type": "dict",
        "options": {"log_group_arn": {}, "bucket": {}, "prefix": {}},
    },
    "empty_target_resolution_mode": {"choices": ["fail", "skip"]},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class ExperimentTemplate(Model):
    """``targets`` and ``actions`` by name, without what was left empty."""

    name: str
    description: Any = UNSET
    role_arn: Any = UNSET
    targets: Any = UNSET
    actions: Any = UNSET
    stop_conditions: Any = UNSET
    log_configuration: Any = UNSET
    empty_target_resolution_mode: Any = UNSET
    tags: Any = UNSET
    id: str = identity()
    arn: str = identity()


def from_params(params: Mapping[str, Any]) -> ExperimentTemplate:
    return ExperimentTemplate(
        name=params["name"],
        description=given(params["description"]),
        role_arn=given(params["role_arn"]),
        targets=_by_name(params["targets"], TARGET),
        actions=_by_name(params["actions"], ACTION),
        stop_conditions=_alarms(params["stop_conditions"]),
        log_configuration=_log_from_params(params["log_configuration"]),
        empty_target_resolution_mode=given(params["empty_target_resolution_mode"]),
        tags=given(tags.from_params(params["tags"])),
    )


def from_api(template: Mapping[str, Any]) -> ExperimentTemplate:
    """From an ExperimentTemplate of GetExperimentTemplate."""
    own_tags: Mapping[str, str] = template.get("tags", {})
    stops = [each["value"] for each in template.get("stopConditions", ()) if each["source"] == ALARM]
    return ExperimentTemplate(
        name=own_tags.get(NAME, ""),
        description=template.get("description"),
        role_arn=template.get("roleArn"),
        targets=_from_members(template.get("targets", {}), TARGET),
        actions=_from_members(template.get("actions", {}), ACTION),
        stop_conditions=_alarms(stops),
        log_configuration=_log_from_api(template.get("logConfiguration")),
        empty_target_resolution_mode=template.get("experimentOptions", {}).get("emptyTargetResolutionMode", "fail"),
        tags=others(own_tags),
        id=template["id"],
        arn=template["arn"],
    )


def others(own_tags: Mapping[str, str]) -> dict[str, str]:
    """The tags without the one that is the name, and those that AWS keeps to itself."""
    return {key: value for key, value in own_tags.items() if key != NAME and not key.startswith("aws:")}


def to_api(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``settings`` that CreateExperimentTemplate and UpdateExperimentTemplate take alike."""
    request = {
        member: settings[option]
        for option, member in {"description": "description", "role_arn": "roleArn"}.items()
        if option in settings
    }
    for option, members in {"targets": TARGET, "actions": ACTION}.items():
        if option in settings:
            request[option] = {name: _to_members(each, members) for name, each in settings[option].items()}
    if "stop_conditions" in settings:
        stops = [{"source": ALARM, "value": arn} for arn in settings["stop_conditions"]]
        request["stopConditions"] = stops or NO_STOP
    if log := settings.get("log_configuration"):
        request["logConfiguration"] = _log_to_api(log)
    if "empty_target_resolution_mode" in settings:
        request["experimentOptions"] = {"emptyTargetResolutionMode": settings["empty_target_resolution_mode"]}
    return request


def _by_name(items: Sequence[Mapping[str, Any]] | None, members: Mapping[str, str]) -> Any:
    if items is None:
        return UNSET
    return {item["name"]: _normal({option: item.get(option) for option in members}) for item in items}


def _from_members(items: Mapping[str, Mapping[str, Any]], members: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: _normal({option: item.get(member) for option, member in members.items()}) for name, item in items.items()
    }


def _to_members(item: Mapping[str, Any], members: Mapping[str, str]) -> dict[str, Any]:
    return {members[option]: value for option, value in item.items()}


def _normal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is empty, texts as FIS has them, and in order what FIS takes in any."""
    found = {option: value for option, value in item.items() if value not in (None, {}, [], "")}
    for option in ("parameters", "resource_tags", "targets"):
        if option in found:
            found[option] = {str(key): text(value) for key, value in found[option].items()}
    for option in ("resource_arns", "start_after"):
        if option in found:
            found[option] = sorted(found[option])
    if "filters" in found:
        filters = [{"path": each["path"], "values": sorted(each["values"])} for each in found["filters"]]
        found["filters"] = sorted(filters, key=lambda each: each["path"])
    return found


def text(value: Any) -> str:
    """A parameter as FIS takes it: documents as JSON, such as documentParameters of aws:ssm:send-command."""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, separators=(",", ":")) if isinstance(value, (dict, list)) else str(value)


def _alarms(arns: Sequence[str] | None) -> Any:
    return UNSET if arns is None else tuple(sorted(set(arns)))


def _log_from_params(log: Mapping[str, Any] | None) -> Any:
    return UNSET if log is None else {option: value for option, value in log.items() if value}


def _log_from_api(log: Mapping[str, Any] | None) -> Any:
    if not log:
        return None
    bucket = log.get("s3Configuration", {})
    group = log.get("cloudWatchLogsConfiguration", {}).get("logGroupArn")
    found = {"log_group_arn": group, "bucket": bucket.get("bucketName"), "prefix": bucket.get("prefix")}
    return {option: value for option, value in found.items() if value}


def _log_to_api(log: Mapping[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = {"logSchemaVersion": LOG_SCHEMA}
    if "log_group_arn" in log:
        request["cloudWatchLogsConfiguration"] = {"logGroupArn": log["log_group_arn"]}
    if "bucket" in log:
        prefix = {"prefix": log["prefix"]} if "prefix" in log else {}
        request["s3Configuration"] = {"bucketName": log["bucket"], **prefix}
    return request
