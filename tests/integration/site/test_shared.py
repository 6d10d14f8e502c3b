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
