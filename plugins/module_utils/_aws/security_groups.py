# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The EC2 calls behind security groups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.ec2 import (
    User,
    delete_unused,
    interfaces,
    named,
    once_seen,
    pages,
    put_tags,
    tagged,
    where,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.security_groups import (
    ALL,
    Rule,
    SecurityGroup,
    SecurityGroups,
    from_api,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, known

NO_GROUP = "InvalidGroup.NotFound"

ANYWHERE, ANYWHERE_IPV6 = "0.0.0.0/0", "::/0"


def read(session: Session, want: SecurityGroups) -> SecurityGroups | None:
    """One call; none where their VPC is still to be made. A group tells its rules."""
    if not want.wanted or (want.vpc_id is not UNSET and not known(want.vpc_id)):
        return None
    in_vpc = where(vpc_id=want.vpc_id) if want.vpc_id is not UNSET else []
    filters = [*in_vpc, named("group-name", want.wanted)]
    described = pages(session, "describe_security_groups", "SecurityGroups", Filters=filters)
    groups = [group for group in described if group["GroupName"] in want.wanted]  # * in a name is a wildcard
    if not groups:
        return None
    _refuse_twins(groups)
    return from_api(want, groups)


def _refuse_twins(groups: list[dict[str, Any]]) -> None:
    """Without a VPC, a name may be found in several."""
    by_name: dict[str, list[str]] = {}
    for group in groups:
        by_name.setdefault(group["GroupName"], []).append(f"{group['GroupId']} in {group.get('VpcId')}")
    for name, found in by_name.items():
        if len(found) > 1:
            raise StackError(f"security group {name}: there are {' and '.join(found)}. Give vpc_id to choose.")


def ids(have: SecurityGroups) -> dict[tuple[str, str], str]:
    return {("security group", group.name): group.id for group in have.groups}


def made(session: Session, expected: SecurityGroups) -> SecurityGroups | None:
    """``expected`` with the ids that AWS gave, but for groups that keep the egress rules AWS gave them."""
    if any(group.egress is UNSET for group in expected.groups):
        return None
    return replace(expected, groups=tuple(_made_group(session, group) for group in expected.groups))


def _made_group(session: Session, group: SecurityGroup) -> SecurityGroup:
    return replace(
        group,
        id=session.ids["security group", group.name],
        description=group.description or group.name,
        tags=group.tags or {},
        ingress=_made_rules(group.ingress),
        egress=_made_rules(group.egress),
    )


def _made_rules(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """As they are read."""
    return tuple(sorted((replace(rule, description=rule.description or "") for rule in rules), key=lambda r: r.label))


def create_group(session: Session, change: Change) -> None:
    """AWS wants a description; the name stands for one that isn't given."""
    request = {
        "GroupName": change.name,
        "Description": change.after.get("description", change.name),
        "VpcId": session.params["vpc_id"],
        **tagged("security-group", change.after.get("tags", {})),
    }
    made = once_seen(lambda: session.client("ec2").create_security_group(**request), "InvalidVpcID.NotFound")
    session.ids["security group", change.name] = made["GroupId"]
    if change.want.egress is not UNSET:
        _revoke_default_egress(session, made["GroupId"], change.want.egress)


def _revoke_default_egress(session: Session, group_id: str, wanted: tuple[Rule, ...]) -> None:
    """A new group lets out everything, by IPv6 as well where its VPC has that. A rule as is wanted may stay."""
    kept = [rule for rule in wanted if rule.protocol == "all" and rule.description is UNSET]
    came = [rule for rule in kept if rule.cidr == ANYWHERE]  # whether one for IPv6 did depends on the VPC
    session.ids.update({("rule", rule.label): group_id for rule in came})
    if not any(rule.cidr == ANYWHERE for rule in kept):
        _revoke_egress(session, group_id, {"IpRanges": [{"CidrIp": ANYWHERE}]})
    if not any(rule.cidr_ipv6 == ANYWHERE_IPV6 for rule in kept) and _has_ipv6(session):
        _revoke_egress(session, group_id, {"Ipv6Ranges": [{"CidrIpv6": ANYWHERE_IPV6}]})


def _revoke_egress(session: Session, group_id: str, end: dict[str, Any]) -> None:
    request = {"GroupId": group_id, "IpPermissions": [{"IpProtocol": ALL, **end}]}
    with ignoring("InvalidPermission.NotFound"):
        once_seen(lambda: session.client("ec2").revoke_security_group_egress(**request), NO_GROUP)


def _has_ipv6(session: Session) -> bool:
    """Asked once for all groups of a run."""
    key = "has IPv6", session.params["vpc_id"]
    if key not in session.ids:
        found = once_seen(lambda: session.client("ec2").describe_vpcs(VpcIds=[key[1]])["Vpcs"], "InvalidVpcID.NotFound")
        blocks = [each for vpc in found for each in vpc.get("Ipv6CidrBlockAssociationSet", [])]
        has = any(each["Ipv6CidrBlockState"]["State"] not in ("disassociated", "failed") for each in blocks)
        session.ids[key] = "yes" if has else ""
    return bool(session.ids[key])


def update_group(session: Session, change: Change) -> None:
    put_tags(session, change.have.id, change)


def delete_group(session: Session, change: Change) -> None:
    group_id = change.have.id
    with ignoring(NO_GROUP):
        delete_unused(
            session,
            f"security group {change.name}",
            lambda: session.client("ec2").delete_security_group(GroupId=group_id),
            lambda: _users(session, group_id),
        )


def _users(session: Session, group_id: str) -> list[User]:
    """Network interfaces that wear the group, and groups whose rules name it."""
    found: dict[str, str] = {}
    for name in ("ip-permission.group-id", "egress.ip-permission.group-id"):
        groups = pages(session, "describe_security_groups", "SecurityGroups", Filters=[named(name, group_id)])
        found |= {group["GroupId"]: group["GroupName"] for group in groups if group["GroupId"] != group_id}
    naming = [User(f"a rule of security group {name} ({other})") for other, name in found.items()]
    return [*naming, *interfaces(session, group_id=group_id)]


def create_rule(session: Session, change: Change) -> None:
    rule = change.want
    if ("rule", rule.label) in session.ids:  # it came with its group
        return
    call = getattr(session.client("ec2"), f"authorize_security_group_{rule.direction}")
    with ignoring("InvalidPermission.Duplicate"):
        once_seen(lambda: call(**_permission(session, rule)), NO_GROUP)


def update_rule(session: Session, change: Change) -> None:
    """Only its description can differ; AWS takes it away where none is sent."""
    rule = change.want
    getattr(session.client("ec2"), f"update_security_group_rule_descriptions_{rule.direction}")(
        **_permission(session, rule)
    )


def delete_rule(session: Session, change: Change) -> None:
    rule = change.have
    with ignoring("InvalidPermission.NotFound", NO_GROUP):
        getattr(session.client("ec2"), f"revoke_security_group_{rule.direction}")(
            GroupId=session.ids["security group", rule.owner], IpPermissions=[rule.permission]
        )


def _permission(session: Session, rule: Rule) -> dict[str, Any]:
    """The arguments that tell the rule's group and the rule."""
    about = {"Description": rule.description} if rule.description else {}
    ports = {} if rule.from_port is UNSET else {"FromPort": rule.from_port, "ToPort": rule.to_port}
    permission = {
        "IpProtocol": ALL if rule.protocol == "all" else rule.protocol,
        **ports,
        **_source(session, rule, about),
    }
    return {"GroupId": session.ids["security group", rule.owner], "IpPermissions": [permission]}


def _source(session: Session, rule: Rule, about: dict[str, str]) -> dict[str, Any]:
    if rule.cidr is not UNSET:
        return {"IpRanges": [{"CidrIp": rule.cidr, **about}]}
    if rule.cidr_ipv6 is not UNSET:
        return {"Ipv6Ranges": [{"CidrIpv6": rule.cidr_ipv6, **about}]}
    if rule.prefix_list_id is not UNSET:
        return {"PrefixListIds": [{"PrefixListId": rule.prefix_list_id, **about}]}
    group_id = session.ids.get(("security group", rule.group), rule.group)
    return {"UserIdGroupPairs": [{"GroupId": group_id, **about}]}


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("security group", "create"): create_group,
    ("security group", "update"): update_group,
    ("security group", "delete"): delete_group,
    ("rule", "create"): create_rule,
    ("rule", "update"): update_rule,
    ("rule", "delete"): delete_rule,
}
