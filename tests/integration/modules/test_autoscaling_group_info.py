"""All of Auto Scaling Groups as data, asked of the region."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_info import OPTIONS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions
from ansible_collections.ha_stack.aws.plugins.modules.autoscaling_group_info import seen


@pytest.fixture
def told(aws):
    """The module's result for these options."""

    def ask(**options):
        defaults = {name: option.get("default") for name, option in OPTIONS.items()}
        found = seen(Session(aws, params={**defaults, **options}))
        json.dumps(found)  # what a module returns has JSON's types only
        return found

    return ask


def test_a_group_is_told_with_its_instances_and_why_they_are_stale(aws, module, ground, told):
    options = ground.options(target_group_arns=[ground.target_group], health_check_type="ELB")
    made = module("autoscaling_group")(**options)["autoscaling_group"]
    (group,) = told(names=["group", "no-such"])
    assert {key: group[key] for key in made if key not in ("instances", "launch_template")} == {
        key: made[key] for key in made if key not in ("instances", "launch_template")
    }
    assert group["ready"]
    assert group["launch_template"] == {"id": ground.template, "name": "ground", "version": 1}
    assert [(each["stale"], each["stale_reason"]) for each in group["instances"]] == [(False, None)] * 2
    assert {each["target_health"][ground.target_group]["state"] for each in group["instances"]} == {"healthy"}
    assert [each["status"] for each in group["activities"]] == ["Successful"] * 2
    assert all(each["cause"] and each["start_time"] <= each["end_time"] for each in group["activities"])
    assert group["refreshes"] == []

    latest = {"LaunchTemplateId": ground.template, "Version": "$Latest"}
    aws("autoscaling").update_auto_scaling_group(AutoScalingGroupName="group", LaunchTemplate=latest)
    (group,) = told(names=["group"])
    assert group["launch_template"]["version"] == 2, "what $Latest stands for"
    why = f"it runs {ground.template} version 1, the group launches ground version 2"
    assert [(each["stale"], each["stale_reason"]) for each in group["instances"]] == [(True, why)] * 2

    second = {"id": ground.template, "version": "2"}
    module("instance_refresh")(name="group", launch_template=second, min_healthy_percentage=50, auto_rollback=False)
    (group,) = told(names=["group"], activities=1)
    (refresh,) = group["refreshes"]
    assert (refresh["status"], refresh["percentage_complete"], refresh["launch_template_version"]) == (
        "Successful",
        100,
        "2",
    )
    assert not any(each["stale"] for each in group["instances"])
    assert len(group["activities"]) == 1


def test_calls_are_those_that_are_asked_for(aws, module, ground, told):
    module("autoscaling_group")(**ground.options(target_group_arns=[ground.target_group]))
    aws.calls.clear()
    told(names=["group"], activities=0, refreshes=0)
    assert aws.calls == ["DescribeAutoScalingGroups", "DescribeTargetHealth"]
    aws.calls.clear()
    assert [group["name"] for group in told()] == ["group"], "all there are, without names"
    assert sorted(aws.calls[1:]) == ["DescribeInstanceRefreshes", "DescribeScalingActivities", "DescribeTargetHealth"]


def test_nothing_is_told_of_nothing(aws, told):
    assert told(names=["no-such"]) == told(names=[]) == []
    assert aws.writes() == []


def test_a_count_out_of_range_is_refused(told):
    with pytest.raises(InvalidOptions, match="activities: 101"):
        told(activities=101)
