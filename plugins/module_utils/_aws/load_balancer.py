# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Elastic Load Balancing v2 and AWS WAF calls behind a load balancer."""

from __future__ import annotations

from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import listener
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.elbv2 import (
    put_tags,
    target_group_arns,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import ACROSS_SERVICES, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.load_balancer_read import (
    NOTHING_MORE,
    parts_of,
    whole,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.action import given_target_groups
from ansible_collections.ha_stack.aws.plugins.module_utils._model.attributes import to_api as attributes_to_api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener import (
    listener_name,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.load_balancer import (
    ATTRIBUTES,
    LoadBalancer,
    from_api,
    in_state,
    leaving,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.load_balancer_logs import together

UNSEEN = ("SubnetNotFound", "InvalidSecurityGroup")
CREATED = {
    "scheme": "Scheme",
    "subnet_ids": "Subnets",
    "security_group_ids": "SecurityGroups",
    "ip_address_type": "IpAddressType",
    "customer_owned_ipv4_pool": "CustomerOwnedIpv4Pool",
}


def read(session: Session, want: LoadBalancer) -> LoadBalancer | None:
    """Three calls in two rounds; one more where an attribute is wanted, where the web ACL is, and where tags of
    listeners or rules are; and one a listener whose rules, certificates or attributes are wanted. One where there is no
    such load balancer (two with state: absent).
    """
    absent = session.params["state"] == "absent"
    found: list[dict[str, Any]] = []
    with ignoring("LoadBalancerNotFound"):
        found = session.client("elbv2").describe_load_balancers(Names=[want.name])["LoadBalancers"]
    if not found:
        return _leaving(session, want.name) if absent else None
    return whole(session, found[0], NOTHING_MORE if absent else parts_of(want))


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
    balancer = session.ids.get(("load balancer", session.params["name"]))
    arns = {**given, **target_group_arns(session, names - given.keys(), balancer)}
    session.ids.update({("target group", name): arn for name, arn in arns.items()})


def made(session: Session, expected: LoadBalancer) -> LoadBalancer:
    answers, name = session.answers, expected.name
    listeners = [listener.made(session, name, each) for each in expected.listeners or ()]
    attributes = answers.get(("attributes", name), {}).get("Attributes")
    own_tags = tags.to_api(expected.tags or {})
    return from_api(answers["load balancer", name], attributes, own_tags, listeners, expected.web_acl_arn)


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
    if change.after.get("ipam_pool_id"):
        request["IpamPools"] = {"Ipv4IpamPoolId": change.after["ipam_pool_id"]}
    client = session.client("elbv2")
    made = retried(
        lambda: client.create_load_balancer(Name=change.name, Type="application", **request),
        lambda error: code(error) in UNSEEN,
        min(ACROSS_SERVICES, session.wait_timeout),
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    session.ids["load balancer", change.name] = arn
    session.answers["load balancer", change.name] = made["LoadBalancers"][0]
    _put_attributes(session, arn, change)
    _put_web_acl(session, arn, change)


def update(session: Session, change: Change) -> None:
    elbv2, arn, after = session.client("elbv2"), change.have.arn, change.after
    if "subnet_ids" in after:
        elbv2.set_subnets(LoadBalancerArn=arn, Subnets=after["subnet_ids"])
    if "security_group_ids" in after:
        elbv2.set_security_groups(LoadBalancerArn=arn, SecurityGroups=after["security_group_ids"])
    if "ip_address_type" in after:
        elbv2.set_ip_address_type(LoadBalancerArn=arn, IpAddressType=after["ip_address_type"])
    if "ipam_pool_id" in after:
        elbv2.modify_ip_pools(LoadBalancerArn=arn, **_pools(after["ipam_pool_id"]))
    _put_attributes(session, arn, change)
    _put_web_acl(session, arn, change)
    put_tags(session, arn, change)


def delete(session: Session, change: Change) -> None:
    """Its listeners and rules go with it."""
    arn = change.have.arn
    if change.have.deletion_protection:
        lifted = attributes_to_api(ATTRIBUTES, {"deletion_protection": False})
        session.client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=lifted)
    session.client("elbv2").delete_load_balancer(LoadBalancerArn=arn)


def _put_attributes(session: Session, arn: str, change: Change) -> None:
    there = change.have.settings() if change.have else {}
    attributes = attributes_to_api(ATTRIBUTES, together(change.after, there))
    if attributes:
        answer = session.client("elbv2").modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=attributes)
        session.answers["attributes", change.name] = answer  # has all of them, not only those given


def _pools(ipam_pool_id: str | None) -> dict[str, Any]:
    return {"IpamPools": {"Ipv4IpamPoolId": ipam_pool_id}} if ipam_pool_id else {"RemoveIpamPools": ["ipv4"]}


def _put_web_acl(session: Session, arn: str, change: Change) -> None:
    """A load balancer has one web ACL at most: another one takes its place. AWS WAF sees a new one
    some seconds later, or minutes."""
    if "web_acl_arn" not in change.after or (change.have is None and not change.after["web_acl_arn"]):
        return
    wafv2, acl = session.client("wafv2"), change.after["web_acl_arn"]
    retried(
        lambda: (
            wafv2.associate_web_acl(WebACLArn=acl, ResourceArn=arn)
            if acl
            else wafv2.disassociate_web_acl(ResourceArn=arn)
        ),
        lambda error: code(error) == "WAFUnavailableEntityException",
        session.wait_timeout,
    )


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("load balancer", "create"): create,
    ("load balancer", "update"): update,
    ("load balancer", "delete"): delete,
    ("listener", "create"): listener.create,
    ("listener", "update"): listener.update,
    ("listener", "delete"): listener.delete,
    ("rule", "create"): listener.create_rule,
    ("rule", "update"): listener.update_rule,
    ("rule", "delete"): listener.delete_rule,
}
