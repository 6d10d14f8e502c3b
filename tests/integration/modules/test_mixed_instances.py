"""Groups with a policy of mixed instances, and their refreshes, against the region."""

from __future__ import annotations

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions
from ansible_collections.ha_stack.aws.plugins.modules.autoscaling_group_info import seen

TYPES = [{"instance_type": "t3.small"}, {"instance_type": "t3.micro"}]
CHEAP = {"on_demand_base_capacity": 1, "spot_allocation_strategy": "price-capacity-optimized"}
PREFERENCES = {"min_healthy_percentage": 100, "max_healthy_percentage": 200, "instance_warmup": 0}


@pytest.fixture
def group(module):
    return module("autoscaling_group")


@pytest.fixture
def refresh(module):
    return module("instance_refresh")


def told(aws):
    return aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["group"])["AutoScalingGroups"][0]


def types(result, name="autoscaling_group"):
    return [each["instance_type"] for each in result[name]["instances"]]


def test_twelve_steps(twelve_steps, ground):
    requirements = {"vcpu_count": {"min": 2}, "memory_mib": {"min": 2048}, "burstable_performance": "excluded"}
    given = ground.options(name="twelve-steps", mixed_instances={"overrides": TYPES, "distribution": CHEAP})
    changed = {
        **given,
        "launch_template": {"name": "ground", "version": 2},
        "mixed_instances": {
            "overrides": [{"instance_requirements": requirements, "launch_template": {"name": "ground", "version": 1}}],
            "distribution": {"spot_allocation_strategy": "lowest-price", "spot_max_price": "0.05"},
        },
    }
    lifecycle = twelve_steps("autoscaling_group")
    created, updated = lifecycle.step(given), lifecycle.step(changed)
    assert types(created) == ["t3.small", "t3.small"]
    distribution = created["autoscaling_group"]["mixed_instances"]["distribution"]
    assert distribution == {
        **CHEAP, "on_demand_allocation_strategy": "prioritized", "on_demand_percentage_above_base_capacity": 100
    }  # fmt: skip
    assert updated["autoscaling_group"]["launch_template"] == {"id": ground.template, "name": "ground", "version": 2}
    (override,) = updated["autoscaling_group"]["mixed_instances"]["overrides"]
    assert override["launch_template"] == {"id": ground.template, "name": "ground", "version": 1}
    assert "burstable_performance" not in override["instance_requirements"], "as AWS has it by default"
    bare = lifecycle.step({**changed, "mixed_instances": {"overrides": [], "distribution": {"spot_max_price": ""}}})
    assert bare["autoscaling_group"]["mixed_instances"]["overrides"] == []
    plain = lifecycle.step({**changed, "mixed_instances": {}})
    assert plain["autoscaling_group"]["mixed_instances"] is None
    assert plain["autoscaling_group"]["launch_template"]["version"] == 2, "the template stays"
    lifecycle.step({"name": "twelve-steps", "state": "absent"})


def test_a_task_that_gives_only_a_new_launch_template_keeps_the_policy(group, ground, aws):
    made = group(**ground.options(mixed_instances={"overrides": TYPES, "distribution": CHEAP}))
    moved = group(name="group", launch_template={"id": ground.template, "version": 2})
    assert moved["diff"]["after"]["autoscaling group group"].keys() == {"launch_template"}
    there = told(aws)
    assert "LaunchTemplate" not in there
    policy = there["MixedInstancesPolicy"]
    assert policy["LaunchTemplate"]["LaunchTemplateSpecification"]["Version"] == "2"
    kept = moved["autoscaling_group"]["mixed_instances"]
    assert kept == made["autoscaling_group"]["mixed_instances"]


def test_a_refresh_keeps_the_policy(group, refresh, ground, aws):
    made = group(**ground.options(mixed_instances={"overrides": TYPES}))["autoscaling_group"]
    second = {"name": "group", "launch_template": {"id": ground.template, "version": "2"}, **PREFERENCES}
    planned, done = refresh(**second, check_mode=True), refresh(**second)
    assert planned["diff"] == done["diff"]
    assert (done["instance_refresh"]["status"], done["instance_refresh"]["target"]["version"]) == ("Successful", 2)
    assert types(done, "instance_refresh") == ["t3.small", "t3.small"]
    assert not refresh(**second)["changed"]
    assert not group(name="group", mixed_instances={"overrides": TYPES})["changed"]
    assert told(aws)["MixedInstancesPolicy"]["LaunchTemplate"]["LaunchTemplateSpecification"]["Version"] == "2"
    assert done["instance_refresh"]["mixed_instances"] == made["mixed_instances"]


def test_a_refresh_brings_another_policy_and_its_rollback_the_old_one(group, refresh, ground, aws):
    made = group(**ground.options(mixed_instances={"overrides": TYPES}))["autoscaling_group"]
    other = {
        "name": "group",
        "launch_template": {"id": ground.template, "version": "1"},
        "mixed_instances": {"overrides": TYPES[1:]},
        **PREFERENCES,
    }
    refresh(**other, wait=False)
    back = refresh(name="group", state="rolled_back")
    assert back["instance_refresh"]["mixed_instances"] == made["mixed_instances"]
    assert set(types(back, "instance_refresh")) == {"t3.small"}
    done = refresh(**other)
    reasons = set(done["diff"]["after"]["instance refresh group"]["replaces"].values())
    assert reasons == {f"{ground.template} version 1 on t3.small"}
    assert types(done, "instance_refresh") == ["t3.micro", "t3.micro"]
    assert not refresh(**other)["changed"]


def test_instances_of_an_overrides_own_template_are_not_stale(group, refresh, ground, aws):
    own = [{"instance_type": "t3.micro", "launch_template": {"id": ground.template, "version": "1"}}]
    group(**ground.options(launch_template={"id": ground.template, "version": 2}, mixed_instances={"overrides": own}))
    (info,) = seen(Session(aws, params={"names": ["group"], "activities": 0, "refreshes": 0, "parts": False}))
    assert [(each["launch_template_version"], each["stale"]) for each in info["instances"]] == [("1", False)] * 2
    second = {"name": "group", "launch_template": {"id": ground.template, "version": "2"}, **PREFERENCES}
    assert not refresh(**second)["changed"]


def test_root_volumes_are_not_replaced_without_images(group, refresh, ground, aws):
    group(**ground.options(mixed_instances={"overrides": TYPES}))
    aws.calls.clear()
    with pytest.raises(InvalidOptions, match=r"strategy: 'ReplaceRootVolume' needs .* 2 overrides, 0 with an image"):
        refresh(name="group", launch_template={"id": ground.template, "version": "2"}, strategy="ReplaceRootVolume")
    assert aws.writes() == []
