"""What is sent to EC2 for security groups, checked against the service's own model."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import eventual, waiting
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import security_groups as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.security_groups import (
    Rule,
    SecurityGroup,
    SecurityGroups,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare

from tests.support.stubbed import stubbed

GROUP = {"GroupId": "sg-1", "GroupName": "alb", "Description": "d", "VpcId": "vpc-1"}
IDS = {("security group", "alb"): "sg-1", ("security group", "backend"): "sg-2"}


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Waits look again without delay."""
    for wait in (eventual.retried, waiting.wait_until):
        monkeypatch.setitem(wait.__kwdefaults__, "sleep", lambda seconds: None)


def make(kind, name, want, have, *calls):
    """Carry out the one change from ``have`` to ``want``; ``calls`` are (operation, request, answer or error code)."""
    (change,) = compare(kind, name, want, have)
    with stubbed("ec2", vpc_id="vpc-1", wait_timeout=60) as (session, stub):
        session.ids.update(IDS)
        for operation, request, answer in calls:
            if isinstance(answer, str):
                stub.add_client_error(operation, answer, expected_params=request)
            else:
                stub.add_response(operation, answer, request)
        api.OPERATIONS[kind, change.action](session, change)
        return session.ids


def read(want, *calls):
    with stubbed("ec2") as (session, stub):
        for operation, request, answer in calls:
            stub.add_response(operation, answer, request)
        return api.read(session, want)


def test_read_by_name_within_the_vpc():
    filters = [{"Name": "vpc-id", "Values": ["vpc-1"]}, {"Name": "group-name", "Values": ["alb"]}]
    seen = read(
        SecurityGroups("vpc-1", wanted=("alb",)),
        ("describe_security_groups", {"Filters": filters}, {"SecurityGroups": [GROUP]}),
    )
    assert seen.groups[0].id == "sg-1"


def test_a_star_in_a_name_finds_no_other_group():
    filters = [{"Name": "group-name", "Values": ["al*"]}]
    found = ("describe_security_groups", {"Filters": filters}, {"SecurityGroups": [GROUP]})
    assert read(SecurityGroups(wanted=("al*",)), found) is None


@pytest.mark.parametrize("want", [SecurityGroups(KNOWN_AFTER_APPLY, wanted=("alb",)), SecurityGroups("vpc-1")])
def test_nothing_is_asked_where_nothing_can_be_there(want):
    assert read(want) is None


CREATE = {"GroupName": "new", "VpcId": "vpc-1"}


def test_a_group_without_egress_given_keeps_what_aws_gives_it():
    ids = make(
        *("security group", "new", SecurityGroup("new"), None),
        ("create_security_group", {**CREATE, "Description": "new"}, {"GroupId": "sg-9"}),
    )
    assert ids["security group", "new"] == "sg-9"


