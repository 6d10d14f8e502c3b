# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""All of an Auto Scaling Group as data: what it is, how its instances do, which are stale, and what it did lately."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import autoscaling_group, checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_instance import Instance
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_template import called, launches
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh import moment, runs
from ansible_collections.ha_stack.aws.plugins.module_utils._model.mixed_instances import current

OPTIONS: dict[str, Any] = {
    "names": {"type": "list", "elements": "str"},
    "activities": {"type": "int", "default": 10},
    "refreshes": {"type": "int", "default": 5},
    "parts": {"type": "bool", "default": False},
}
MOST = 100  # MaxRecords of DescribeScalingActivities and of DescribeInstanceRefreshes
NUMBERS = {"$Latest": "LatestVersionNumber", "$Default": "DefaultVersionNumber"}


def faults(params: Mapping[str, Any]) -> checks.Faults:
    counted = ("activities", "refreshes")
    return tuple(fault for option in counted for fault in checks.between(option, params[option], 0, MOST, "records"))


@dataclass(frozen=True)
class Seen:
    """Answers of DescribeAutoScalingGroups, DescribeTargetHealth (by target group and instance),
    DescribeScalingActivities, DescribeInstanceRefreshes, and the group's launch template of DescribeLaunchTemplates.
    ``parts`` are its hooks, policies and the like, by option, where they were asked for."""

    group: Mapping[str, Any]
    health: Mapping[str, Mapping[str, Any]]
    activities: Sequence[Mapping[str, Any]]
    refreshes: Sequence[Mapping[str, Any]]
    template: Mapping[str, Any] | None
    parts: Mapping[str, Any]


def facts(seen: Seen) -> dict[str, Any]:
    model = replace(autoscaling_group.from_api(seen.group, seen.health), **seen.parts)
    template = _numbered(seen)
    return {
        **model.facts(),
        "launch_template": template,
        "ready": model.ready,
        "instances": [_instance(each, template, model.mixed_instances) for each in model.instances],
        "activities": [_activity(each) for each in seen.activities],
        "refreshes": [_refresh(each) for each in seen.refreshes],
    }


def _numbered(seen: Seen) -> dict[str, Any] | None:
    """What the group launches from, by the number that $Latest or $Default stands for now."""
    template = launches(seen.group)
    if not template:
        return None
    version = template.get("Version", "$Default")
    number = (seen.template or {}).get(NUMBERS[version]) if version in NUMBERS else version
    return {
        "id": template.get("LaunchTemplateId"),
        "name": template.get("LaunchTemplateName"),
        "version": None if number is None else int(number),
    }


def _instance(instance: Instance, template: Mapping[str, Any] | None, policy: Any) -> dict[str, Any]:
    stale = template is not None and not current(instance, template, policy)
    why = f"it runs {runs(instance, policy)}, the group launches {called(template)}" if stale else None
    return {**instance.facts(), "stale": stale, "stale_reason": why}


def _activity(activity: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": activity["ActivityId"],
        "status": activity["StatusCode"],
        "message": activity.get("StatusMessage"),
        "description": activity.get("Description"),
        "cause": activity["Cause"],
        "progress": activity.get("Progress"),
        "start_time": moment(activity["StartTime"]),
        "end_time": moment(activity.get("EndTime")),
    }


def _refresh(refresh: Mapping[str, Any]) -> dict[str, Any]:
    desired = launches(refresh.get("DesiredConfiguration", {})) or {}
    return {
        "id": refresh["InstanceRefreshId"],
        "status": refresh["Status"],
        "status_reason": refresh.get("StatusReason"),
        "percentage_complete": refresh.get("PercentageComplete"),
        "instances_to_update": refresh.get("InstancesToUpdate"),
        "rollback_reason": refresh.get("RollbackDetails", {}).get("RollbackReason"),
        "launch_template_version": desired.get("Version"),
        "start_time": moment(refresh.get("StartTime")),
        "end_time": moment(refresh.get("EndTime")),
    }
