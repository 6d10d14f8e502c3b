"""The module of one rule among others', against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

ORDERS = [{"field": "path-pattern", "values": ["/orders/*"]}]
TEAPOT = [{"fixed_response": {"status_code": 418}}]
OTHERS = [{"priority": 5, "conditions": [{"field": "path-pattern", "values": ["/others"]}], "actions": TEAPOT}]


@pytest.fixture
def shared(balancer):
    """A load balancer whose owner has a rule of its own."""
    return balancer(listeners=[{"port": 80, "target_group": "blue", "rules": OTHERS}])["load_balancer"]


@pytest.fixture
def rule(module, shared):
    run = module("listener_rule")

    def call(name: str = "orders", **options):
        return run(**{"name": name, "load_balancer": "goals", "port": 80, **options})

    return call


def arns(aws, shared):
    rules = aws("elbv2").describe_rules(ListenerArn=shared["listeners"][0]["arn"])["Rules"]
    return {each["Priority"]: each["RuleArn"] for each in rules}


def test_twelve_steps(twelve_steps, aws, shared):
    given = {
        "name": "orders",
        "load_balancer": "goals",
        "port": 80,
        "priority": 10,
        "conditions": ORDERS,
        "target_group": "green",
        "tags": {"team": "orders"},
    }
    before = arns(aws, shared)
    changed = {
        **given,
        "load_balancer": shared["arn"],
        "priority": 20,
        "conditions": [*ORDERS, {"field": "host-header", "values": ["api.example"]}],
        "actions": [{"forward": {"target_groups": [{"target_group": "blue", "weight": 1}, {"target_group": "green"}]}}],
        "target_group": None,
        "transforms": {"url_rewrite": {"regex": "^/orders/(.*)$", "replace": "/$1"}},
        "tags": {"team": "sales"},
    }
    gone = {"name": "orders", "load_balancer": "goals", "port": 80}
    created, updated, deleted = twelve_steps("listener_rule")(given, changed, gone)
    assert created["plan"] == ["create listener rule orders"]
    assert updated["listener_rule"]["arn"] == created["listener_rule"]["arn"], "also with another priority"
    assert created["listener_rule"]["load_balancer"]["dns_name"] == shared["dns_name"]
    assert created["listener_rule"]["listener"] == {
        "arn": shared["listeners"][0]["arn"],
        "port": 80,
        "protocol": "HTTP",
        "default_action": "forward",
    }
    assert deleted["plan"] == ["delete listener rule orders"]
    assert arns(aws, shared) == before, "the owner's own"


def test_what_is_not_given_stays(rule):
    made = rule(priority=10, conditions=ORDERS, target_group="green", tags={"team": "orders"})["listener_rule"]
    moved = rule(priority=11)
    assert moved["diff"]["after"] == {"listener rule orders": {"priority": 11}}
    assert moved["listener_rule"] == {**made, "priority": 11}
    assert not rule(priority=11)["changed"]


def test_its_owner_goes_on_with_the_load_balancer(rule, balancer, aws, shared):
    """As the backend role does: without rules in the listener."""
    rule(priority=10, conditions=ORDERS, target_group="green")
    there = arns(aws, shared)
    balancer(listeners=[{"port": 80, "target_group": "green"}], idle_timeout=90)
    assert arns(aws, shared) == there


def test_a_priority_that_another_rule_has_is_refused(rule, aws, shared):
    there = arns(aws, shared)
    for check_mode in (True, False):
        with pytest.raises(StackError, match=f"priority 5 is that of a rule without a name .*{there['5']}.* Give one"):
            rule(priority=5, conditions=ORDERS, target_group="green", check_mode=check_mode)
    assert arns(aws, shared) == there


def test_what_is_to_go_may_tell_a_priority_that_is_taken(rule):
    assert not rule(priority=5, state="absent")["changed"]


def test_a_target_group_that_another_load_balancer_has_is_refused(rule, module, vpc, aws, shared):
    other = module("load_balancer")
    place = {"subnet_ids": vpc.subnets[:2], "security_group_ids": vpc.groups[:1]}
    arn = other(name="other", **place, listeners=[{"port": 80, "target_group": "green"}])["load_balancer"]["arn"]
    there = arns(aws, shared)
    with pytest.raises(StackError, match=f"target group green: it is behind {arn}"):
        rule(priority=10, conditions=ORDERS, target_group="green")
    assert arns(aws, shared) == there
    other(name="other", state="absent")


def test_two_of_its_name_are_told(rule, aws, shared):
    made = rule(priority=10, conditions=ORDERS, target_group="green")["listener_rule"]
    twin = arns(aws, shared)["5"]
    aws("elbv2").add_tags(ResourceArns=[twin], Tags=[{"Key": "Name", "Value": "orders"}])
    with pytest.raises(StackError) as told:
        rule(priority=11)
    assert twin in str(told.value)
    assert made["arn"] in str(told.value)


def test_half_a_rule_is_not_made(rule):
    with pytest.raises(InvalidOptions) as told:
        rule(target_group="green")
    assert [fault.option for fault in told.value.faults] == ["priority", "conditions"]


@pytest.mark.parametrize("where", [{"load_balancer": "nobody"}, {"port": 81}, {"load_balancer": KNOWN_AFTER_APPLY}])
def test_check_mode_has_a_listener_that_is_still_to_be_made_and_a_run_has_not(rule, where):
    wanted = {"priority": 10, "conditions": ORDERS, "target_group": "nothing yet", **where}
    assert rule(**wanted, check_mode=True)["plan"] == ["create listener rule orders"]
    with pytest.raises(StackError, match=r"no listener on port|is not known before it is made"):
        rule(**wanted)


def test_a_target_group_that_is_missing_is_told_before_anything_is_written(rule, aws, shared):
    there = arns(aws, shared)
    with pytest.raises(StackError, match="target group nothing: there is no target group of that name"):
        rule(priority=10, conditions=ORDERS, target_group="nothing")
    assert arns(aws, shared) == there


@pytest.mark.parametrize(
    ("wrong", "option"),
    [
        ({"priority": 0}, "priority"),
        ({"conditions": []}, "conditions"),
        ({"conditions": [{"field": "path-pattern"}]}, "conditions[0].values"),
        ({"actions": []}, "actions"),
        ({"actions": TEAPOT, "target_group": "green"}, "actions"),
        ({"tags": {"Name": "other"}}, "tags.Name"),
        ({"port": 0}, "port"),
    ],
)
def test_what_cannot_be_is_told_by_its_option(rule, wrong, option):
    with pytest.raises(InvalidOptions) as told:
        rule(**wrong)
    assert option in [fault.option for fault in told.value.faults]
