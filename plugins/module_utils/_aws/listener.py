# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Elastic Load Balancing v2 calls behind a load balancer's listeners and their rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.elbv2 import (
    put_tags,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import action, condition, structure, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model import listener as listener_model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.action import Action
from ansible_collections.ha_stack.aws.plugins.module_utils._model.attributes import to_api as attributes_to_api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener import (
    MUTUAL_AUTHENTICATION,
    Listener,
    Read,
    Rule,
    listener_name,
    listener_of,
    rule_name,
    transforms_to_api,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

DEFAULT_POLICY = "ELBSecurityPolicy-2016-08"


def made(session: Session, balancer: str, expected: Listener) -> Listener:
    """What its calls answered, and of what they don't tell, what they were given."""
    name = listener_name(expected.port, balancer)
    rules = [_made_rule(session, name, each) for each in expected.rules or ()]
    listener = listener_model.from_api(session.answers["listener", name], Read())
    attributes = session.answers.get(("listener attributes", name), {}).get("Attributes")
    return replace(
        listener,
        rules=UNSET if expected.rules is UNSET else tuple(rules),
        tags=expected.tags,
        additional_certificate_arns=expected.additional_certificate_arns,
        attributes=expected.attributes if attributes is None else listener_model.attributes_from_api(attributes),
    )


def _made_rule(session: Session, listener: str, expected: Rule) -> Rule:
    answer = session.answers["rule", rule_name(expected.priority, listener)]["Rules"][0]
    return replace(listener_model.rule_from_api(answer, {}), tags=expected.tags)


def create(session: Session, change: Change) -> None:
    request = _listener_request(session, change)
    if change.after.get("tags"):
        request["Tags"] = tags.to_api(change.after["tags"])
    made = session.client("elbv2").create_listener(
        LoadBalancerArn=session.ids["load balancer", session.params["name"]], Port=change.want.port, **request
    )
    arn = made["Listeners"][0]["ListenerArn"]
    session.ids["listener", change.name] = arn
    session.answers["listener", change.name] = made["Listeners"][0]
    _put_certificates(session, arn, change)
    _put_listener_attributes(session, arn, change)


def update(session: Session, change: Change) -> None:
    request = _listener_request(session, change)
    if request:
        session.client("elbv2").modify_listener(ListenerArn=change.have.arn, **request)
    _put_certificates(session, change.have.arn, change)
    _put_listener_attributes(session, change.have.arn, change)
    put_tags(session, change.have.arn, change)


def delete(session: Session, change: Change) -> None:
    with ignoring("ListenerNotFound"):
        session.client("elbv2").delete_listener(ListenerArn=change.have.arn)


def _listener_request(session: Session, change: Change) -> dict[str, Any]:
    want: Listener = change.want
    request: dict[str, Any] = {}
    if "protocol" in change.after:
        request["Protocol"] = want.protocol
    if "certificate_arn" in change.after:
        request["Certificates"] = [{"CertificateArn": want.certificate_arn}]
    if change.have and change.after.get("protocol") == "HTTPS":
        request["SslPolicy"] = DEFAULT_POLICY  # which CreateListener takes by itself and ModifyListener insists on
    if "ssl_policy" in change.after:
        request["SslPolicy"] = want.ssl_policy
    if "mutual_authentication" in change.after:
        request["MutualAuthentication"] = structure.to_api(MUTUAL_AUTHENTICATION, want.mutual_authentication)
    if "default_actions" in change.after:
        request["DefaultActions"] = _actions(session, want.default_actions, want.client_secret)
    return request


def _put_certificates(session: Session, arn: str, change: Change) -> None:
    """A call takes one certificate. Those that come before those that go."""
    elbv2, option = session.client("elbv2"), "additional_certificate_arns"
    there, wanted = change.before.get(option) or [], change.after.get(option)
    if wanted is None:
        return
    for each in (each for each in wanted if each not in there):
        elbv2.add_listener_certificates(ListenerArn=arn, Certificates=[{"CertificateArn": each}])
    for each in (each for each in there if each not in wanted):
        elbv2.remove_listener_certificates(ListenerArn=arn, Certificates=[{"CertificateArn": each}])


def _put_listener_attributes(session: Session, arn: str, change: Change) -> None:
    attributes = attributes_to_api(listener_model.ATTRIBUTES, change.after.get("attributes") or {})
    if attributes:
        answer = session.client("elbv2").modify_listener_attributes(ListenerArn=arn, Attributes=attributes)
        session.answers["listener attributes", change.name] = answer


def create_rule(session: Session, change: Change) -> None:
    tagged = {"Tags": tags.to_api(change.after["tags"])} if change.after.get("tags") else {}
    made = session.client("elbv2").create_rule(
        ListenerArn=session.ids["listener", listener_of(change.name)],
        Priority=change.want.priority,
        **rule_request(session, change),
        **tagged,
    )
    session.answers["rule", change.name] = made


def update_rule(session: Session, change: Change) -> None:
    request = rule_request(session, change)
    if request:
        session.client("elbv2").modify_rule(RuleArn=change.have.arn, **request)
    put_tags(session, change.have.arn, change)


def delete_rule(session: Session, change: Change) -> None:
    with ignoring("RuleNotFound"):
        session.client("elbv2").delete_rule(RuleArn=change.have.arn)


def rule_request(session: Session, change: Change) -> dict[str, Any]:
    """What CreateRule and ModifyRule take of it."""
    request: dict[str, Any] = {}
    if "conditions" in change.after:
        request["Conditions"] = condition.to_api(change.want.conditions)
    if "actions" in change.after:
        request["Actions"] = _actions(session, change.want.actions, change.want.client_secret)
    if change.after.get("transforms"):
        request["Transforms"] = transforms_to_api(change.want.transforms)
    elif change.have and "transforms" in change.after:
        request["ResetTransforms"] = True
    return request


def _actions(session: Session, actions: tuple[Action, ...], secret: str | None) -> list[dict[str, Any]]:
    arns = {name: arn for (kind, name), arn in session.ids.items() if kind == "target group"}
    return action.to_api(actions, arns, secret)
