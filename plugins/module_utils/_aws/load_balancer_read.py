# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that tell all of a load balancer, or as much of it as is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.elbv2 import (
    describe_tags,
    paginated,
    tags_of,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import listener as listener_model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener import (
    Listener,
    Read,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.load_balancer import (
    LoadBalancer,
    attributes_matter,
    from_api,
    matters,
    rule_tags_matter,
    rules_matter,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET


@dataclass(frozen=True)
class Parts:
    """What is read of a load balancer besides itself, its listeners and its tags: of listeners, by their port."""

    attributes: bool
    web_acl: bool
    rules: Callable[[int], bool]
    tags: Callable[[int], bool]
    certificates: Callable[[int], bool]
    listener_attributes: Callable[[int], bool]
    rule_tags: Callable[[int], bool]


def _always(port: int) -> bool:
    return True


def _never(port: int) -> bool:
    return False


EVERYTHING = Parts(True, True, _always, _always, _always, _always, _always)
# What goes is shown with its rules, and may have to be unprotected first.
NOTHING_MORE = Parts(True, False, _always, _never, _never, _never, _never)


def parts_of(want: LoadBalancer) -> Parts:
    """What has to be known to compare what is there with ``want``."""
    return Parts(
        attributes=attributes_matter(want),
        web_acl=want.web_acl_arn is not UNSET,
        rules=partial(rules_matter, want),
        tags=partial(matters, want, part="tags"),
        certificates=partial(matters, want, part="additional_certificate_arns"),
        listener_attributes=partial(matters, want, part="attributes"),
        rule_tags=partial(rule_tags_matter, want),
    )


def whole(session: Session, balancer: dict[str, Any], parts: Parts) -> LoadBalancer:
    """A LoadBalancer of DescribeLoadBalancers with its listeners and ``parts``, in two rounds; in three where tags of
    rules are among them."""
    arn = balancer["LoadBalancerArn"]
    listeners, own_tags, attributes, web_acl_arn = session.together(
        lambda: paginated(session, "describe_listeners", "Listeners", LoadBalancerArn=arn),
        lambda: describe_tags(session, arn),
        lambda: _attributes(session, arn) if parts.attributes else None,
        lambda: _web_acl_arn(session, arn) if parts.web_acl else UNSET,
    )
    return from_api(balancer, attributes, own_tags, _listeners(session, listeners, parts), web_acl_arn)


def _listeners(session: Session, listeners: list[dict[str, Any]], parts: Parts) -> list[Listener]:
    """Each with those of its ``parts`` that are asked for, side by side."""
    ports = {each["ListenerArn"]: each["Port"] for each in listeners}
    asked: dict[tuple[str, str], Callable[[], Any]] = {
        (arn, part): partial(call, session, arn)
        for part, call, wanted in (
            ("rules", _rules, parts.rules),
            ("certificates", _certificates, parts.certificates),
            ("attributes", _listener_attributes, parts.listener_attributes),
        )
        for arn, port in ports.items()
        if wanted(port)
    }
    tagged = [arn for arn, port in ports.items() if parts.tags(port)]
    listener_tags, *answers = session.together(lambda: tags_of(session, tagged), *asked.values())
    told = dict(zip(asked, answers, strict=True))
    ruled = [
        rule["RuleArn"]
        for arn, port in ports.items()
        if parts.rule_tags(port)
        for rule in told.get((arn, "rules")) or ()
        if not rule.get("IsDefault")
    ]
    rule_tags = tags_of(session, ruled)
    return [
        listener_model.from_api(
            each,
            Read(
                tags=listener_tags.get(each["ListenerArn"]),
                rule_tags=rule_tags,
                **{part: told.get((each["ListenerArn"], part)) for part in ("rules", "certificates", "attributes")},
            ),
        )
        for each in listeners
    ]


def _attributes(session: Session, arn: str) -> list[dict[str, Any]]:
    described = session.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)
    attributes: list[dict[str, Any]] = described["Attributes"]
    return attributes


def _web_acl_arn(session: Session, arn: str) -> str | None:
    acl = session.client("wafv2").get_web_acl_for_resource(ResourceArn=arn).get("WebACL") or {}
    return acl.get("ARN")


def _rules(session: Session, listener_arn: str) -> list[dict[str, Any]]:
    return paginated(session, "describe_rules", "Rules", ListenerArn=listener_arn)


def _certificates(session: Session, listener_arn: str) -> list[dict[str, Any]]:
    return paginated(session, "describe_listener_certificates", "Certificates", ListenerArn=listener_arn)


def _listener_attributes(session: Session, listener_arn: str) -> list[dict[str, Any]]:
    described = session.client("elbv2").describe_listener_attributes(ListenerArn=listener_arn)
    attributes: list[dict[str, Any]] = described["Attributes"]
    return attributes
