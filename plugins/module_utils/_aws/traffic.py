# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Moves the traffic of one target group to another, with no request that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.elbv2 import paginated
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import action
from ansible_collections.ha_stack.aws.plugins.module_utils._model.action import Action, given_target_groups
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError, TimedOut

ASKED_AT_ONCE = 50  # instances that DescribeAutoScalingInstances takes


@dataclass(frozen=True)
class Forward:
    """A listener's default actions or a rule's, the target groups that they name, and the call that changes them."""

    actions: tuple[Action, ...]
    arns: dict[str, str]
    put: Callable[[list[dict[str, Any]]], Any]

    def become(self, actions: Iterable[Action], arns: dict[str, str]) -> None:
        self.put(action.to_api(actions, {**self.arns, **arns}))


def move(session: Session, change: Change) -> None:
    """Targets are checked in the new group before the first request goes there; the old one is left behind unused."""
    old, new = change.before["target_group"], change.after["target_group"]
    arns = {name: session.ids["target group", name] for name in (old, new)}
    forwards = _forwards(session, arns[old])
    told = _health(session, arns[old])
    scaling = _scaling_groups(session, arns[old], [each["Target"]["Id"] for each in told])
    _populate(session, arns[new], scaling, told)
    for each in forwards:
        each.become(action.shared(each.actions, old, new), arns)
    try:
        _wait_for_health(session, new, arns[new], sum(_healthy(each) for each in told) if forwards else 0)
    except TimedOut as late:
        for each in forwards:
            each.become(each.actions, arns)
        _detach(session, arns[new], scaling)
        raise StackError(f"{late} Requests still go to target group {old}.") from late
    for each in forwards:
        each.become(action.moved(each.actions, old, new), arns)
    _detach(session, arns[old], scaling)


def _forwards(session: Session, arn: str) -> list[Forward]:
    """Every listener and rule that forwards to the target group."""
    described = session.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    of_balancers = session.together(
        *(partial(_of_balancer, session, balancer) for balancer in described[0].get("LoadBalancerArns", ()))
    )
    return [each for found in of_balancers for each in found if arn in each.arns.values()]


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


def _health(session: Session, arn: str) -> list[dict[str, Any]]:
    described = session.client("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return [each for each in described if each["TargetHealth"]["State"] != "draining"]


def _healthy(described: dict[str, Any]) -> bool:
    return bool(described["TargetHealth"]["State"] == "healthy")


def _scaling_groups(session: Session, arn: str, targets: list[str]) -> dict[str, set[str]]:
    """The Auto Scaling Groups that register their instances in the target group, as its targets tell them: group ->
    instances."""
    client = session.client("autoscaling")
    instances = [target for target in targets if target.startswith("i-")]
    found: dict[str, set[str]] = {}
    for first in range(0, len(instances), ASKED_AT_ONCE):
        some = instances[first : first + ASKED_AT_ONCE]
        for each in client.describe_auto_scaling_instances(InstanceIds=some)["AutoScalingInstances"]:
            found.setdefault(each["AutoScalingGroupName"], set()).add(each["InstanceId"])
    if not found:
        return {}
    groups = client.describe_auto_scaling_groups(AutoScalingGroupNames=sorted(found))["AutoScalingGroups"]
    attached = {each["AutoScalingGroupName"] for each in groups if arn in each.get("TargetGroupARNs", ())}
    return {name: instances for name, instances in found.items() if name in attached}


def _populate(session: Session, arn: str, scaling: dict[str, set[str]], told: list[dict[str, Any]]) -> None:
    """The same targets, on the new group's own port: those of Auto Scaling Groups by attaching these."""
    for name in scaling:
        session.client("autoscaling").attach_load_balancer_target_groups(
            AutoScalingGroupName=name, TargetGroupARNs=[arn]
        )
    scaled = {instance for instances in scaling.values() for instance in instances}
    others = [
        {member: value for member, value in each["Target"].items() if member in ("Id", "AvailabilityZone") and value}
        for each in told
        if each["Target"]["Id"] not in scaled
    ]
    if others:
        session.client("elbv2").register_targets(TargetGroupArn=arn, Targets=others)


def _detach(session: Session, arn: str, scaling: dict[str, set[str]]) -> None:
    for name in scaling:
        session.client("autoscaling").detach_load_balancer_target_groups(
            AutoScalingGroupName=name, TargetGroupARNs=[arn]
        )


def _wait_for_health(session: Session, name: str, arn: str, enough: int) -> None:
    def pending(told: list[dict[str, Any]]) -> str | None:
        healthy = sum(_healthy(each) for each in told)
        if healthy >= enough:
            return None
        others = ", ".join(_ailing(each) for each in told if not _healthy(each))
        return f"{healthy} of {enough} targets are healthy ({others or 'no others are registered'})"

    session.until(f"target group {name}", lambda: _health(session, arn), pending)


def _ailing(described: dict[str, Any]) -> str:
    health = described["TargetHealth"]
    return f"{described['Target']['Id']} is {health['State']}: {health.get('Description') or health.get('Reason')}"
