"""What should change about security groups, as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.security_groups import (
    Rule,
    SecurityGroup,
    SecurityGroups,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.security_groups import plan, settled


def rule(owner, direction="ingress", port=80, **other):
    protocol = other.pop("protocol", "tcp")
    ports = {} if protocol == "all" else {"from_port": port, "to_port": port}
    return Rule(
        direction, protocol, owner=owner, **ports, **({"cidr": "0.0.0.0/0"} if not other.keys() & ENDS else {}), **other
    )


ENDS = {"cidr", "group", "cidr_ipv6", "prefix_list_id"}
OPEN = rule("alb", "egress", protocol="all", description="")
HTTP = rule("alb", description="web")
FROM_ALB = rule("backend", port=8000, group="alb", description="")
HAVE = SecurityGroups(
    "vpc-1",
    (
        SecurityGroup("alb", "d", {"a": "1", "b": "2"}, "sg-1", (HTTP,), (OPEN,)),
        SecurityGroup("backend", "d", {}, "sg-2", (FROM_ALB,), ()),
    ),
)


def told(*groups, have=HAVE, purge=True):
    return [str(change) for change in plan(SecurityGroups("vpc-1", groups), have, {"purge_tags": purge})]


CASES = [
    pytest.param(SecurityGroup("alb"), [], id="nothing given"),
    pytest.param(SecurityGroup("alb", ingress=(rule("alb"),)), [], id="no description given: the one there stays"),
    pytest.param(
        SecurityGroup("alb", ingress=(rule("alb", description=""),)),
        ["update rule alb ingress tcp 80 from 0.0.0.0/0"],
        id="a description cleared",
    ),
    pytest.param(
        SecurityGroup("alb", ingress=(rule("alb", port=443),)),
        ["create rule alb ingress tcp 443 from 0.0.0.0/0", "delete rule alb ingress tcp 80 from 0.0.0.0/0"],
        id="let in anew before let in no more",
    ),
    pytest.param(
        SecurityGroup("alb", ingress=()), ["delete rule alb ingress tcp 80 from 0.0.0.0/0"], id="empty clears"
    ),
    pytest.param(
        SecurityGroup("alb", egress=()), ["delete rule alb egress all to 0.0.0.0/0"], id="AWS's own egress too"
    ),
    pytest.param(SecurityGroup("backend", ingress=(rule("backend", port=8000, group="alb"),)), [], id="by name"),
    pytest.param(SecurityGroup("backend", ingress=(rule("backend", port=8000, group="sg-1"),)), [], id="by id"),
    pytest.param(SecurityGroup("alb", tags={"a": "1"}), ["update security group alb"], id="unlisted tags go"),
    pytest.param(SecurityGroup("alb", description="d"), [], id="the same description"),
    pytest.param(
        SecurityGroup("new", egress=(rule("new", "egress", protocol="all"),)),
        ["create security group new", "create rule new egress all to 0.0.0.0/0"],
        id="a new group starts from nothing",
    ),
]


@pytest.mark.parametrize(("want", "changes"), CASES)
def test_update(want, changes):
    assert told(want) == changes


def test_rules_that_are_not_listed_stay_where_they_are_not_to_be_purged():
    want = SecurityGroups("vpc-1", (SecurityGroup("alb", ingress=(rule("alb", port=443),), egress=()),), (), False)
    changes = plan(want, HAVE, {"purge_tags": True})
    assert [str(change) for change in changes] == ["create rule alb ingress tcp 443 from 0.0.0.0/0"]
    (group,) = settled(want, HAVE).groups
    assert [each.from_port for each in group.ingress] == [443, 80]
    assert group.egress == (OPEN,)


def test_groups_come_before_rules_that_name_each_other():
    alb = SecurityGroup("alb", egress=(rule("alb", "egress", 8000, group="backend"),))
    backend = SecurityGroup("backend", ingress=(rule("backend", port=8000, group="alb"),))
    assert told(alb, backend, have=None) == [
        "create security group alb",
        "create security group backend",
        "create rule alb egress tcp 8000 to backend",
        "create rule backend ingress tcp 8000 from alb",
    ]


def test_tags_stay_without_purge():
    assert told(SecurityGroup("alb", tags={"a": "1"}), purge=False) == []


def test_absent_takes_the_rules_between_the_groups_first():
    to_itself = rule("backend", port=1, group="backend")
    backend = replace(HAVE.groups[1], ingress=(FROM_ALB, to_itself))
    made = plan(None, replace(HAVE, groups=(HAVE.groups[0], backend)), {"purge_tags": True})
    assert [str(change) for change in made] == [
        "delete rule backend ingress tcp 8000 from alb",
        "delete security group alb",
        "delete security group backend",
    ]
    assert plan(None, None, {"purge_tags": True}) == ()


def test_a_description_can_not_change():
    with pytest.raises(StackError, match="security group alb: description is 'd', wanted 'other'"):
        told(SecurityGroup("alb", description="other"))


@pytest.mark.parametrize(
    ("made", "label"),
    [
        (rule("a", port=80), "a ingress tcp 80 from 0.0.0.0/0"),
        (Rule("egress", "udp", 1, 9, cidr_ipv6="::/0", owner="a"), "a egress udp 1-9 to ::/0"),
        (Rule("ingress", "icmp", -1, -1, group="b", owner="a"), "a ingress icmp from b"),
        (Rule("ingress", "icmp", 8, 0, group="b", owner="a"), "a ingress icmp 8/0 from b"),
        (Rule("ingress", "all", prefix_list_id="pl-1", owner="a"), "a ingress all from pl-1"),
    ],
)
def test_a_rule_has_a_readable_name(made, label):
    assert made.label == label


def test_what_check_mode_tells_is_what_will_be():
    want = SecurityGroups(
        "vpc-1",
        (
            SecurityGroup("alb", ingress=(rule("alb", port=443),)),
            SecurityGroup("new", ingress=(rule("new", group="sg-1"),)),
        ),
    )
    facts = settled(want, HAVE).facts()
    assert facts["alb"]["id"] == "sg-1"
    assert [each["from_port"] for each in facts["alb"]["ingress"]] == [443]
    assert [each["protocol"] for each in facts["alb"]["egress"]] == ["all"], "what is not given stays"
    assert (facts["new"]["id"], facts["new"]["ingress"][0]["group"], facts["new"]["egress"]) == (
        *(KNOWN_AFTER_APPLY, "alb"),
        None,
    ), "which egress rules AWS gives a new group depends on its VPC"
    assert UNSET not in facts["new"].values()
