# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that tell all of Auto Scaling Groups."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_parts import reads
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_read import (
    scaling_activities,
    target_health,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.ec2 import pages
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.instance_refresh import newest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_info import NUMBERS, Seen, facts
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_parts import PARTS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_template import launches


def read(session: Session) -> list[dict[str, Any]]:
    """One call for the groups, one for what $Latest and $Default stand for, and for each group one for activities, one
    for refreshes, one a target group, and four for its parts where they are asked for, side by side."""
    names = session.params["names"]
    asked = {} if names is None else {"AutoScalingGroupNames": names}
    found = session.client("autoscaling").get_paginator("describe_auto_scaling_groups").paginate(**asked)
    groups = [] if names == [] else [group for page in found for group in page["AutoScalingGroups"]]
    templates = _templates(session, groups)
    return session.together(*(partial(_whole, session, group, templates) for group in groups))


def _templates(session: Session, groups: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Those whose versions are told by $Latest or $Default, by id."""
    called = [template for group in groups if (template := launches(group))]
    ids = {each["LaunchTemplateId"] for each in called if each.get("Version", "$Default") in NUMBERS}
    if not ids:
        return {}
    found = pages(session, "describe_launch_templates", "LaunchTemplates", LaunchTemplateIds=sorted(ids))
    return {template["LaunchTemplateId"]: template for template in found}


def _whole(session: Session, group: dict[str, Any], templates: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    name, asked = group["AutoScalingGroupName"], session.params
    kinds = reads(session, name, PARTS if asked["parts"] else ())
    health, activities, refreshes, *parts = session.together(
        lambda: target_health(session, group),
        lambda: scaling_activities(session, name, asked["activities"]) if asked["activities"] else [],
        lambda: newest(session, name, asked["refreshes"]) if asked["refreshes"] else [],
        *kinds.values(),
    )
    template = templates.get((launches(group) or {}).get("LaunchTemplateId", ""))
    told = dict(zip(kinds, parts, strict=True))
    return facts(Seen(group, health, activities, refreshes, template, told))
