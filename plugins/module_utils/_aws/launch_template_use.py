# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that tell which versions of a launch template are in use: EC2 deletes one all the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.ec2 import pages
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_template import named_versions
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh import UNDER_WAY


def versions_in_use(session: Session, template_id: str) -> tuple[int, ...]:
    """Those that instances run from, and those that Auto Scaling Groups would launch, by themselves or in an instance
    refresh that is under way."""
    instances, groups = session.together(
        lambda: _instances(session, template_id), lambda: list(_groups(session, template_id))
    )
    refreshes = session.together(*(partial(_under_way, session, group["AutoScalingGroupName"]) for group in groups))
    rolled_out = [each.get("DesiredConfiguration", {}) for found in refreshes for each in found]
    holders = (*groups, *(instance for group in groups for instance in group.get("Instances", ())), *rolled_out)
    return tuple(sorted({*instances, *_versions(holders, template_id)}))


def _instances(session: Session, template_id: str) -> set[int]:
    """EC2 tags every instance with the template and the version that it was launched from."""
    filters = [
        {"Name": "tag:aws:ec2launchtemplate:id", "Values": [template_id]},
        {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]},
    ]
    reservations = pages(session, "describe_instances", "Reservations", Filters=filters)
    tags = (tag for each in reservations for instance in each["Instances"] for tag in instance["Tags"])
    return {int(tag["Value"]) for tag in tags if tag["Key"] == "aws:ec2launchtemplate:version"}


def _groups(session: Session, template_id: str) -> Iterator[dict[str, Any]]:
    """Every group is looked at: no call tells those of a launch template."""
    for page in session.client("autoscaling").get_paginator("describe_auto_scaling_groups").paginate():
        for group in page["AutoScalingGroups"]:
            holders = (group, *group.get("Instances", ()))
            if any(template_id == own for holder in holders for own, _ in named_versions(holder)):
                yield group


def _under_way(session: Session, group: str) -> list[dict[str, Any]]:
    """None of a group that has gone meanwhile, which this call finds not valid."""
    with ignoring("ValidationError"):
        described = session.client("autoscaling").describe_instance_refreshes(AutoScalingGroupName=group)
        return [each for each in described["InstanceRefreshes"] if each["Status"] in UNDER_WAY]
    return []


def _versions(holders: Iterable[Mapping[str, Any]], template_id: str) -> Iterator[int]:
    for holder in holders:
        yield from (
            int(version) for own, version in named_versions(holder) if own == template_id and version.isdecimal()
        )
