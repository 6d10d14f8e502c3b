# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Elastic Load Balancing v2 calls behind a target group."""

from __future__ import annotations

from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.elbv2 import attributes_to_api, describe_tags, put_tags
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import ACROSS_SERVICES, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.target_group import (
    ATTRIBUTES,
    FIXED,
    HEALTH_CHECK,
    TargetGroup,
    from_api,
)

RELEASE = 120  # seconds that ELB is given to release a target group


def read(session: Session, want: TargetGroup) -> TargetGroup | None:
    """Three calls; one where there is no such target group."""
    found: list[dict[str, Any]] = []
    with ignoring("TargetGroupNotFound"):
        found = session.client("elbv2").describe_target_groups(Names=[want.name])["TargetGroups"]
    if not found:
        return None
    return whole(session, found[0])


def whole(session: Session, group: dict[str, Any]) -> TargetGroup:
    """A TargetGroup of DescribeTargetGroups with its attributes and tags."""
    arn = group["TargetGroupArn"]
    attributes, group_tags = session.together(
        lambda: session.client("elbv2").describe_target_group_attributes(TargetGroupArn=arn)["Attributes"],
        lambda: describe_tags(session, arn),
    )
    return from_api(group, attributes, group_tags)


def made(session: Session, expected: TargetGroup) -> TargetGroup | None:
    """None where no attribute was put: only the answer to that tells what the others are."""
    attributes = session.answers.get(("attributes", expected.name), {}).get("Attributes")
    if attributes is None:
        return None
    return from_api(session.answers["target group", expected.name], attributes, tags.to_api(expected.tags or {}))


def create(session: Session, change: Change) -> None:
    members = {**FIXED, **HEALTH_CHECK}
    request = {member: change.after[option] for option, member in members.items() if option in change.after}
    if change.after.get("tags"):
        request["Tags"] = tags.to_api(change.after["tags"])
    client = session.client("elbv2")
    made = retried(
        lambda: client.create_target_group(Name=change.name, **request, **_matcher(change)),
        lambda error: code(error) == "ValidationError" and "not found" in str(error),  # the VPC
        ACROSS_SERVICES,
    )
    session.answers["target group", change.name] = made["TargetGroups"][0]
    _put_attributes(session, made["TargetGroups"][0]["TargetGroupArn"], change)


def update(session: Session, change: Change) -> None:
    arn = change.have.arn
    checks = {member: change.after[option] for option, member in HEALTH_CHECK.items() if option in change.after}
    if checks or _matcher(change):
        session.client("elbv2").modify_target_group(TargetGroupArn=arn, **checks, **_matcher(change))
    _put_attributes(session, arn, change)
    put_tags(session, arn, change)


def delete(session: Session, change: Change) -> None:
    """A target group counts as in use for a moment after the load balancer that used it is deleted."""
    retried(
        lambda: session.client("elbv2").delete_target_group(TargetGroupArn=change.have.arn),
        lambda error: code(error) == "ResourceInUse" and not _used(session, change.have),
        min(session.wait_timeout, RELEASE),
    )


def _used(session: Session, group: TargetGroup) -> bool:
    """Whether one of the load balancers that were seen to use it is still there."""
    for arn in group.load_balancer_arns:
        with ignoring("LoadBalancerNotFound"):
            if session.client("elbv2").describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]:
                return True
    return False


def _matcher(change: Change) -> dict[str, Any]:
    """GRPC target groups count status codes of gRPC, the others of HTTP."""
    if "success_codes" not in change.after:
        return {}
    version = change.want.protocol_version or (change.have.protocol_version if change.have else None)
    member = "GrpcCode" if version == "GRPC" else "HttpCode"
    return {"Matcher": {member: change.after["success_codes"]}}


def _put_attributes(session: Session, arn: str, change: Change) -> None:
    attributes = attributes_to_api(ATTRIBUTES, change.after)
    if attributes:
        answer = session.client("elbv2").modify_target_group_attributes(TargetGroupArn=arn, Attributes=attributes)
        session.answers["attributes", change.name] = answer  # has all of them, not only those given


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("target group", "create"): create,
    ("target group", "update"): update,
    ("target group", "delete"): delete,
}
