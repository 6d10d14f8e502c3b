"""What FIS refuses of an experiment template.

The limits are those of the AWS FIS User Guide ("Quotas and limitations") and of the API reference. Where FIS's own
message is known it is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from local_region.control.fault_injection import alarms
from local_region.control.fault_injection.actions import ACTIONS
from local_region.control.fault_injection.errors import ValidationException
from local_region.control.fault_injection.limits import exceeded
from local_region.control.fault_injection.parameters import faults
from local_region.control.fault_injection.resource_types import RESOURCE_TYPES
from local_region.control.fault_injection.role import fault_of
from local_region.control.fault_injection.targets import SELECTION

MOST_ACTIONS = 20
MOST_STOP_CONDITIONS = 5
Template = Mapping[str, Any]


def check(template: Template, iam: Any, cloudwatch: Any) -> None:
    """Raises ValidationException with the first thing that is wrong with a template in the API's own shape."""
    for fault in _faults(template, iam, cloudwatch):
        raise ValidationException(fault)


def _faults(template: Template, iam: Any, cloudwatch: Any) -> Iterator[str]:
    yield from exceeded(template)
    yield from _whole(template)
    experiments = f"arn:aws:fis:{cloudwatch.region_name}:{cloudwatch.account_id}:experiment/EXP"
    if fault := fault_of(iam, template["roleArn"], experiments):
        yield fault
    for name, target in (template.get("targets") or {}).items():
        yield from _target(name, target)
    for name, action in template["actions"].items():
        yield from _action(name, action, template)
    yield from _order(template["actions"])
    for condition in template["stopConditions"]:
        yield from _stop_condition(condition, alarms.states(cloudwatch))


def _whole(template: Template) -> Iterator[str]:
    if not template.get("description"):
        yield "The description of an experiment template must not be empty."
    if not template["actions"]:
        yield "An experiment template must have at least one action."
    if len(template["actions"]) > MOST_ACTIONS:
        yield f"An experiment template can have {MOST_ACTIONS} actions at most, not {len(template['actions'])}."
    if not template["stopConditions"]:
        yield 'An experiment template must have a stop condition; the source "none" stands for none.'
    if len(template["stopConditions"]) > MOST_STOP_CONDITIONS:
        yield f"An experiment template can have {MOST_STOP_CONDITIONS} stop conditions at most."
    options = template.get("experimentOptions") or {}
    if options.get("emptyTargetResolutionMode", "fail") not in {"fail", "skip"}:
        yield f"emptyTargetResolutionMode is {options['emptyTargetResolutionMode']}: it must be fail or skip."
    if options.get("accountTargeting", "single-account") != "single-account":
        yield f"accountTargeting is {options['accountTargeting']}: this region has one account, single-account."
    if (log := template.get("logConfiguration")) and not log.keys() - {"logSchemaVersion"}:
        yield "Must specify at least one log destination in logConfiguration"


def _target(name: str, target: Mapping[str, Any]) -> Iterator[str]:
    kind = RESOURCE_TYPES.get(target["resourceType"])
    arns, tags = target.get("resourceArns") or [], target.get("resourceTags") or {}
    given, filters = target.get("parameters") or {}, target.get("filters") or []
    if kind is None:
        yield f"The resource type {target['resourceType']} of target {name} is not one of {', '.join(RESOURCE_TYPES)}."
        return
    if arns and tags:
        yield f"You cannot specify both resource ARNs and resource tags for target {name}."
    if arns and filters:
        yield f"You cannot specify both resource ARNs and filters for target {name}."
    if not (arns or tags or given):
        yield f"You must specify resource ARNs, resource tags or parameters for target {name}."
    for unknown in given.keys() - kind.parameters.keys():
        yield f'TargetResourceType {target["resourceType"]} does not support the parameter "{unknown}".'
    yield from _selection(name, target["selectionMode"])


def _selection(name: str, mode: str) -> Iterator[str]:
    found = SELECTION.fullmatch(mode)
    if found is None or (found["unit"] == "PERCENT" and int(found["number"]) > 100):
        yield f"Invalid selection mode {mode} of target {name}: it must be ALL, COUNT(n) or PERCENT(n)."


def _action(name: str, action: Mapping[str, Any], template: Template) -> Iterator[str]:
    kind = ACTIONS.get(action["actionId"])
    if kind is None:
        yield f'Unknown action ID {action["actionId"]} found in action "{name}"; this region has {", ".join(ACTIONS)}.'
        return
    yield from faults(kind.parameters, action.get("parameters") or {}, f'action "{name}"')
    given = action.get("targets") or {}
    for key in given.keys() - kind.takes().keys():
        yield f'Unexpected target "{key}" found in action "{name}".'
    for key, resource_type in kind.takes().items():
        yield from _taken(name, key, resource_type, given.get(key), template.get("targets") or {})


def _taken(name: str, key: str, resource_type: str, target: str | None, targets: Mapping[str, Any]) -> Iterator[str]:
    if target is None:
        yield f'Missing target "{key}" in action "{name}".'
    elif target not in targets:
        yield f'Target "{target}" of action "{name}" is not defined.'
    elif targets[target]["resourceType"] != resource_type:
        yield f'Target "{target}" of action "{name}" must be of the resource type {resource_type}.'


def _order(actions: Mapping[str, Any]) -> Iterator[str]:
    before = {name: action.get("startAfter") or [] for name, action in actions.items()}
    for name, names in before.items():
        for unknown in set(names) - actions.keys():
            yield f'Action "{name}" starts after "{unknown}", which is not defined.'
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        yield f"The actions wait for each other: {' -> '.join(error.args[1])}."


def _stop_condition(condition: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[str]:
    source, value = condition["source"], condition.get("value")
    if source not in {"none", "aws:cloudwatch:alarm"}:
        yield f"Invalid stop condition source {source}: it must be none or aws:cloudwatch:alarm."
    elif source == "none" and value:
        yield "A stop condition whose source is none can't have a value."
    elif source == "aws:cloudwatch:alarm" and not alarms.ARN.fullmatch(value or ""):
        yield f"Invalid stop condition value {value}: it must be the ARN of a CloudWatch alarm."
    elif source == "aws:cloudwatch:alarm" and value not in known:
        yield f"The alarm {value} of a stop condition does not exist."
