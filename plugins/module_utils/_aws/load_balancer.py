# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Elastic Load Balancing v2 calls behind a load balancer, its listeners and their rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.elbv2 import (
    attributes_to_api,
    describe_tags,
    paginated,
    put_tags,
    tags_of,
    target_group_arns,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import ACROSS_SERVICES, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import listener as listener_model
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener import (
    Action,
    Listener,
    actions_to_api,
    conditions_to_api,
    given_target_groups,
    listener_name,
    listener_of,
    rule_name,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.load_balancer import (
    ATTRIBUTES,
    LoadBalancer,
    attributes_matter,
    from_api,
    in_state,
    leaving,
    rules_matter,
    tags_matter,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

UNSEEN = ("SubnetNotFound", "InvalidSecurityGroup")
CREATED = {
    "scheme": "Scheme",
    "subnet_ids": "Subnets",
    "security_group_ids": "SecurityGroups",
    "ip_address_type": "IpAddressType",
}


def read(session: Session, want: LoadBalancer) -> LoadBalancer | None:
    """Three calls in two rounds, one more where an attribute is wanted, one for listeners' tags where these are wanted,
    and one a listener whose rules are wanted. One where there is no such load balancer (two with state: absent).
    """
    absent = session.params["state"] == "absent"
    found: list[dict[str, Any]] = []
    with ignoring("LoadBalancerNotFound"):
        found = session.client("elbv2").describe_load_balancers(Names=[want.name])["LoadBalancers"]
    if not found:
        return _leaving(session, want.name) if absent else None
    parts = Parts(
        attributes=absent or attributes_matter(want),
        rules=lambda port: absent or rules_matter(want, port),
        tags=lambda port: not absent and tags_matter(want, port),
    )
    return whole(session, found[0], parts)


@dataclass(frozen=True)
class Parts:
    """What is read of a load balancer besides itself, its listeners and its tags: of listeners, by their port."""

    attributes: bool
    rules: Callable[[int], bool]
    tags: Callable[[int], bool]


EVERYTHING = Parts(attributes=True, rules=lambda port: True, tags=lambda port: True)


def whole(session: Session, balancer: dict[str, Any], parts: Parts) -> LoadBalancer:
    """A LoadBalancer of DescribeLoadBalancers with its listeners and ``parts``, in two rounds."""
    arn = balancer["LoadBalancerArn"]
    listeners, own_tags, *attributes = session.together(
        lambda: paginated(session, "describe_listeners", "Listeners", LoadBalancerArn=arn),
        lambda: describe_tags(session, arn),
        *([lambda: _attributes(session, arn)] if parts.attributes else []),
    )
    tagged = [each["ListenerArn"] for each in listeners if parts.tags(each["Port"])]
    ruled = [each["ListenerArn"] for each in listeners if parts.rules(each["Port"])]
    listener_tags, *answers = session.together(
        lambda: tags_of(session, tagged), *(lambda listener=each: _rules(session, listener) for each in ruled)
    )
    rules = dict(zip(ruled, answers, strict=True))
    models = [
        listener_model.from_api(each, rules.get(each["ListenerArn"]), listener_tags.get(each["ListenerArn"]))
        for each in listeners
    ]
    return from_api(balancer, attributes[0] if attributes else None, own_tags, models)


def _attributes(session: Session, arn: str) -> list[dict[str, Any]]:
    described = session.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)
    attributes: list[dict[str, Any]] = described["Attributes"]
    return attributes


def _rules(session: Session, listener_arn: str) -> list[dict[str, Any]]:
    return paginated(session, "describe_rules", "Rules", ListenerArn=listener_arn)


def _leaving(session: Session, name: str) -> LoadBalancer | None:
    """AWS releases a deleted load balancer's interfaces up to a minute later. Until then its security groups and
    subnets can't be deleted, so it counts as gone only when they are."""
    described = session.client("ec2").describe_network_interfaces(
        Filters=[{"Name": "description", "Values": [f"ELB app/{name}/*"]}]
    )
    interfaces = [interface["NetworkInterfaceId"] for interface in described["NetworkInterfaces"]]
    return leaving(name, interfaces) if interfaces else None


def ids(balancer: LoadBalancer) -> dict[tuple[str, str], str]:
    listeners = balancer.listeners or ()
    return {
        ("load balancer", balancer.name): balancer.arn,
        **{("listener", listener_name(each.port, balancer.name)): each.arn for each in listeners},
    }


def preflight(session: Session, plan: Plan) -> None:
    """The target groups that listeners and rules will forward to, by name, are there. An ARN that is given is taken."""
    names: set[str] = set()
    for change in plan:
        if change.kind in ("listener", "rule") and change.want:
            names |= change.want.target_groups()
    given = given_target_groups(session.params.get("listeners"))
    arns = {**given, **target_group_arns(session, names - given.keys())}
    session.ids.update({("target group", name): arn for name, arn in arns.items()})


def made(session: Session, expected: LoadBalancer) -> LoadBalancer:
    answers, name = session.answers, expected.name
    listeners = [_made_listener(session, name, each) for each in expected.listeners or ()]
    attributes = answers.get(("attributes", name), {}).get("Attributes")
    return from_api(answers["load balancer", name], attributes, tags.to_api(expected.tags or {}), listeners)


def _made_listener(session: Session, balancer: str, expected: Listener) -> Listener:
    name = listener_name(expected.port, balancer)
    made = [session.answers["rule", rule_name(each.priority, name)]["Rules"][0] for each in expected.rules or ()]
    rules = None if expected.rules is UNSET else made
    own_tags = None if expected.tags is UNSET else tags.to_api(expected.tags)
    return listener_model.from_api(session.answers["listener", name], rules, own_tags)


def again(session: Session, want: LoadBalancer, seen: LoadBalancer) -> LoadBalancer | None:
    """One call: nothing but its state changes while it is waited for."""
    with ignoring("LoadBalancerNotFound"):
        found = session.client("elbv2").describe_load_balancers(Names=[want.name])["LoadBalancers"]
        return in_state(seen, found[0]) if found else None
    return _leaving(session, want.name) if session.params["state"] == "absent" else None


def create(session: Session, change: Change) -> None:
    """CreateLoadBalancer takes no attributes: they are put right after it."""
    request = {member: change.after[option] for option, member in CREATED.items() if option in change.after}
    if change.after.get("tags"):
        request["Tags"] = tags.to_api(change.after["tags"])
    client = session.client("elbv2")
    made = retried(
        lambda: client.create_load_balancer(Name=change.name, Type="application", **request),
        lambda error: code(error) in UNSEEN,
        ACROSS_SERVICES,
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    session.ids["load balancer", change.name] = arn
    session.answers["load balancer", change.name] = made["LoadBalancers"][0]
    _put_attributes(session, arn, change)


def update(session: Session, change: Change) -> None:
    elbv2, arn, after = session.client("elbv2"), change.have.arn, change.after
    if "subnet_ids" in after:
        elbv2.set_subnets(LoadBalancerArn=arn, Subnets=after["subnet_ids"])
    if "security_group_ids" in after:
        elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=after["security_group_ids"])
    if "ip_address_type" in after:
        elbv2.set_ip_address_type(LoadBalancerArn=arn, IpAddressType=after["ip_address_type"])
    _put_attributes(session, arn, change)
    put_tags(session, arn, change)


def delete(session: Session, change: Change) -> None:
    """Its listeners and rules go with it."""
    arn = change.have.arn
    if change.have.deletion_protection:
        lifted = attributes_to_api(ATTRIBUTES, {"deletion_protection": False})
        session.client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=lifted)
    session.client("elbv2").delete_load_balancer(LoadBalancerArn=arn)


