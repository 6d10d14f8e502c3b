"""What can't be right about security groups, and what AWS's answers mean."""

from __future__ import annotations

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model import security_groups as model
from ansible_collections.ha_stack.aws.plugins.module_utils._model.security_groups import from_api, from_params, pending
from ansible_collections.ha_stack.aws.plugins.module_utils._model.security_groups_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import COMMON_OPTIONS

ANYWHERE = {"port": 80, "cidr": "0.0.0.0/0"}


def params(*groups, **given):
    options = {"vpc_id": "vpc-1", "groups": list(groups), **given}
    validated = ArgumentSpecValidator({**COMMON_OPTIONS, **model.OPTIONS}).validate(options)
    assert validated.error_messages == []
    return validated.validated_parameters


def ingress(*rules):
    return params({"name": "alb", "ingress": list(rules)}, {"name": "backend"})


RULES = [
    pytest.param([ANYWHERE], [], id="nothing wrong"),
    pytest.param([{"port": 80, "group": "backend"}], [], id="a listed group"),
    pytest.param([{"port": 80, "group": "alb"}], [], id="the group itself"),
    pytest.param([{"port": 80, "group": "sg-0123"}], [], id="an id"),
    pytest.param([{"port": 80, "group": KNOWN_AFTER_APPLY}] * 2, [], id="ids still to come"),
    pytest.param([{"port": 80, "group": "database"}], ["groups[0].ingress[0].group"], id="a group that is not listed"),
    pytest.param([{"port": 80}], ["groups[0].ingress[0]"], id="no source"),
    pytest.param([{**ANYWHERE, "group": "alb"}], ["groups[0].ingress[0]"], id="two sources"),
    pytest.param([{"port": 80, "cidr": "10.0.0.1/24"}], ["groups[0].ingress[0].cidr"], id="host bits"),
    pytest.param([{"port": 80, "cidr": "10.0.0.1"}], ["groups[0].ingress[0].cidr"], id="no prefix"),
    pytest.param([{"port": 80, "cidr": "10.0.0.1/32"}], [], id="one address"),
    pytest.param([{"port": 80, "cidr": "::/0"}], ["groups[0].ingress[0].cidr"], id="IPv6 as IPv4"),
    pytest.param([{"port": 80, "cidr_ipv6": "2001:DB8:0::/32"}], [], id="IPv6 in a form AWS doesn't use"),
    pytest.param(
        [{"port": 80, "prefix_list_id": "pl-xyz"}], ["groups[0].ingress[0].prefix_list_id"], id="no prefix list"
    ),
    pytest.param([{"port": 0, "cidr": "0.0.0.0/0"}], [], id="port 0"),
    pytest.param([{"port": 65536, "cidr": "0.0.0.0/0"}], ["groups[0].ingress[0].port"], id="port out of range"),
    pytest.param([{"cidr": "0.0.0.0/0"}], ["groups[0].ingress[0]"], id="tcp without a port"),
    pytest.param([{"from_port": 1, "cidr": "0.0.0.0/0"}], ["groups[0].ingress[0]"], id="half a range"),
    pytest.param(
        [{"from_port": 2, "to_port": 1, "cidr": "0.0.0.0/0"}], ["groups[0].ingress[0].from_port"], id="range reversed"
    ),
    pytest.param([{**ANYWHERE, "from_port": 1, "to_port": 2}], ["groups[0].ingress[0].port"], id="port and range"),
    pytest.param([{**ANYWHERE, "protocol": "all"}], ["groups[0].ingress[0]"], id="all protocols with a port"),
    pytest.param([{"protocol": "icmp", "cidr": "0.0.0.0/0"}], [], id="all of icmp"),
    pytest.param(
        [{"protocol": "icmp", "from_port": 8, "to_port": 0, "cidr": "0.0.0.0/0"}], [], id="icmp type and code"
    ),
    pytest.param(
        [{"protocol": "icmp", "from_port": 256, "to_port": -1, "cidr": "0.0.0.0/0"}],
        ["groups[0].ingress[0].from_port"],
        id="icmp type out of range",
    ),
    pytest.param(
        [{**ANYWHERE, "description": "it's"}], ["groups[0].ingress[0].description"], id="a description's letters"
    ),
    pytest.param([{**ANYWHERE, "description": ""}], [], id="an empty description"),
    pytest.param([ANYWHERE, {**ANYWHERE, "description": "again"}], ["groups[0].ingress[1]"], id="a rule twice"),
]


@pytest.mark.parametrize(("rules", "faulty"), RULES)
def test_rule_faults(rules, faulty):
    assert [fault.option for fault in faults(ingress(*rules))] == faulty


