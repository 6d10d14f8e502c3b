"""What should change about an Auto Scaling Group, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import (
    DELETED,
    DELETING,
    AutoScalingGroup,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Part
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.autoscaling_group import completed, plan, settled

TEMPLATE = {"id": "lt-1", "name": "goals", "version": 3}
HAVE = AutoScalingGroup(
    "goals",
    launch_template=TEMPLATE,
    subnet_ids=("subnet-a", "subnet-b"),
    min_size=2,
    max_size=3,
    desired_capacity=2,
    target_group_arns=("arn:1",),
    health_check_type="ELB",
    termination_policies=("OldestInstance",),
    default_instance_warmup=30,
    instance_maintenance_policy={"min_healthy_percentage": 100, "max_healthy_percentage": 150},
    metrics_enabled=(),
    suspended_processes=(),
    tags={"stack": "goals", "owner": "web"},
    propagate_tags=True,
    propagated={"stack": True, "owner": True},
    template_ids={"goals": "lt-1"},
)
NEW = {
    "launch_template": {"id": "lt-1", "version": 3},
    "subnet_ids": ("subnet-a",),
    "min_size": 2,
    "max_size": 3,
}


def after(want, have=HAVE, purge=True):
    changes = plan(AutoScalingGroup("goals", **want), have, {"purge_tags": purge})
    return changes[0].after if changes else None


@pytest.mark.parametrize(
    ("want", "changed"),
    [
        pytest.param({}, None, id="nothing given"),
        pytest.param({"min_size": 2, "max_size": 3, "target_group_arns": ("arn:1",)}, None, id="equal"),
        pytest.param({"target_group_arns": ()}, {"target_group_arns": []}, id="an empty list detaches"),
        pytest.param({"termination_policies": ("Default",)}, {"termination_policies": ["Default"]}, id="a reset"),
        pytest.param({"default_instance_warmup": None}, {"default_instance_warmup": None}, id="taken away"),
        pytest.param({"instance_maintenance_policy": None}, {"instance_maintenance_policy": None}, id="no policy"),
        pytest.param({"health_check_type": "EC2"}, {"health_check_type": "EC2"}, id="one setting"),
        pytest.param({"suspended_processes": ("Launch",)}, {"suspended_processes": ["Launch"]}, id="a process"),
    ],
)
def test_update(want, changed):
    assert after(want) == changed


@pytest.mark.parametrize(
    ("wanted", "changed"),
    [
        pytest.param({"id": "lt-1", "version": 3}, False, id="the same by id"),
        pytest.param({"name": "goals", "version": 3}, False, id="the same by name"),
        pytest.param({"id": "lt-1", "version": 4}, True, id="another version"),
        pytest.param({"id": "lt-2", "version": 3}, True, id="another template"),
        pytest.param({"name": "other", "version": 3}, True, id="another name"),
        pytest.param({"id": KNOWN_AFTER_APPLY, "version": 1}, True, id="one that is still to be made"),
    ],
)
def test_launch_template(wanted, changed):
    assert after({"launch_template": wanted}) == ({"launch_template": wanted} if changed else None)


@pytest.mark.parametrize("now", ["lt-2", None])
def test_a_template_that_was_made_again_or_is_gone_is_not_the_one_the_group_has(now):
    have = replace(HAVE, template_ids={"goals": now})
    assert after({"launch_template": {"name": "goals", "version": 3}}, have) is not None


def test_a_version_without_a_number_is_replaced_by_one():
    have = replace(HAVE, launch_template={**TEMPLATE, "version": "$Latest"})
    assert after({"launch_template": {"id": "lt-1", "version": 3}}, have) is not None


def test_a_group_without_a_launch_template_gets_one():
    assert after({"launch_template": TEMPLATE}, replace(HAVE, launch_template=None)) == {"launch_template": TEMPLATE}


@pytest.mark.parametrize(
    ("want", "desired"),
    [
        pytest.param({"min_size": 1}, None, id="inside: left to the autoscaler"),
        pytest.param({"min_size": 3}, 3, id="up to the new minimum"),
        pytest.param({"min_size": 0, "max_size": 1}, 1, id="down to the new maximum"),
        pytest.param({"min_size": 3, "desired_capacity": 3}, 3, id="given"),
        pytest.param({"desired_capacity": 2}, None, id="as it is"),
    ],
)
def test_desired_capacity(want, desired):
    assert (after(want) or {}).get("desired_capacity") == desired


@pytest.mark.parametrize(
    ("want", "option"),
    [({"min_size": 4}, "min_size"), ({"max_size": 1}, "min_size"), ({"desired_capacity": 4}, "desired_capacity"),
     ({"desired_capacity": 1}, "desired_capacity")],
)  # fmt: skip
def test_sizes_are_judged_with_those_that_are_there(want, option):
    with pytest.raises(InvalidOptions) as told:
        after(want)
    assert [fault.option for fault in told.value.faults] == [option]


@pytest.mark.parametrize(
    ("want", "purge", "changed"),
    [
        pytest.param({"stack": "goals"}, True, {"tags": {"stack": "goals"}}, id="unlisted tags go"),
        pytest.param({"stack": "goals"}, False, None, id="unlisted tags stay"),
        pytest.param({"stack": "x"}, False, {"tags": {"stack": "x", "owner": "web"}}, id="one changes, others stay"),
        pytest.param({}, True, {"tags": {}}, id="empty clears"),
    ],
)
def test_tags(want, purge, changed):
    assert after({"tags": want, "propagate_tags": True}, purge=purge) == changed


@pytest.mark.parametrize(
    ("propagated", "wanted", "changed"),
    [
        pytest.param({"stack": True, "owner": True}, True, None, id="as wanted"),
        pytest.param({"stack": False, "owner": True}, True, {"propagate_tags": True}, id="one is not"),
        pytest.param({"stack": True, "owner": False}, False, {"propagate_tags": False}, id="or is"),
    ],
)
def test_propagation(propagated, wanted, changed):
    have = replace(HAVE, propagated=propagated, propagate_tags=all(propagated.values()))
    assert after({"tags": HAVE.tags, "propagate_tags": wanted}, have) == changed


def test_propagation_of_tags_that_are_not_wanted_is_no_matter():
    have = replace(HAVE, propagated={"stack": True, "owner": False}, propagate_tags=False)
    assert after({"tags": {"stack": "goals"}, "propagate_tags": True}, have, purge=False) is None


@pytest.mark.parametrize("have", [None, replace(HAVE, status=DELETING), AutoScalingGroup("goals", status=DELETED)])
def test_create(have):
    changes = plan(AutoScalingGroup("goals", **NEW), have, {"purge_tags": True})
    assert [change.action for change in changes] == ["create"]
    assert changes[0].after["desired_capacity"] == 2, "a group begins with its minimum"
    assert changes[0].have is have, "the operation waits for the one before"


def test_a_new_group_needs_what_aws_has_no_default_for():
    with pytest.raises(InvalidOptions, match="no autoscaling group goals yet") as told:
        plan(AutoScalingGroup("goals", min_size=1), None, {"purge_tags": True})
    assert [fault.option for fault in told.value.faults] == ["launch_template", "subnet_ids", "max_size"]


@pytest.mark.parametrize(
    ("have", "actions"),
    [(HAVE, ["delete"]), (None, []), (replace(HAVE, status=DELETING), []), (AutoScalingGroup("g", status=DELETED), [])],
)
def test_delete(have, actions):
    assert [change.action for change in plan(None, have, {"purge_tags": True})] == actions


@pytest.mark.parametrize("have", [None, replace(HAVE, status=DELETING)])
def test_check_mode_tells_a_group_that_will_be_new(have):
    facts = settled(AutoScalingGroup("goals", **NEW), have).facts()
    assert (facts["arn"], facts["desired_capacity"], facts["status"]) == (KNOWN_AFTER_APPLY, 2, "active")


def test_check_mode_tells_what_an_update_leaves_alone():
    facts = settled(
        AutoScalingGroup("goals", min_size=3, launch_template={"name": "goals", "version": 3}), HAVE
    ).facts()
    assert (facts["min_size"], facts["desired_capacity"], facts["max_size"]) == (3, 3, 3)
    assert facts["launch_template"] == TEMPLATE


def test_a_group_that_is_there_keeps_its_template_where_that_is_asked_for():
    want = {"launch_template": {"name": "goals", "version": 4}, "template_stays": True}
    assert after(want) is None
    assert after({**want, "min_size": 1}) == {"min_size": 1}
    kept = settled(AutoScalingGroup("goals", **want), HAVE)
    assert kept.launch_template == TEMPLATE
    made = after({**NEW, **want}, None)
    assert made["launch_template"] == {"name": "goals", "version": 4}, "a new one begins with it"


POLICY = {"overrides": [{"instance_type": "m7i.large"}], "distribution": {"on_demand_base_capacity": 1}}


@pytest.mark.parametrize(
    ("want", "have", "changed"),
    [
        pytest.param({}, POLICY, None, id="what is not given is left alone"),
        pytest.param({"mixed_instances": {"distribution": {"on_demand_base_capacity": 1}}}, POLICY, None, id="equal"),
        pytest.param({"mixed_instances": None}, POLICY, {"mixed_instances": None}, id="taken away"),
        pytest.param({"mixed_instances": None}, None, None, id="there was none"),
        pytest.param({"mixed_instances": {"overrides": []}}, POLICY, {"mixed_instances": {**POLICY, "overrides": []}},
                     id="no overrides"),
        pytest.param({"launch_template": {"id": "lt-1", "version": 4}}, POLICY,
                     {"launch_template": {"id": "lt-1", "version": 4}}, id="the policy's template changes alone"),
    ],
)  # fmt: skip
def test_mixed_instances(want, have, changed):
    assert after(want, replace(HAVE, mixed_instances=have)) == changed


def test_mixed_instances_need_a_template():
    have = replace(HAVE, launch_template=None, mixed_instances=None)
    with pytest.raises(InvalidOptions, match="launch_template: None is missing"):
        after({"mixed_instances": POLICY}, have)
    assert after({"mixed_instances": POLICY, "launch_template": TEMPLATE}, have).keys() == {
        "mixed_instances", "launch_template"
    }  # fmt: skip


SOURCES = ({"identifier": "arn:1", "type": "elbv2"}, {"identifier": "classic", "type": "elb"})


@pytest.mark.parametrize(
    ("want", "changed"),
    [
        pytest.param({"traffic_sources": SOURCES}, None, id="all of them"),
        pytest.param({"traffic_sources": SOURCES[1:]}, {"traffic_sources": [SOURCES[1]]}, id="not the target group"),
        pytest.param(
            {"traffic_sources": SOURCES[1:], "target_group_arns": ("arn:1",)}, None, id="which the other option names"
        ),
        pytest.param({"traffic_sources": (), "target_group_arns": ("arn:1",)}, {"traffic_sources": []}, id="no other"),
    ],
)
def test_traffic_sources(want, changed):
    assert after(want, replace(HAVE, traffic_sources=SOURCES)) == changed


def test_what_a_policy_of_impaired_zones_does_not_give_stays():
    there = {"zonal_shift_enabled": False, "impaired_zone_health_check_behavior": "IgnoreUnhealthy"}
    have = replace(HAVE, availability_zone_impairment_policy=there)
    assert after({"availability_zone_impairment_policy": {"zonal_shift_enabled": False}}, have) is None
    shifted = {"availability_zone_impairment_policy": {"zonal_shift_enabled": True}}
    assert after(shifted, have) == {"availability_zone_impairment_policy": {**there, "zonal_shift_enabled": True}}


@pytest.mark.parametrize("protection", ["prevent-force-deletion", "prevent-all-deletion"])
def test_a_protected_group_is_deleted_where_its_protection_is_lifted(protection):
    have = replace(HAVE, deletion_protection=protection)
    with pytest.raises(StackError, match=rf"deletion_protection is {protection}.*Give deletion_protection: none"):
        plan(None, have, {"deletion_protection": None})
    assert [str(change) for change in plan(None, have, {"deletion_protection": "none"})] == [
        "delete autoscaling group goals"
    ]


def test_sizes_that_a_scheduled_action_sets_are_left_to_it():
    """A run by day would undo what the morning's action did, and terminate what serves."""
    action = Part("day", {"min_size": 6, "max_size": 10, "recurrence": "30 7 * * *"})
    want = replace(
        AutoScalingGroup("goals", min_size=2, max_size=3, health_check_grace_period=60), scheduled_actions=(action,)
    )
    have = replace(HAVE, min_size=6, max_size=10, desired_capacity=8, scheduled_actions=(action,))
    [change] = plan(want, have, {"purge_tags": True})
    assert change.after == {"health_check_grace_period": 60}
    assert completed(want, None).min_size == 2, "a new group begins with them"


def test_a_policy_of_mixed_instances_waits_for_the_refresh_as_the_template_does():
    policy = {"overrides": [{"instance_type": "t3.micro"}], "distribution": {}}
    want = AutoScalingGroup("goals", mixed_instances=policy, template_stays=True)
    assert plan(want, HAVE, {"purge_tags": True}) == ()
