# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that tell what an Auto Scaling Group is, and how its instances do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import autoscaling_parts
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import (
    DELETED,
    DELETING,
    AutoScalingGroup,
    from_api,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_instance import Instance
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_parts import PARTS, wanted
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_settings import target_groups
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_template import named
from ansible_collections.ha_stack.aws.plugins.module_utils._model.mixed_instances import templates
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, known

# In session.ids: when this run changed the group, by the clock of AWS, as the HTTP header Date has it.
CHANGED = "autoscaling group changed at"
LOOKED = "autoscaling group looked at since"
PENDING = ("Pending", "Pending:Wait", "Pending:Proceed")  # not yet registered with a target group
TOLD = 20  # scaling activities that are looked at
ALIVE = ("pending", "running", "shutting-down", "stopping", "stopped")


def read(session: Session, want: AutoScalingGroup) -> AutoScalingGroup | None:
    """As below, and side by side with it one call for each kind of parts that is wanted."""
    if session.params.get("state") == "absent":
        return _group(session, want)
    kinds = autoscaling_parts.reads(session, want.name, wanted(want))
    found, *parts = session.together(lambda: _group(session, want), *kinds.values())
    return found and replace(found, **dict(zip(kinds, parts, strict=True)))


def again(session: Session, want: AutoScalingGroup, seen: AutoScalingGroup) -> AutoScalingGroup | None:
    """While it is waited for, a group's parts stay as they are."""
    found = _group(session, want)
    return found and replace(found, **{option: getattr(seen, option) for option in PARTS})


def _group(session: Session, want: AutoScalingGroup) -> AutoScalingGroup | None:
    """One call for the group and one a target group, side by side; scaling activities where instances are missing."""
    absent = session.params.get("state") == "absent"
    # Those that are wanted are most likely those that the group has: it is not asked first.
    asked = () if absent or (CHANGED, want.name) in session.ids else want.target_group_arns or ()
    arns = [arn for arn in asked if known(arn)]
    group, ids, *answers = session.together(
        lambda: describe(session, want.name),
        lambda: ids_of_names(session, want),
        *(partial(_health_in, session, arn) for arn in arns),
    )
    if group is None:
        return _leftover(session, want.name) if absent else None
    if absent or group.get("Status") == DELETING:
        return from_api(group, {})
    found = from_api(group, target_health(session, group, dict(zip(arns, answers, strict=True))), ids)
    if want.warm_pool is UNSET:  # somebody else's, who waits for it
        found = replace(found, warm_pool_leaves=False)
    if want.template_stays and want.launch_template and _another(want, found):
        return replace(found, to_be_refreshed=True)
    if found.ready or not session.wait or _just_changed(session, want.name):
        return found
    return _with_activities(session, found)


def _another(want: AutoScalingGroup, found: AutoScalingGroup) -> bool:
    """Whether the group launches from another template than the wanted one."""
    return bool(named(want.launch_template, found.launch_template, found.template_ids) != found.launch_template)


def _just_changed(session: Session, name: str) -> bool:
    """Whether this is the first look since this run changed the group: no scaling activity has ended by then."""
    just = (CHANGED, name) in session.ids and (LOOKED, name) not in session.ids
    if just:
        session.ids[LOOKED, name] = "yes"
    return just


def describe(session: Session, name: str) -> dict[str, Any] | None:
    """A group that is not there is no error to this API."""
    groups = session.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    found: list[dict[str, Any]] = groups["AutoScalingGroups"]
    return found[0] if found else None


def ids_of_names(session: Session, want: AutoScalingGroup) -> dict[str, str | None]:
    """The ids of the launch templates that are wanted by name; None where there is none of that name."""
    wanted = [want.launch_template or {}, *templates(want.mixed_instances)]
    names = list(dict.fromkeys(each["name"] for each in wanted if each.get("name") and "id" not in each))
    return dict(zip(names, session.together(*(partial(_id_of, session, name) for name in names)), strict=True))


def _id_of(session: Session, name: str) -> str | None:
    with ignoring("InvalidLaunchTemplateName.NotFoundException"):
        found = session.client("ec2").describe_launch_templates(LaunchTemplateNames=[name])
        return next((str(each["LaunchTemplateId"]) for each in found["LaunchTemplates"]), None)
    return None


def target_health(
    session: Session, group: dict[str, Any], asked: Mapping[str, dict[str, Any]] = MappingProxyType({})
) -> dict[str, dict[str, Any]]:
    """Target group ARN -> instance id -> TargetHealth, of every target group that the group registers instances in.

    ``asked`` has the answers that are there already.
    """
    entered = any(each["LifecycleState"] not in PENDING for each in group.get("Instances", ()))
    arns = target_groups(group) if entered else []
    missing = [arn for arn in arns if arn not in asked]
    answers = session.together(*(partial(_health_in, session, arn) for arn in missing))
    told = {**asked, **dict(zip(missing, answers, strict=True))}
    return {arn: told[arn] for arn in arns}


def _health_in(session: Session, arn: str) -> dict[str, Any]:
    return {each["Target"]["Id"]: each["TargetHealth"] for each in targets(session, arn)}


def targets(session: Session, arn: str) -> list[dict[str, Any]]:
    """A target group's targets; none of one that was deleted while the group still names it."""
    with ignoring("TargetGroupNotFound"):
        described = session.client("elbv2").describe_target_health(TargetGroupArn=arn)
        found: list[dict[str, Any]] = described["TargetHealthDescriptions"]
        return found
    return []


def _with_activities(session: Session, group: AutoScalingGroup) -> AutoScalingGroup:
    """The newest activities that did not succeed, and which of them failed after this run changed the group."""
    open_ones = tuple(each for each in scaling_activities(session, group.name) if each["StatusCode"] != "Successful")
    since = _changed_at(session, group.name)
    failed = (each for each in open_ones if each["StatusCode"] == "Failed")
    failures = tuple(each for each in failed if since and each["StartTime"] >= since)
    return replace(group, activities=open_ones, failures=failures)


def scaling_activities(session: Session, name: str, count: int = TOLD) -> list[dict[str, Any]]:
    """The newest first."""
    activities: list[dict[str, Any]] = session.client("autoscaling").describe_scaling_activities(
        AutoScalingGroupName=name, MaxRecords=count
    )["Activities"]
    return activities


def activities_since(session: Session, name: str, since: datetime) -> list[dict[str, Any]]:
    """All scaling activities from ``since`` on, the newest first, as AWS gives them."""
    found: list[dict[str, Any]] = []
    pages = session.client("autoscaling").get_paginator("describe_scaling_activities")
    for page in pages.paginate(AutoScalingGroupName=name):
        recent = [each for each in page["Activities"] if each["StartTime"] >= since]
        found += recent
        if len(recent) < len(page["Activities"]):
            break
    return found


def _changed_at(session: Session, name: str) -> datetime | None:
    """The header has whole seconds: an activity of the next second began after the change for certain."""
    stamp = session.ids.get((CHANGED, name))
    return parsedate_to_datetime(stamp).astimezone(UTC) + timedelta(seconds=1) if stamp else None


def _leftover(session: Session, name: str) -> AutoScalingGroup | None:
    """What a deleted group leaves for a while: instances that hold network interfaces and so security groups."""
    pages = session.client("ec2").get_paginator("describe_instances")
    filters = [
        {"Name": "tag:aws:autoscaling:groupName", "Values": [name]},
        {"Name": "instance-state-name", "Values": list(ALIVE)},
    ]
    instances = tuple(
        Instance(each["InstanceId"], each["Placement"]["AvailabilityZone"], each["State"]["Name"])
        for page in pages.paginate(Filters=filters)
        for reservation in page["Reservations"]
        for each in reservation["Instances"]
    )
    return AutoScalingGroup(name, status=DELETED, instances=instances) if instances else None