GROUPS = [
    pytest.param([{"name": "alb"}], {}, [], id="nothing wrong"),
    pytest.param([{"name": "alb"}], {"vpc_id": None}, ["vpc_id"], id="no VPC"),
    pytest.param([{"name": "alb"}], {"vpc_id": "goals"}, ["vpc_id"], id="not a VPC"),
    pytest.param([{"name": "alb"}], {"vpc_id": KNOWN_AFTER_APPLY}, [], id="a VPC still to come"),
    pytest.param([{"name": "alb"}], {"vpc_id": None, "state": "absent"}, [], id="absent needs names alone"),
    pytest.param([{"name": "alb"}, {"name": "ALB"}], {}, ["groups[1].name"], id="AWS takes no notice of case"),
    pytest.param([{"name": "sg-alb"}], {}, ["groups[0].name"], id="like an id"),
    pytest.param([{"name": "default"}], {}, ["groups[0].name"], id="AWS's own"),
    pytest.param([{"name": "a" * 256}], {}, ["groups[0].name"], id="a name too long"),
    pytest.param([{"name": "a|b"}], {}, ["groups[0].name"], id="a name's letters"),
    pytest.param([{"name": "alb "}], {}, ["groups[0].name"], id="a space at the end"),
    pytest.param([{"name": "alb", "description": ""}], {}, ["groups[0].description"], id="an empty description"),
    pytest.param([{"name": "alb", "description": "ä"}], {}, ["groups[0].description"], id="a description's letters"),
    pytest.param([{"name": "alb"}], {"tags": {"AWS:a": "1"}}, ["tags"], id="a tag of AWS's own"),
    pytest.param([{"name": "alb", "tags": {"a" * 129: "1"}}], {}, ["groups[0].tags"], id="a tag's key too long"),
]


@pytest.mark.parametrize(("groups", "given", "faulty"), GROUPS)
def test_group_faults(groups, given, faulty):
    assert [fault.option for fault in faults(params(*groups, **given))] == faulty


GROUP = {"GroupId": "sg-1", "GroupName": "alb", "Description": "d", "VpcId": "vpc-1"}
OTHER = {"GroupId": "sg-2", "GroupName": "backend", "Description": "d", "VpcId": "vpc-1"}


@pytest.mark.parametrize(
    ("permission", "given"),
    [
        pytest.param(
            {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
            ANYWHERE,
            id="one port",
        ),
        pytest.param(
            {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]},
            {"from_port": 0, "to_port": 65535, "cidr_ipv6": "2001:DB8:0::/32"},
            id="all ports, IPv6 in another form",
        ),
        pytest.param(
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-2", "UserId": "123456789012"}]},
            {"protocol": "all", "group": "backend"},
            id="all protocols, a managed group",
        ),
        pytest.param(
            {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "UserIdGroupPairs": [{"GroupId": "sg-9"}]},
            {"protocol": "icmp", "group": "sg-9"},
            id="all of icmp, another one's group",
        ),
        pytest.param(
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "PrefixListIds": [{"PrefixListId": "pl-1"}]},
            {"port": 443, "prefix_list_id": "pl-1"},
            id="prefixes",
        ),
    ],
)
def test_a_rule_reads_as_it_is_given(permission, given):
    want = from_params(ingress(given))
    (have,) = from_api(want, [{**GROUP, "IpPermissions": [permission]}, OTHER]).groups[0].ingress
    (wanted,) = want.groups[0].ingress
    assert (have.key, have.label) == (wanted.key, wanted.label)
    assert wanted.description is UNSET
    assert have.description == ""
    assert have.permission == permission


def test_a_permission_holds_a_rule_for_each_of_its_sources():
    web = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    ranges = [{"CidrIp": "10.0.0.0/8", "Description": "us"}, {"CidrIp": "0.0.0.0/0"}]
    pairs = [{"GroupId": "sg-2", "UserId": "123456789012"}]
    told = {**GROUP, "IpPermissions": [{**web, "IpRanges": ranges, "UserIdGroupPairs": pairs}]}
    rules = from_api(from_params(ingress()), [told, OTHER]).groups[0].ingress
    assert [(rule.source, rule.description) for rule in rules] == [
        ("0.0.0.0/0", ""),
        ("10.0.0.0/8", "us"),
        ("backend", ""),
    ]
    assert rules[1].permission == {**web, "IpRanges": [ranges[0]]}


def test_a_protocol_that_can_not_be_given_is_read_all_the_same():
    told = {**GROUP, "IpPermissionsEgress": [{"IpProtocol": "50", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]}
    (have,) = from_api(from_params(ingress()), [told]).groups[0].egress
    assert have.label == "alb egress 50 to 10.0.0.0/8"


def test_pending_names_what_can_not_be_seen():
    assert pending(from_api(from_params(ingress()), [GROUP])) == "security group backend can't be seen yet"
    assert pending(from_api(from_params(ingress()), [OTHER, GROUP])) is None


@pytest.mark.parametrize(
    ("shared", "own", "tags"),
    [
        pytest.param(None, None, UNSET, id="neither"),
        pytest.param({"a": 1}, None, {"a": "1"}, id="of all"),
        pytest.param({"a": 1, "b": 2}, {"b": 3}, {"a": "1", "b": "3"}, id="the group's own win"),
        pytest.param({}, None, {}, id="cleared"),
    ],
)
def test_tags(shared, own, tags):
    assert from_params(params({"name": "alb", "tags": own}, tags=shared)).groups[0].tags == tags
