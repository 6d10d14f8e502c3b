"""What should change about a group's parts, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import AutoScalingGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Part
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.autoscaling_group import plan, settled

LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
BOOT = Part("boot", {"name": "boot", "transition": LAUNCHING, "heartbeat_timeout": 60}, {"global_timeout": 6000})
CPU = Part(
    "cpu", {"name": "cpu", "enabled": True, "target_tracking": {"target_value": 50.0}}, {"arn": "arn:cpu", "alarms": []}
)
POOL = Part("goals", {"min_size": 0, "max_group_prepared_capacity": None, "pool_state": "Stopped"}, {"size": 0})
HAVE = AutoScalingGroup(
    "goals",
    min_size=2,
    max_size=3,
    desired_capacity=2,
    lifecycle_hooks=(BOOT,),
    scaling_policies=(CPU,),
    scheduled_actions=(),
    notifications=(),
    warm_pool=POOL,
)
NEW = {"launch_template": {"id": "lt-1", "version": 3}, "subnet_ids": ("s",), "min_size": 2, "max_size": 3}


def hook(name, **options):
    return Part(name, {"name": name, "transition": LAUNCHING, **options})


def policy(name, **options):
    return Part(name, {"name": name, **options})


def changes(want, have=HAVE):
    return plan(AutoScalingGroup("goals", **want), have, {"purge_tags": True})


@pytest.mark.parametrize(
    ("want", "planned"),
    [
        pytest.param({}, [], id="what is not given is left alone"),
        pytest.param({"lifecycle_hooks": (hook("boot"),)}, [], id="equal, as far as it is given"),
        pytest.param({"lifecycle_hooks": ()}, ["delete lifecycle hook boot of goals"], id="an empty list removes all"),
        pytest.param(
            {"lifecycle_hooks": (hook("boot", heartbeat_timeout=90),)},
            ["update lifecycle hook boot of goals"],
            id="one setting",
        ),
        pytest.param(
            {"scaling_policies": (policy("requests", target_tracking={"target_value": 1.0}),), "lifecycle_hooks": ()},
            [
                "create scaling policy requests of goals",
                "delete lifecycle hook boot of goals",
                "delete scaling policy cpu of goals",
            ],
            id="what goes, goes last",
        ),
        pytest.param({"warm_pool": None}, ["delete warm pool goals"], id="no pool"),
        pytest.param({"warm_pool": Part("goals", {"min_size": 0})}, [], id="the pool that is there"),
        pytest.param({"warm_pool": Part("goals", {"min_size": 1})}, ["update warm pool goals"], id="a larger pool"),
    ],
)
def test_update(want, planned):
    assert [str(change) for change in changes(want)] == planned


def test_a_change_of_a_part_tells_what_differs_and_knows_the_whole():
    (change,) = changes({"lifecycle_hooks": (hook("boot", heartbeat_timeout=90),)})
    assert (change.before, change.after) == ({"heartbeat_timeout": 60}, {"heartbeat_timeout": 90})
    assert change.want.options == {**BOOT.options, "heartbeat_timeout": 90}


def test_a_policy_that_scales_in_another_way_tells_both():
    (change,) = changes({"scaling_policies": (policy("cpu", simple={"scaling_adjustment": 1}),)})
    assert change.before == {"target_tracking": {"target_value": 50.0}, "simple": None}
    assert change.after == {"target_tracking": None, "simple": {"scaling_adjustment": 1}}


def test_a_new_group_gets_its_parts_after_it():
    want = {**NEW, "lifecycle_hooks": (hook("boot"),), "warm_pool": Part("goals", {"min_size": 1})}
    assert [str(change) for change in changes(want, None)] == [
        "create autoscaling group goals",
        "create lifecycle hook boot of goals",
        "create warm pool goals",
    ]
    gone = replace(HAVE, status="deleted")
    assert len(changes(want, gone)) == 3, "the parts of the one before have gone with it"


def test_a_group_that_goes_takes_its_parts_with_it():
    assert [str(change) for change in plan(None, HAVE, {})] == ["delete autoscaling group goals"]


def test_check_mode_tells_the_parts_as_they_will_be():
    want = AutoScalingGroup(
        "goals", scaling_policies=(policy("cpu", target_tracking={"target_value": 60.0}), policy("new"))
    )
    facts = settled(want, HAVE).facts()
    assert facts["scaling_policies"] == [
        {"name": "cpu", "enabled": True, "target_tracking": {"target_value": 60.0}, "arn": "arn:cpu", "alarms": []},
        {"name": "new", "arn": KNOWN_AFTER_APPLY, "alarms": KNOWN_AFTER_APPLY},
    ]
    assert facts["lifecycle_hooks"] is None, "not given, and so not read"
    assert facts["warm_pool"]["pool_state"] == "Stopped"
    assert settled(AutoScalingGroup("goals", warm_pool=None), HAVE).facts()["warm_pool"] is None
