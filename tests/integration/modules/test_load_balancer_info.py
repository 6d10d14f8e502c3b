"""All of application load balancers as data, asked of the region."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.modules.load_balancer_info import seen


@pytest.fixture
def told(aws):
    def ask(names=None):
        found = seen(Session(aws, params={"names": names}))
        json.dumps(found)  # what a module returns has JSON's types only
        return found

    return ask


def holds(told, made):
    """Whether all that the module read of what it made is told. It leaves out what no option gives."""
    if isinstance(made, dict):
        return all(holds(told[key], value) for key, value in made.items() if value is not None)
    if isinstance(made, list):
        return len(told) == len(made) and all(holds(*pair) for pair in zip(told, made, strict=True))
    return told == made


def test_a_load_balancer_is_told_down_to_its_targets(aws, module, ground, told):
    module("autoscaling_group")(**ground.options(target_group_arns=[ground.target_group], health_check_type="ELB"))
    listener = {"port": 80, "target_group": "ground", "tags": {"of": "listener"}, "rules": []}
    path = {"priority": 7, "conditions": [{"field": "path-pattern", "values": ["/old"]}], "target_group": "ground"}
    made = module("load_balancer")(
        name="ground",
        subnet_ids=ground.subnets,
        idle_timeout=30,
        listeners=[{**listener, "rules": [path]}],
        tags={"stack": "goals"},
    )["load_balancer"]
    (balancer,) = told(["no-such", "ground"])
    assert holds(balancer, made)
    assert balancer["deletion_protection"] is False, "also what no task gave"
    assert [rule["priority"] for rule in balancer["listeners"][0]["rules"]] == [7]
    assert balancer["listeners"][0]["tags"] == {"of": "listener"}
    (group,) = balancer["target_groups"]
    assert (group["name"], group["arn"], group["deregistration_delay"]) == ("ground", ground.target_group, 300)
    assert {each["id"] for each in group["targets"]} == {each["InstanceId"] for each in ground.instances("group")}
    assert {(each["port"], each["state"], each["reason"]) for each in group["targets"]} == {(8000, "healthy", None)}


def test_all_there_are_without_names(aws, ground, told):
    aws.calls.clear()
    assert [balancer["name"] for balancer in told()] == ["ground"]
    assert told([]) == []
    assert aws.writes() == []