V4 = {"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
V6 = {"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}
OUT = Rule("egress", "all", cidr="0.0.0.0/0", owner="new")
OUT_V6 = Rule("egress", "all", cidr_ipv6="::/0", owner="new")


@pytest.mark.parametrize(
    ("egress", "ipv6", "revoked"),
    [
        ((), [], [V4]),
        ((), ["associating"], [V4, V6]),
        ((), ["disassociated"], [V4]),
        ((OUT,), [], []),
        ((OUT,), ["associated"], [V6]),
        ((OUT_V6,), None, [V4]),
        ((OUT, OUT_V6), None, []),
        # AWS would take a rule with another description for the same rule, and keep the old one.
        ((Rule("egress", "all", cidr="0.0.0.0/0", description="out", owner="new"),), [], [V4]),
        ((Rule("egress", "tcp", 80, 80, cidr="0.0.0.0/0", owner="new"),), [], [V4]),
    ],
)
def test_a_group_with_egress_given_loses_what_aws_gives_it(egress, ipv6, revoked):
    want = SecurityGroup("new", "web", {"a": "1"}, egress=egress)
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": "1"}]}]
    blocks = [{"Ipv6CidrBlockState": {"State": state}} for state in ipv6 or ()]
    vpc = ("describe_vpcs", {"VpcIds": ["vpc-1"]}, {"Vpcs": [{"Ipv6CidrBlockAssociationSet": blocks}]})
    calls = [
        ("revoke_security_group_egress", {"GroupId": "sg-9", "IpPermissions": [{"IpProtocol": "-1", **end}]}, answer)
        for end in revoked
        for answer in ("InvalidGroup.NotFound", {})
    ]
    v4 = [call for call in calls if "IpRanges" in call[1]["IpPermissions"][0]]
    v6 = [call for call in calls if call not in v4]
    make(
        *("security group", "new", want, None),
        (
            "create_security_group",
            {**CREATE, "Description": "web", "TagSpecifications": tags},
            {"GroupId": "sg-9"},
        ),
        *v4,
        *([vpc] if ipv6 is not None else []),
        *v6,
    )


def tcp(**end):
    return {"GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, **end}]}


@pytest.mark.parametrize(
    ("rule", "operation", "request_"),
    [
        pytest.param(
            Rule("ingress", "tcp", 80, 81, cidr="10.0.0.0/8", description="d", owner="alb"),
            "authorize_security_group_ingress",
            tcp(IpRanges=[{"CidrIp": "10.0.0.0/8", "Description": "d"}]),
            id="a range, described",
        ),
        pytest.param(
            Rule("ingress", "tcp", 80, 81, cidr_ipv6="::/0", owner="alb"),
            "authorize_security_group_ingress",
            tcp(Ipv6Ranges=[{"CidrIpv6": "::/0"}]),
            id="an IPv6 range",
        ),
        pytest.param(
            Rule("ingress", "tcp", 80, 81, group="backend", owner="alb"),
            "authorize_security_group_ingress",
            tcp(UserIdGroupPairs=[{"GroupId": "sg-2"}]),
            id="a group by name",
        ),
        pytest.param(
            Rule("ingress", "tcp", 80, 81, group="sg-9", owner="alb"),
            "authorize_security_group_ingress",
            tcp(UserIdGroupPairs=[{"GroupId": "sg-9"}]),
            id="a group by id",
        ),
        pytest.param(
            Rule("egress", "all", prefix_list_id="pl-1", owner="alb"),
            "authorize_security_group_egress",
            {"GroupId": "sg-1", "IpPermissions": [{"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-1"}]}]},
            id="all protocols to a prefix list",
        ),
    ],
)
def test_create_rule(rule, operation, request_):
    make("rule", rule.label, rule, None, (operation, request_, "InvalidGroup.NotFound"), (operation, request_, {}))


def test_a_rule_that_is_there_already_is_no_failure():
    rule = Rule("ingress", "tcp", 80, 81, cidr="10.0.0.0/8", owner="alb")
    request = tcp(IpRanges=[{"CidrIp": "10.0.0.0/8"}])
    make("rule", rule.label, rule, None, ("authorize_security_group_ingress", request, "InvalidPermission.Duplicate"))


@pytest.mark.parametrize(("description", "sent"), [("new", {"Description": "new"}), ("", {})])
def test_a_description_is_changed_and_taken_away(description, sent):
    have = Rule("egress", "tcp", 80, 81, cidr="10.0.0.0/8", description="old", owner="alb")
    want = Rule("egress", "tcp", 80, 81, cidr="10.0.0.0/8", description=description, owner="alb")
    request = tcp(IpRanges=[{"CidrIp": "10.0.0.0/8", **sent}])
    make("rule", want.label, want, have, ("update_security_group_rule_descriptions_egress", request, {}))


@pytest.mark.parametrize("answer", [{}, "InvalidPermission.NotFound", "InvalidGroup.NotFound"])
def test_a_rule_is_revoked_as_aws_told_it(answer):
    told = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": "sg-9", "UserId": "1"}]}
    have = Rule("ingress", "tcp", 80, 80, group="sg-9", owner="alb", permission=told)
    request = {"GroupId": "sg-1", "IpPermissions": [told]}
    make("rule", have.label, None, have, ("revoke_security_group_ingress", request, answer))


def users(groups, interfaces):
    def naming(name):
        filters = [{"Name": f"{name}ip-permission.group-id", "Values": ["sg-1"]}]
        return "describe_security_groups", {"Filters": filters}, {"SecurityGroups": groups}

    worn = {"Filters": [{"Name": "group-id", "Values": ["sg-1"]}]}
    return (
        naming(""),
        naming("egress."),
        ("describe_network_interfaces", worn, {"NetworkInterfaces": interfaces}),
    )


ALB = SecurityGroup("alb", id="sg-1", ingress=UNSET)
USED = ("delete_security_group", {"GroupId": "sg-1"}, "DependencyViolation")


def test_a_group_waits_for_a_load_balancers_interfaces():
    balancer = {"NetworkInterfaceId": "eni-1", "Description": "ELB app/goals/1", "RequesterManaged": True}
    deleted = ("delete_security_group", {"GroupId": "sg-1"}, {})
    make("security group", "alb", None, ALB, USED, *users([GROUP], [balancer]), deleted)


def test_a_group_that_another_names_is_not_waited_for():
    other = {"GroupId": "sg-9", "GroupName": "other"}
    with pytest.raises(StackError, match=r"still used by a rule of security group other \(sg-9\)\. Remove that first"):
        make("security group", "alb", None, ALB, USED, *users([other], []))


def test_a_group_that_is_gone_already_is_deleted():
    make("security group", "alb", None, ALB, ("delete_security_group", {"GroupId": "sg-1"}, "InvalidGroup.NotFound"))
