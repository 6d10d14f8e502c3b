# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Elastic Load Balancing v2 calls behind one rule of a listener."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.elbv2 import (
    paginated,
    put_tags,
    tags_of,
    target_group_arns,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import ACROSS_SERVICES, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.listener import rule_request
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.action import given_target_groups, target_groups
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener_rule import (
    NAME,
    ListenerRule,
    from_api,
    place,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import known


def resolve(session: Session, want: ListenerRule) -> ListenerRule:
    """Two calls: the load balancer, and its listener."""
    return replace(want, **_place(session))


def _place(session: Session) -> Mapping[str, Any]:
    """Nothing where there is no such load balancer or listener; check mode has one that is planned only."""
    wanted, port = session.params["load_balancer"], session.params["port"]
    if not known(wanted):
        return {}
    by = {"LoadBalancerArns": [wanted]} if wanted.startswith("arn:") else {"Names": [wanted]}
    with ignoring("LoadBalancerNotFound"):
        balancer = session.client("elbv2").describe_load_balancers(**by)["LoadBalancers"][0]
        listeners = paginated(session, "describe_listeners", "Listeners", LoadBalancerArn=balancer["LoadBalancerArn"])
        found = [each for each in listeners if each["Port"] == port]
        return place(balancer, found[0]) if found else {}
    return {}


def read(session: Session, want: ListenerRule) -> ListenerRule | None:
    """The listener's rules, and the tags of twenty of them in a call."""
    where = {"load_balancer": want.load_balancer, "listener": want.listener} if _is_placed(want) else _place(session)
    if not where:
        return None
    # The tags of a rule that somebody else has removed meanwhile can't be asked for.
    found = retried(lambda: _rules(session, where), lambda error: code(error) == "RuleNotFound", ACROSS_SERVICES)
    own = [rule for rule in found if rule.name == want.name]
    _refuse_twins(want.name, own)
    if session.params["state"] != "absent":
        _refuse_taken(want, [rule for rule in found if rule.name != want.name])
    return own[0] if own else None


def _is_placed(rule: ListenerRule) -> bool:
    return known(rule.listener["arn"])


def _rules(session: Session, where: Mapping[str, Any]) -> list[ListenerRule]:
    rules: list[dict[str, Any]] = []
    with ignoring("ListenerNotFound"):
        rules = paginated(session, "describe_rules", "Rules", ListenerArn=where["listener"]["arn"])
    rules = [rule for rule in rules if not rule.get("IsDefault")]
    own_tags = tags_of(session, [rule["RuleArn"] for rule in rules])
    return [from_api(rule, own_tags[rule["RuleArn"]], where) for rule in rules]


def _refuse_twins(name: str, own: list[ListenerRule]) -> None:
    if len(own) > 1:
        raise StackError(
            f"listener rule {name}: {' and '.join(rule.arn for rule in own)} all have the tag {NAME}={name}. "
            "Delete those that are not meant, or give another name."
        )


def _refuse_taken(want: ListenerRule, others: list[ListenerRule]) -> None:
    for rule in others:
        if rule.priority == want.priority:
            other = f"{rule.name or 'a rule without a name'} ({rule.arn})"
            raise StackError(
                f"listener rule {want.name}: priority {want.priority} is that of {other}. "
                "Give one that is free, or move that rule first."
            )


def preflight(session: Session, plan: Plan) -> None:
    """The listener is there, and so are the target groups that are given by name."""
    wants = [change.want for change in plan if change.want]
    for want in wants:
        if not _is_placed(want):
            raise StackError(
                f"listener rule {want.name}: load balancer {session.params['load_balancer']} has no listener on port "
                f"{session.params['port']}, or there is no such load balancer in this account and region. "
                "Make it first (ha_stack.aws.load_balancer), or correct load_balancer and port."
            )
    given = given_target_groups([session.params.get("actions"), session.params.get("target_group")])
    names = {name for want in wants for name in target_groups(want.actions or ())}
    balancer = next((want.load_balancer["arn"] for want in wants), None)
    arns = {**given, **target_group_arns(session, names - given.keys(), balancer)}
    session.ids.update({("target group", name): arn for name, arn in arns.items()})


def made(session: Session, expected: ListenerRule) -> ListenerRule:
    answer = session.answers["listener rule", expected.name]["Rules"][0]
    where = {"load_balancer": expected.load_balancer, "listener": expected.listener}
    return from_api(answer, tags.to_api({NAME: expected.name, **(expected.tags or {})}), where)


def create(session: Session, change: Change) -> None:
    session.answers["listener rule", change.name] = session.client("elbv2").create_rule(
        ListenerArn=change.want.listener["arn"],
        Priority=change.want.priority,
        Tags=tags.to_api({NAME: change.name, **change.after.get("tags", {})}),
        **rule_request(session, change),
    )


def update(session: Session, change: Change) -> None:
    elbv2, arn = session.client("elbv2"), change.have.arn
    request = rule_request(session, change)
    if request:
        elbv2.modify_rule(RuleArn=arn, **request)
    if "priority" in change.after:
        elbv2.set_rule_priorities(RulePriorities=[{"RuleArn": arn, "Priority": change.want.priority}])
    put_tags(session, arn, change)


def delete(session: Session, change: Change) -> None:
    with ignoring("RuleNotFound"):
        session.client("elbv2").delete_rule(RuleArn=change.have.arn)


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("listener rule", "create"): create,
    ("listener rule", "update"): update,
    ("listener rule", "delete"): delete,
}
