"""Another backend behind the load balancer of a stack, in its network."""

from __future__ import annotations

import json

import pytest

from tests.integration.site.conftest import NAME

ORDERS = {
    "stack_roles": ["backend"],
    "network_name": NAME,
    "backend_database": {},
    "backend_load_balancer": NAME,
    "backend_rule_priority": 10,
    "backend_rule_conditions": [{"field": "path-pattern", "values": ["/orders/*"]}],
    "backend_rule_transforms": {"url_rewrite": {"regex": "^/orders/(.*)$", "replace": "/$1"}},
}


@pytest.fixture(scope="module")
def orders(built, tmp_path_factory):
    """ansible-playbook's options: the local inventory with one more host."""
    inventory = tmp_path_factory.mktemp("orders") / "orders.json"
    inventory.write_text(json.dumps({"stacks": {"hosts": {"orders": ORDERS}}}))
    return ("-i", "inventories/local", "-i", str(inventory), "--limit", "orders")


def rules(region):
    elbv2 = region.aws("elbv2")
    (balancer,) = elbv2.describe_load_balancers(Names=[NAME])["LoadBalancers"]
    (listener,) = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    found = elbv2.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    return {each["Priority"]: each for each in found}


def forwards(rule):
    (action,) = rule["Actions"]
    groups = action.get("ForwardConfig", {}).get("TargetGroups") or [action]
    return {group["TargetGroupArn"].split("/")[1] for group in groups}


def test_it_is_put_beside_and_taken_away_and_the_other_stays(region, orders):
    checked = region.site(*orders, check=True)
    assert checked.returncode == 0, checked.messages()
    assert checked.plan()[-1] == "create listener rule orders"

    made = region.site(*orders)
    assert made.returncode == 0, made.messages()
    planned = [each for each in made.plan() if "listener rule" in each]
    assert planned[-1] == "update listener rule orders", "requests come when the instances are healthy"
    assert "create listener rule orders" in planned
    assert made.plan().index("create autoscaling group orders") < made.plan().index(planned[-1])
    assert forwards(rules(region)["10"]) == {"orders"}
    assert forwards(rules(region)["default"]) == {NAME}

    refused = region.destroy()
    assert "rules of others (orders)" in refused.messages()
    assert rules(region).keys() == {"10", "default"}
    for stack in (orders, ()):
        again = region.site(*stack)
        assert (again.returncode, again.changed()) == (0, {}), again.plan()

    canary = region.canary("2.0.0", *orders, "-e", '{"backend_canary_steps": [50], "backend_canary_step_seconds": 1}')
    assert canary.returncode == 0, canary.messages()
    assert forwards(rules(region)["10"]) == {"orders"}
    rolled = region.rollback(*orders)
    assert rolled.returncode == 0, rolled.messages()

    gone = region.destroy(*orders, confirm="orders")
    assert gone.returncode == 0, gone.messages()
    assert rules(region).keys() == {"default"}
    left = region.site()
    assert (left.returncode, left.stats["changed"], left.changed()) == (0, 0, {}), left.messages()


def test_a_canary_that_was_killed_gets_no_requests_before_it_goes(region, orders):
    made = region.site(*orders)
    assert made.returncode == 0, made.messages()
    slow = '{"backend_canary_steps": [50], "backend_canary_step_seconds": 300}'
    region.canary_killed_when(lambda: "orders-canary" in forwards(rules(region)["10"]), "2.0.0", *orders, "-e", slow)
    again = region.site(*orders)
    assert again.returncode == 0, again.messages()
    assert forwards(rules(region)["10"]) == {"orders"}
    groups = region.aws("elbv2").describe_target_groups()["TargetGroups"]
    assert {each["TargetGroupName"] for each in groups} == {NAME, "orders"}


def test_a_deployment_leads_requests_to_what_was_half_made(region, orders):
    """As where site.yml was killed, or its first refresh failed."""
    nobody = [{"Field": "host-header", "HostHeaderConfig": {"Values": ["orders.invalid"]}}]
    region.aws("elbv2").modify_rule(RuleArn=rules(region)["10"]["RuleArn"], Conditions=nobody)
    done = region.deploy("3.0.0", *orders)
    assert done.returncode == 0, done.messages()
    assert [each["Field"] for each in rules(region)["10"]["Conditions"]] == ["path-pattern"]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("wrong", [{"backend_load_balancer": "nobody"}, {"backend_rule_port": 81}])
def test_a_load_balancer_that_is_not_there_is_told_before_anything_is_written(region, orders, wrong, check):
    region.calls.mark()
    refused = region.site(*orders, "-e", json.dumps(wrong), check=check)
    assert "backend_load_balancer: " in refused.messages()
    assert "there is none, or no such load balancer" in refused.messages()
    assert region.calls.writes() == []


def test_clear_text_is_not_answered_where_its_owner_redirects(region, orders):
    elbv2 = region.aws("elbv2")
    listener = rules(region)["default"]["RuleArn"].replace(":listener-rule/", ":listener/").rpartition("/")[0]
    before = elbv2.describe_listeners(ListenerArns=[listener])["Listeners"][0]["DefaultActions"]
    redirect = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
    elbv2.modify_listener(ListenerArn=listener, DefaultActions=[redirect])
    refused = region.site(*orders)
    assert "that one redirects them" in refused.messages()
    elbv2.modify_listener(ListenerArn=listener, DefaultActions=before)
