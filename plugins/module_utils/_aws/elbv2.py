# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the Elastic Load Balancing v2 API's resources share.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

AT_ONCE = 20  # resources that one call describes by their names or ARNs, or whose tags one call tells


def paginated(session: Session, operation: str, member: str, **request: Any) -> list[dict[str, Any]]:
    """The ``member`` of all pages of a describe call, named as boto3 names its method."""
    pages = session.client("elbv2").get_paginator(operation).paginate(**request)
    return [item for page in pages for item in page[member]]


def describe_tags(session: Session, arn: str) -> list[dict[str, str]]:
    return tags_of(session, [arn])[arn]


def tags_of(session: Session, arns: Collection[str]) -> dict[str, list[dict[str, str]]]:
    """The tags of each of ``arns``, as the API's lists."""
    described: dict[str, list[dict[str, str]]] = {arn: [] for arn in arns}
    for some in _batches(arns):
        for resource in session.client("elbv2").describe_tags(ResourceArns=some)["TagDescriptions"]:
            described[resource["ResourceArn"]] = resource["Tags"]
    return described


def _batches(values: Iterable[str]) -> Iterator[list[str]]:
    each_once = list(dict.fromkeys(values))
    return (each_once[start : start + AT_ONCE] for start in range(0, len(each_once), AT_ONCE))


def target_groups(session: Session, arns: Iterable[str]) -> list[dict[str, Any]]:
    """The TargetGroups of the API."""
    client = session.client("elbv2")
    found = (client.describe_target_groups(TargetGroupArns=some)["TargetGroups"] for some in _batches(arns))
    return [group for some in found for group in some]


def target_group_arns(session: Session, names: Collection[str], balancer: str | None) -> dict[str, str]:
    """The ARNs of target groups by name. StackError names those that don't exist, and those that are another load
    balancer's than ``balancer``, an ARN: a target group has one."""
    groups: dict[str, dict[str, Any]] = {}
    for some in _batches(sorted(names)):
        found = _by_name(session, some)
        if not found and len(some) > 1:  # the call fails as a whole when one name of several is unknown
            found = {name: group for each in some for name, group in _by_name(session, [each]).items()}
        groups.update(found)
    missing = sorted(set(names) - groups.keys())
    if missing:
        raise StackError(
            f"target group {', '.join(missing)}: there is no target group of that name in this account and region. "
            "Make it first (ha_stack.aws.target_group), or correct the name."
        )
    for name, group in groups.items():
        if others := sorted(set(group.get("LoadBalancerArns", ())) - {balancer}):
            raise StackError(
                f"target group {name}: it is behind {' and '.join(others)}, and can't be behind another load balancer "
                "too. Take it out of there first, or make another target group."
            )
    return {name: group["TargetGroupArn"] for name, group in groups.items()}


def _by_name(session: Session, names: list[str]) -> dict[str, dict[str, Any]]:
    with ignoring("TargetGroupNotFound"):
        described = session.client("elbv2").describe_target_groups(Names=names)
        return {group["TargetGroupName"]: group for group in described["TargetGroups"]}
    return {}


def put_tags(session: Session, arn: str, change: Change) -> None:
    """Make the tags of ``arn`` those of the change; nothing where it doesn't touch them."""
    changed, gone = tags.changes(change.before, change.after)
    if changed:
        session.client("elbv2").add_tags(ResourceArns=[arn], Tags=tags.to_api(changed))
    if gone:
        session.client("elbv2").remove_tags(ResourceArns=[arn], TagKeys=gone)