def _put_attributes(session: Session, arn: str, change: Change) -> None:
    attributes = attributes_to_api(ATTRIBUTES, change.after)
    if attributes:
        answer = session.client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes)
        session.answers["attributes", change.name] = answer  # has all of them, not only those given


def create_listener(session: Session, change: Change) -> None:
    request = _listener_request(session, change)
    if change.after.get("tags"):
        request["Tags"] = tags.to_api(change.after["tags"])
    made = session.client("elbv2").create_listener(
        LoadBalancerArn=session.ids["load balancer", session.params["name"]], Port=change.want.port, **request
    )
    session.ids["listener", change.name] = made["Listeners"][0]["ListenerArn"]
    session.answers["listener", change.name] = made["Listeners"][0]


def update_listener(session: Session, change: Change) -> None:
    request = _listener_request(session, change)
    if request:
        session.client("elbv2").modify_listener(ListenerArn=change.have.arn, **request)
    put_tags(session, change.have.arn, change)


def delete_listener(session: Session, change: Change) -> None:
    with ignoring("ListenerNotFound"):
        session.client("elbv2").delete_listener(ListenerArn=change.have.arn)


def _listener_request(session: Session, change: Change) -> dict[str, Any]:
    want: Listener = change.want
    request: dict[str, Any] = {}
    if "protocol" in change.after:
        request["Protocol"] = want.protocol
    if "certificate_arn" in change.after:
        request["Certificates"] = [{"CertificateArn": want.certificate_arn}]
    if "ssl_policy" in change.after:
        request["SslPolicy"] = want.ssl_policy
    if "default_actions" in change.after:
        request["DefaultActions"] = _actions(session, want.default_actions)
    return request


def create_rule(session: Session, change: Change) -> None:
    made = session.client("elbv2").create_rule(
        ListenerArn=session.ids["listener", listener_of(change.name)],
        Priority=change.want.priority,
        **_rule_request(session, change),
    )
    session.answers["rule", change.name] = made


def update_rule(session: Session, change: Change) -> None:
    session.client("elbv2").modify_rule(RuleArn=change.have.arn, **_rule_request(session, change))


def delete_rule(session: Session, change: Change) -> None:
    with ignoring("RuleNotFound"):
        session.client("elbv2").delete_rule(RuleArn=change.have.arn)


def _rule_request(session: Session, change: Change) -> dict[str, Any]:
    request: dict[str, Any] = {}
    if "conditions" in change.after:
        request["Conditions"] = conditions_to_api(change.want.conditions)
    if "actions" in change.after:
        request["Actions"] = _actions(session, change.want.actions)
    return request


def _actions(session: Session, actions: tuple[Action, ...]) -> list[dict[str, Any]]:
    return actions_to_api(actions, {name: arn for (kind, name), arn in session.ids.items() if kind == "target group"})


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("load balancer", "create"): create,
    ("load balancer", "update"): update,
    ("load balancer", "delete"): delete,
    ("listener", "create"): create_listener,
    ("listener", "update"): update_listener,
    ("listener", "delete"): delete_listener,
    ("rule", "create"): create_rule,
    ("rule", "update"): update_rule,
    ("rule", "delete"): delete_rule,
}
