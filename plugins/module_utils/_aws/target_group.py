# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Elastic Load Balancing v2 calls behind a target group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_read import targets as targets_of
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.elbv2 import describe_tags, paginated, put_tags
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import ACROSS_SERVICES, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.traffic import move
from ansible_collections.ha_stack.aws.plugins.module_utils._model import structure, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.attributes import to_api as attributes_to_api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.target_group import (
    ATTRIBUTES,
    FIXED,
    HEALTH_CHECK,
    TARGET,
    TargetGroup,
    from_api,
    stand_in_name,
    target_key,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

KIND = "target group"
COOKIE = "stickiness_app_cookie_name"
RELEASE = 120  # seconds that ELB is given to release a target group


def resolve(session: Session, want: TargetGroup) -> TargetGroup:
    """With the stand-in that a replacement may have left. Asked for only where one is allowed."""
    if not want.replaceable:
        return want
    stand_in = _stand_in(session, want)
    session.ids.update(ids(stand_in) if stand_in else {})
    return replace(want, stand_in=stand_in)


def ids(group: TargetGroup) -> dict[tuple[str, str], str]:
    return {(KIND, group.name): group.arn}


def read(session: Session, want: TargetGroup) -> TargetGroup | None:
    """Three calls, four where its targets are given; one where there is no such target group. What is to go is looked
    for under the name of a stand-in too, and may be there under that one alone."""
    if session.params.get("state") != "absent":
        return _named(session, want.name, targets=want.targets is not UNSET)
    group, stand_in = session.together(
        lambda: _named(session, want.name, targets=False), lambda: _stand_in(session, want)
    )
    return replace(group, stand_in=stand_in) if group else stand_in


def _stand_in(session: Session, want: TargetGroup) -> TargetGroup | None:
    return _named(session, stand_in_name(want.name), targets=False)


def _named(session: Session, name: str, *, targets: bool) -> TargetGroup | None:
    with ignoring("TargetGroupNotFound"):
        found = session.client("elbv2").describe_target_groups(Names=[name])["TargetGroups"]
        return whole(session, found[0], targets=targets) if found else None
    return None


def whole(session: Session, group: dict[str, Any], *, targets: bool) -> TargetGroup:
    """A TargetGroup of DescribeTargetGroups with its attributes and tags, and its targets where they are asked for."""
    arn = group["TargetGroupArn"]
    attributes, group_tags, *health = session.together(
        lambda: session.client("elbv2").describe_target_group_attributes(TargetGroupArn=arn)["Attributes"],
        lambda: describe_tags(session, arn),
        *([lambda: targets_of(session, arn)] if targets else []),
    )
    return from_api(group, attributes, group_tags, health[0] if health else None)


def made(session: Session, expected: TargetGroup) -> TargetGroup | None:
    """None where no attribute was put: only the answer to that tells what the others are. Neither does an answer tell
    which zones the targets are in."""
    attributes = session.answers.get(("attributes", expected.name), {}).get("Attributes")
    if attributes is None or expected.targets:
        return None
    answer = session.answers[KIND, expected.name]
    return replace(from_api(answer, attributes, tags.to_api(expected.tags or {})), targets=expected.targets)


def create(session: Session, change: Change) -> None:
    request = structure.to_api({**FIXED, **HEALTH_CHECK}, change.after)
    if change.after.get("tags"):
        request["Tags"] = tags.to_api(change.after["tags"])
    client = session.client("elbv2")
    made = retried(
        lambda: client.create_target_group(Name=change.name, **request, **_matcher(change)),
        lambda error: code(error) == "ValidationError" and "not found" in str(error),  # the VPC
        min(ACROSS_SERVICES, session.wait_timeout),
    )
    arn = made["TargetGroups"][0]["TargetGroupArn"]
    session.ids[KIND, change.name] = arn
    session.answers[KIND, change.name] = made["TargetGroups"][0]
    _put_attributes(session, arn, change)
    _put_targets(session, arn, change)


def update(session: Session, change: Change) -> None:
    arn = change.have.arn
    checks = structure.to_api(HEALTH_CHECK, change.after)
    if checks or _matcher(change):
        session.client("elbv2").modify_target_group(TargetGroupArn=arn, **checks, **_matcher(change))
    _put_attributes(session, arn, change)
    _put_targets(session, arn, change)
    put_tags(session, arn, change)


def delete(session: Session, change: Change) -> None:
    """A target group counts as in use for a moment after what used it, a load balancer or a rule, is deleted."""
    arn = session.ids.get((KIND, change.name), change.have.arn)
    retried(
        lambda: session.client("elbv2").delete_target_group(TargetGroupArn=arn),
        lambda error: code(error) == "ResourceInUse" and not _used(session, change.have),
        min(session.wait_timeout, RELEASE),
    )


def _used(session: Session, group: TargetGroup) -> bool:
    """Whether a rule, or a default action, of the load balancers that were seen to use it still names it."""
    return any(group.arn in str(rule["Actions"]) for arn in group.load_balancer_arns for rule in _rules(session, arn))


def _rules(session: Session, balancer: str) -> Iterator[dict[str, Any]]:
    """All rules of a load balancer, those among them that stand for the default actions."""
    with ignoring("LoadBalancerNotFound", "ListenerNotFound"):
        for listener in paginated(session, "describe_listeners", "Listeners", LoadBalancerArn=balancer):
            yield from paginated(session, "describe_rules", "Rules", ListenerArn=listener["ListenerArn"])


def _matcher(change: Change) -> dict[str, Any]:
    """GRPC target groups count status codes of gRPC, the others of HTTP."""
    if "success_codes" not in change.after:
        return {}
    version = change.want.protocol_version or (change.have.protocol_version if change.have else None)
    member = "GrpcCode" if version == "GRPC" else "HttpCode"
    return {"Matcher": {member: change.after["success_codes"]}}


def _put_attributes(session: Session, arn: str, change: Change) -> None:
    """ELB takes a stickiness by the application's cookie with the cookie's name."""
    by_cookie = change.after.get("stickiness_type") == "app_cookie"
    named = {COOKIE: getattr(change.want, COOKIE)} if by_cookie else {}
    attributes = attributes_to_api(ATTRIBUTES, {**change.after, **named})
    if attributes:
        answer = session.client("elbv2").modify_target_group_attributes(TargetGroupArn=arn, Attributes=attributes)
        session.answers["attributes", change.name] = answer  # has all of them, not only those given


def _put_targets(session: Session, arn: str, change: Change) -> None:
    """Those that come before those that go."""
    there, wanted = change.before.get("targets") or [], change.after.get("targets")
    if wanted is None:
        return
    elbv2 = session.client("elbv2")
    if new := [target for target in wanted if target not in there]:
        elbv2.register_targets(TargetGroupArn=arn, Targets=[structure.to_api(TARGET, each) for each in new])
    kept = {target_key(target) for target in wanted}
    if gone := [target for target in there if target_key(target) not in kept]:
        elbv2.deregister_targets(TargetGroupArn=arn, Targets=[structure.to_api(TARGET, each) for each in gone])


OPERATIONS: dict[tuple[str, str], Operation] = {
    (KIND, "create"): create,
    (KIND, "update"): update,
    (KIND, "delete"): delete,
    ("traffic", "update"): move,
}
