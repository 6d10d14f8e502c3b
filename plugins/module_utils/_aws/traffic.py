# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Moves the traffic of one target group to another, with no request that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_group import (
    attach,
    attach_sources,
    detach,
    detach_sources,
    resume,
    suspend,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_read import targets
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.elbv2 import paginated
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import action
from ansible_collections.ha_stack.aws.plugins.module_utils._model.action import Action, given_target_groups
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_settings import (
    TARGET_GROUP,
    target_groups,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError, TimedOut

DRAINING = "draining"


@dataclass(frozen=True)
class Forward:
    """A listener's default actions or a rule's, the target groups that they name, and the call that changes them."""

    actions: tuple[Action, ...]
    arns: dict[str, str]
    put: Callable[[list[dict[str, Any]]], Any]

    def become(self, actions: Iterable[Action], arns: dict[str, str]) -> None:
        self.put(action.to_api(actions, {**self.arns, **arns}))


@dataclass(frozen=True)
class Old:
    """A target group whose traffic moves: a TargetGroup of the API, who forwards to it, the AutoScalingGroups that
    register their instances in it, and its targets, as TargetHealthDescriptions."""

    group: dict[str, Any]
    forwards: list[Forward]
    scaling: list[dict[str, Any]]
    told: list[dict[str, Any]]

    @property
    def others(self) -> list[dict[str, Any]]:
        """The targets that no Auto Scaling Group registers. Those on the group's own port go to the new one's."""
        scaled = {each["InstanceId"] for group in self.scaling for each in group.get("Instances", ())}
        targets = [each["Target"] for each in self.told if each["Target"]["Id"] not in scaled]
        return [
            {
                member: value
                for member, value in target.items()
                if value and (member != "Port" or value != self.group.get("Port"))
            }
            for target in targets
        ]


def move(session: Session, change: Change) -> None:
    """Targets are checked in the new group before the first request goes there; the old one is left without any.

    No instance is replaced meanwhile: an Auto Scaling Group takes one for unhealthy that is so in any of its target
    groups. Whatever ends the move before its end, the old group has all its requests again.
    """
    name, successor = change.before["target_group"], change.after["target_group"]
    arns = {each: session.ids["target group", each] for each in (name, successor)}
    old = _seen(session, arns[name])
    with _undisturbed(session, old.scaling):
        try:
            _populate(session, arns[successor], old)
            for each in old.forwards:
                each.become(action.shared(each.actions, name, successor), arns)
            if old.forwards:
                _wait_for_health(session, successor, arns)
        except BaseException as ended:
            for each in old.forwards:
                each.become(each.actions, arns)
            _detach(session, arns[successor], old)
            if isinstance(ended, TimedOut):
                raise StackError(f"{ended} Requests still go to target group {name}.") from ended
            raise
        for each in old.forwards:
            each.become(action.moved(each.actions, name, successor), arns)
        _leave(session, arns[name], name, old)


def _seen(session: Session, arn: str) -> Old:
    described, told, groups = session.together(
        lambda: session.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"],
        lambda: targets(session, arn),
        lambda: _scaling_groups(session, arn),
    )
    staying = [each for each in told if each["TargetHealth"]["State"] != DRAINING]
    return Old(described[0], _forwards(session, described[0]), groups, staying)


def _scaling_groups(session: Session, arn: str) -> list[dict[str, Any]]:
    """Every group is looked at: no call tells those of a target group, and one may have no instance now."""
    pages = session.client("autoscaling").get_paginator("describe_auto_scaling_groups").paginate()
    return [group for page in pages for group in page["AutoScalingGroups"] if arn in target_groups(group)]


@contextmanager
def _undisturbed(session: Session, scaling: list[dict[str, Any]]) -> Iterator[None]:
    """Without replacements in these groups, but where somebody has suspended them already."""
    process = "ReplaceUnhealthy"
    suspended = [
        group["AutoScalingGroupName"]
        for group in scaling
        if process not in {each["ProcessName"] for each in group.get("SuspendedProcesses", ())}
    ]
    try:
        for name in suspended:
            suspend(session, name, [process])
        yield
    finally:
        for name in suspended:
            resume(session, name, [process])


def _forwards(session: Session, group: dict[str, Any]) -> list[Forward]:
    """Every listener and rule that forwards to the target group."""
    of_balancers = session.together(
        *(partial(_of_balancer, session, balancer) for balancer in group.get("LoadBalancerArns", ()))
    )
    return [each for found in of_balancers for each in found if group["TargetGroupArn"] in each.arns.values()]


def _of_balancer(session: Session, arn: str) -> list[Forward]:
    elbv2 = session.client("elbv2")
    listeners = paginated(session, "describe_listeners", "Listeners", LoadBalancerArn=arn)
    found = [
        _forward(each["DefaultActions"], partial(_put, elbv2.modify_listener, "DefaultActions", each["ListenerArn"]))
        for each in listeners
    ]
    for listener in listeners:
        for rule in paginated(session, "describe_rules", "Rules", ListenerArn=listener["ListenerArn"]):
            if not rule["IsDefault"]:
                found.append(_forward(rule["Actions"], partial(_put, elbv2.modify_rule, "Actions", rule["RuleArn"])))
    return found


def _put(call: Callable[..., Any], member: str, arn: str, actions: list[dict[str, Any]]) -> None:
    call(**{"RuleArn" if member == "Actions" else "ListenerArn": arn, member: actions})


def _forward(actions: list[dict[str, Any]], put: Callable[[list[dict[str, Any]]], Any]) -> Forward:
    return Forward(action.from_api(actions), given_target_groups(actions), put)


def _healthy(described: dict[str, Any]) -> bool:
    return bool(described["TargetHealth"]["State"] == "healthy")


def _populate(session: Session, arn: str, old: Old) -> None:
    """The same targets: those of Auto Scaling Groups by attaching these, in the way that the old one is attached."""
    for group in old.scaling:
        name, like = group["AutoScalingGroupName"], old.group["TargetGroupArn"]
        if arn in target_groups(group):
            continue
        if like in group.get("TargetGroupARNs", ()):
            attach(session, name, [arn])
        else:
            attach_sources(session, name, [{"identifier": arn, "type": TARGET_GROUP}])
    if old.others:
        session.client("elbv2").register_targets(TargetGroupArn=arn, Targets=old.others)


def _detach(session: Session, arn: str, old: Old) -> None:
    """By the like of the call that attached it."""
    for group in old.scaling:
        name = group["AutoScalingGroupName"]
        if old.group["TargetGroupArn"] in group.get("TargetGroupARNs", ()):
            detach(session, name, [arn])
        else:
            detach_sources(session, name, [{"identifier": arn, "type": TARGET_GROUP}])


def _leave(session: Session, arn: str, name: str, old: Old) -> None:
    """Its targets finish the requests that they have, for as long as its deregistration delay lets them."""
    _detach(session, arn, old)
    if old.others:
        session.client("elbv2").deregister_targets(TargetGroupArn=arn, Targets=old.others)
    session.until(
        f"target group {name}",
        lambda: targets(session, arn),
        lambda told: f"{len(told)} of its targets finish their requests" if told else None,
    )


def _wait_for_health(session: Session, name: str, arns: Mapping[str, str]) -> None:
    """As many healthy targets as the other group has, which may have more or fewer at each look."""
    [other] = [arn for each, arn in arns.items() if each != name]

    def look() -> list[list[dict[str, Any]]]:
        return session.together(partial(targets, session, arns[name]), partial(targets, session, other))

    def pending(seen: list[list[dict[str, Any]]]) -> str | None:
        told, enough = seen[0], sum(_healthy(each) for each in seen[1])
        healthy = sum(_healthy(each) for each in told)
        if healthy >= enough:
            return None
        others = ", ".join(_ailing(each) for each in told if not _healthy(each))
        return f"{healthy} of {enough} targets are healthy ({others or 'no others are registered'})"

    session.until(f"target group {name}", look, pending)


def _ailing(described: dict[str, Any]) -> str:
    health = described["TargetHealth"]
    return f"{described['Target']['Id']} is {health['State']}: {health.get('Description') or health.get('Reason')}"
