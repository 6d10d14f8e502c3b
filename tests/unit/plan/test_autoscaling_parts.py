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


def action(name, **options):
    return Part(name, {"name": name, "min_size": 1, **options})


def scheduled(wants, haves):
    have = replace(HAVE, scheduled_actions=tuple(haves))
    return changes({"scheduled_actions": tuple(wants)}, have)


EARLY, LATE, LATER = (f"2099-01-01T{hour:02}:00:00Z" for hour in (6, 8, 9))


@pytest.mark.parametrize(
    ("wants", "haves", "planned"),
    [
        pytest.param([("new", EARLY)], [("old", EARLY)], ["delete old", "create new"], id="a new name"),
        pytest.param(
            [("a", LATE), ("b", LATER)], [("a", EARLY), ("b", LATE)], ["update b", "update a"], id="each moves on"
        ),
        pytest.param(
            [("a", LATE), ("b", EARLY)],
            [("a", EARLY), ("b", LATE)],
            ["delete a", "update b", "create a"],
            id="two change places",
        ),
        pytest.param(
            [("a", LATE), ("b", LATER), ("c", EARLY), ("d", "2099-01-02T06:00:00Z")],
            [("a", EARLY), ("b", LATE), ("c", LATER)],
            ["create d", "delete a", "update c", "update b", "create a"],
            id="three change places, and one is new",
        ),
    ],
)
def test_a_time_is_free_before_a_scheduled_action_takes_it(wants, haves, planned):
    told = [
        str(each).replace("scheduled action ", "").replace(" of goals", "")
        for each in scheduled(*([action(name, start_time=time) for name, time in side] for side in (wants, haves)))
    ]
    assert told == planned


def test_recurring_actions_that_change_places_find_their_next_turns_by_themselves():
    morning = action("morning", recurrence="0 6 * * *", start_time=EARLY, max_size=4)
    evening = action("evening", recurrence="0 20 * * *", start_time=LATE)
    wants = action("morning", recurrence="0 20 * * *"), action("evening", recurrence="0 6 * * *")
    planned = scheduled(wants, (morning, evening))
    assert [each.action for each in planned] == ["delete", "update", "create"]
    assert planned[-1].after == {"name": "morning", "min_size": 1, "max_size": 4, "recurrence": "0 20 * * *"}


def test_a_pool_that_is_on_its_way_out_is_not_deleted_again_and_the_next_one_waits_for_it():
    leaving = replace(HAVE, warm_pool=None, warm_pool_leaves=True)
    assert changes({"warm_pool": None}, leaving) == ()
    (change,) = changes({"warm_pool": Part("goals", {"min_size": 1})}, leaving)
    assert (change.action, change.before, change.have.told) == ("create", {}, {"status": "PendingDelete"})


def test_processes_go_on_once_the_parts_have_changed_too():
    have = replace(HAVE, suspended_processes=("AZRebalance", "ScheduledActions"))
    want = {"suspended_processes": ("AZRebalance", "Launch"), "max_size": 4, "lifecycle_hooks": ()}
    first, hook, last = changes(want, have)
    assert first.after == {"max_size": 4, "suspended_processes": ["AZRebalance", "Launch", "ScheduledActions"]}
    assert str(hook) == "delete lifecycle hook boot of goals"
    assert str(last) == "update processes of autoscaling group goals"
    assert (last.before, last.after) == (
        {"suspended_processes": ["AZRebalance", "Launch", "ScheduledActions"]},
        {"suspended_processes": ["AZRebalance", "Launch"]},
    )
    resumed = changes({"suspended_processes": (), "lifecycle_hooks": ()}, have)
    assert [each.kind for each in resumed] == ["lifecycle hook", "processes of autoscaling group"]
    assert len(changes({"suspended_processes": ()}, have)) == 1, "nothing else to wait for"
