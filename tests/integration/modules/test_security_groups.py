"""The security groups module, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

FROM_ALB = {"port": 8000, "group": "alb", "description": "requests"}


@pytest.fixture
def vpc_id(aws):
    vpc = aws("ec2").create_vpc(CidrBlock="10.91.0.0/16")["Vpc"]["VpcId"]
    yield vpc
    in_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    for subnet in aws("ec2").describe_subnets(Filters=in_vpc)["Subnets"]:
        aws("ec2").delete_subnet(SubnetId=subnet["SubnetId"])
    aws("ec2").delete_vpc(VpcId=vpc)


@pytest.fixture
def groups(module, vpc_id):
    """The module for groups of ``vpc_id``; what a test made is deleted after it."""
    made: set[str] = set()
    run = module("security_groups")

    def call(*listed, **options):
        made.update(group["name"] for group in listed)
        return run(**{"vpc_id": vpc_id, "groups": list(listed), "wait_timeout": 30} | options)

    yield call
    run(vpc_id=vpc_id, groups=[{"name": name} for name in made], state="absent", wait_timeout=30)


def rules(aws, group_id):
    """What a group lets through, as AWS tells it: (egress, protocol, first port, last port, other end)."""
    found = aws("ec2").describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group_id]}])
    return sorted(
        (
            *(rule["IsEgress"], rule["IpProtocol"], rule["FromPort"], rule["ToPort"]),
            rule.get("CidrIpv4") or rule.get("CidrIpv6") or rule["ReferencedGroupInfo"]["GroupId"],
        )
        for rule in found["SecurityGroupRules"]
    )


def test_twelve_steps(twelve_steps, aws, vpc_id):
    given = {
        "vpc_id": vpc_id,
        "groups": [
            {
                "name": "alb",
                "description": "The load balancer",
                "ingress": [{"port": 80, "cidr": "0.0.0.0/0"}, {"port": 80, "cidr_ipv6": "::0/0"}],
                "egress": [{"port": 8000, "group": "backend"}],
            },
            {"name": "backend", "ingress": [FROM_ALB, {"protocol": "all", "group": "backend"}]},
        ],
        "tags": {"stack": "goals"},
    }
    changed = {
        "vpc_id": vpc_id,
        "groups": [
            {"name": "alb", "ingress": [{"port": 443, "cidr": "0.0.0.0/0"}]},
            {
                "name": "backend",
                "ingress": [{**FROM_ALB, "description": "requests and health checks"}],
                "egress": [{"protocol": "icmp", "cidr": "10.91.0.0/16"}, {"port": 443, "cidr": "0.0.0.0/0"}],
                "tags": {"tier": "app"},
            },
        ],
        "tags": {"stack": "more goals"},
    }
    gone = {"vpc_id": vpc_id, "groups": [{"name": "alb"}, {"name": "backend"}]}
    created, updated, deleted = twelve_steps("security_groups")(given, changed, gone)
    assert created["plan"] == [
        "create security group alb",
        "create security group backend",
        "create rule alb ingress tcp 80 from 0.0.0.0/0",
        "create rule alb ingress tcp 80 from ::/0",
        "create rule alb egress tcp 8000 to backend",
        "create rule backend ingress tcp 8000 from alb",
        "create rule backend ingress all from backend",
    ]
    assert updated["plan"] == [
        "update security group alb",
        "update security group backend",
        "create rule alb ingress tcp 443 from 0.0.0.0/0",
        "create rule backend egress icmp to 10.91.0.0/16",
        "create rule backend egress tcp 443 to 0.0.0.0/0",
        "update rule backend ingress tcp 8000 from alb",
        "delete rule alb ingress tcp 80 from 0.0.0.0/0",
        "delete rule alb ingress tcp 80 from ::/0",
        "delete rule backend ingress all from backend",
        "delete rule backend egress all to 0.0.0.0/0",
    ]
    backend = updated["security_groups"]["backend"]
    assert backend["tags"] == {"stack": "more goals", "tier": "app"}
    assert [rule["description"] for rule in backend["ingress"]] == ["requests and health checks"]
    assert deleted["plan"][0] == "delete rule alb egress tcp 8000 to backend"
    left = aws("ec2").describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc_id]}])["SecurityGroups"]
    assert [group["GroupName"] for group in left] == ["default"]


def test_a_way_is_opened_before_the_one_before_is_closed(groups, aws):
    http, https = ({"port": port, "cidr": "0.0.0.0/0"} for port in (80, 443))
    groups({"name": "alb", "ingress": [http], "egress": []})
    opened = {"name": "alb", "ingress": [https]}
    check, ran, again = (groups(opened, purge_rules=False, check_mode=check) for check in (True, False, False))
    assert check["plan"] == ran["plan"] == ["create rule alb ingress tcp 443 from 0.0.0.0/0"]
    assert again["plan"] == []
    for told in (check, ran, again):
        listed = {rule["from_port"]: rule["listed"] for rule in told["security_groups"]["alb"]["ingress"]}
        assert listed == {443: True, 80: False}
    assert groups(opened)["plan"] == ["delete rule alb ingress tcp 80 from 0.0.0.0/0"]
    assert [rule[2] for rule in rules(aws, ran["security_groups"]["alb"]["id"])] == [443]


def test_egress_is_exactly_what_is_given_and_awss_own_otherwise(groups, aws):
    made = groups(
        {"name": "closed", "egress": []},
        {"name": "one", "egress": [{"port": 53, "protocol": "udp", "cidr": "10.0.0.0/8"}]},
        {"name": "said", "egress": [{"protocol": "all", "cidr": "0.0.0.0/0", "description": "all of it"}]},
        {"name": "untold"},
    )["security_groups"]
    everywhere = (True, "-1", -1, -1, "0.0.0.0/0")
    assert rules(aws, made["closed"]["id"]) == []
    assert rules(aws, made["one"]["id"]) == [(True, "udp", 53, 53, "10.0.0.0/8")]
    assert rules(aws, made["said"]["id"]) == [everywhere]
    assert made["said"]["egress"][0]["description"] == "all of it"
    assert rules(aws, made["untold"]["id"]) == [everywhere]


def test_what_is_not_given_is_left_alone(groups, aws):
    groups({"name": "alb", "description": "Kept", "ingress": [{"port": 80, "cidr": "0.0.0.0/0"}], "tags": {"a": "1"}})
    assert not groups({"name": "alb"})["changed"]
    described = {"port": 80, "cidr": "0.0.0.0/0", "description": "HTTP"}
    assert groups({"name": "alb", "ingress": [described]})["plan"] == ["update rule alb ingress tcp 80 from 0.0.0.0/0"]
    assert not groups({"name": "alb", "ingress": [{"port": 80, "cidr": "0.0.0.0/0"}]})["changed"]
    cleared = groups({"name": "alb", "ingress": [{**described, "description": ""}]})["security_groups"]["alb"]
    assert cleared["ingress"][0]["description"] == ""
    assert cleared["tags"] == {"a": "1"}
    kept = groups({"name": "alb", "tags": {"b": "2"}}, purge_tags=False)
    assert kept["security_groups"]["alb"]["tags"] == {"a": "1", "b": "2"}


def test_a_description_can_not_change(groups, aws):
    groups({"name": "alb", "description": "The load balancer"})
    aws.calls.clear()
    with pytest.raises(StackError, match="description is 'The load balancer', wanted 'Another'"):
        groups({"name": "alb", "description": "Another", "ingress": [{"port": 80, "cidr": "0.0.0.0/0"}]})
    assert aws.writes() == []


def test_an_id_of_a_listed_group_is_the_same_as_its_name(groups):
    made = groups({"name": "alb"}, {"name": "backend", "ingress": [{"port": 8000, "group": "alb"}]})["security_groups"]
    by_id = {"port": 8000, "group": made["alb"]["id"]}
    assert not groups({"name": "alb"}, {"name": "backend", "ingress": [by_id]})["changed"]
    foreign = groups({"name": "backend", "ingress": [by_id]})
    assert not foreign["changed"]
    assert foreign["security_groups"]["backend"]["ingress"][0]["group"] == made["alb"]["id"]


def test_drift_is_found_and_repaired(groups, aws):
    listed = (
        {"name": "alb", "egress": [{"port": 8000, "group": "backend"}], "tags": {"stack": "goals"}},
        {"name": "backend", "ingress": [FROM_ALB]},
    )
    ids = {name: group["id"] for name, group in groups(*listed)["security_groups"].items()}
    ec2 = aws("ec2")
    anyone = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.authorize_security_group_ingress(GroupId=ids["backend"], IpPermissions=anyone)
    from_alb = {"IpProtocol": "tcp", "FromPort": 8000, "ToPort": 8000, "UserIdGroupPairs": [{"GroupId": ids["alb"]}]}
    ec2.revoke_security_group_ingress(GroupId=ids["backend"], IpPermissions=[from_alb])
    ec2.delete_tags(Resources=[ids["alb"]], Tags=[{"Key": "stack"}])
    planned = groups(*listed, check_mode=True)
    assert planned["plan"] == [
        "update security group alb",
        "create rule backend ingress tcp 8000 from alb",
        "delete rule backend ingress tcp 22 from 0.0.0.0/0",
    ]
    assert groups(*listed)["diff"] == planned["diff"]
    assert not groups(*listed)["changed"]


def test_a_half_made_list_is_completed(groups, aws):
    """The run ended after a group was made, before its egress was taken away and any rule was made."""
    groups({"name": "backend"})
    again = groups({"name": "alb", "egress": []}, {"name": "backend", "ingress": [FROM_ALB], "egress": []})
    assert "create security group backend" not in again["plan"]
    assert "delete rule backend egress all to 0.0.0.0/0" in again["plan"]
    assert rules(aws, again["security_groups"]["alb"]["id"]) == []


def test_check_mode_in_a_vpc_that_is_still_to_be_made(groups, aws):
    aws.calls.clear()
    listed = ({"name": "alb"}, {"name": "backend", "ingress": [FROM_ALB, {"port": 22, "group": KNOWN_AFTER_APPLY}]})
    planned = groups(*listed, vpc_id=KNOWN_AFTER_APPLY, check_mode=True)
    assert planned["plan"][-1] == f"create rule backend ingress tcp 22 from {KNOWN_AFTER_APPLY}"
    assert planned["security_groups"]["alb"]["id"] == KNOWN_AFTER_APPLY
    assert aws.calls == []


def test_a_group_in_use_is_not_deleted_and_the_message_says_by_what(groups, aws, vpc_id):
    made = groups({"name": "worn"}, {"name": "named"}, {"name": "other", "ingress": [{"port": 1, "group": "named"}]})
    ec2 = aws("ec2")
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.91.0.0/24")["Subnet"]["SubnetId"]
    interface = ec2.create_network_interface(SubnetId=subnet, Groups=[made["security_groups"]["worn"]["id"]])
    interface_id = interface["NetworkInterface"]["NetworkInterfaceId"]
    with pytest.raises(StackError, match=f"delete security group worn: still used by network interface {interface_id}"):
        groups({"name": "worn"}, state="absent")
    with pytest.raises(StackError, match="still used by a rule of security group other"):
        groups({"name": "named"}, state="absent")
    ec2.delete_network_interface(NetworkInterfaceId=interface_id)


def test_absent_without_a_vpc_refuses_a_name_that_two_have(groups, aws, vpc_id, module):
    groups({"name": "twin"})
    other = aws("ec2").create_vpc(CidrBlock="10.92.0.0/16")["Vpc"]["VpcId"]
    module("security_groups")(vpc_id=other, groups=[{"name": "twin"}])
    absent = {"groups": [{"name": "twin"}], "state": "absent", "wait_timeout": 30}
    with pytest.raises(StackError, match="Give vpc_id to choose"):
        module("security_groups")(**absent)
    assert module("security_groups")(vpc_id=other, **absent)["changed"]
    assert module("security_groups")(**absent)["changed"]
    assert not module("security_groups")(**absent)["changed"]
    aws("ec2").delete_vpc(VpcId=other)


def test_a_run_without_changes_asks_once(groups, aws):
    listed = ({"name": "alb"}, {"name": "backend", "ingress": [FROM_ALB]})
    groups(*listed)
    aws.calls.clear()
    groups(*listed)
    assert aws.calls == ["DescribeSecurityGroups"]
