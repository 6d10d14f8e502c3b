"""Whether a group has to be refreshed, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_instance import Instance
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh import InstanceRefresh
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.instance_refresh import given_up, plan, settled


def template(version, id="lt-1"):
    return {"id": id, "name": "goals", "version": version}


def instance(id, version, template="lt-1", **more):
    given = {"lifecycle_state": "InService", "launch_template_id": template, "launch_template_version": version}
    return Instance(id, **{**given, **more})


def wanted(version=2, id="lt-1", **options):
    return InstanceRefresh("goals", launch_template=template(version, id), **options)


def group(*instances, version=1, status=None, target=None):
    refresh = {"id": "refresh-1", "status": status, "target": target} if status else {}
    return InstanceRefresh("goals", launch_template=template(version), instances=instances, **refresh)


OLD, NEW = instance("i-1", "1"), instance("i-2", "2")
PROTECTED = instance("i-3", "1", protected_from_scale_in=True)
STANDBY = instance("i-4", "1", lifecycle_state="Standby")


@pytest.mark.parametrize(
    ("want", "have", "replaced"),
    [
        pytest.param(wanted(), group(OLD, NEW), ["i-1"], id="one is stale"),
        pytest.param(wanted(), group(NEW, version=2), None, id="all have it"),
        pytest.param(wanted(), group(NEW, version=1), [], id="all but the group itself have it"),
        pytest.param(wanted(), group(version=1), [], id="a group without instances"),
        pytest.param(wanted(id="lt-2"), group(NEW, version=2), ["i-2"], id="another template of the same version"),
        pytest.param(wanted(id=KNOWN_AFTER_APPLY), group(OLD), ["i-1"], id="a template that is to come"),
        pytest.param(
            wanted(), group(instance("i-5", None, None), version=2), ["i-5"], id="launched from no template at all"
        ),
        pytest.param(wanted(), group(PROTECTED, STANDBY, version=2), ["i-3", "i-4"], id="protected, standby"),
        pytest.param(
            wanted(scale_in_protected_instances="Ignore", standby_instances="Ignore"),
            group(PROTECTED, STANDBY, version=2),
            None,
            id="protected and standby ones that are ignored",
        ),
        pytest.param(wanted(), group(OLD, status="InProgress", target=template(2)), None, id="it is under way"),
        pytest.param(
            wanted(),
            group(OLD, status="InProgress", target={"id": None, "name": "goals", "version": 2}),
            None,
            id="it is under way, by the template's name",
        ),
        pytest.param(wanted(), group(OLD, status="RollbackInProgress", target=template(2)), None, id="it rolls back"),
        pytest.param(wanted(), group(OLD, status="RollbackSuccessful", target=template(2)), ["i-1"], id="once more"),
        pytest.param(wanted(), None, None, id="no group"),
    ],
)
def test_what_a_refresh_replaces(want, have, replaced):
    changes = plan(want, have, {})
    assert [(change.action, list(change.after["replaces"])) for change in changes] == (
        [] if replaced is None else [("create", replaced)]
    )


def test_the_change_tells_what_a_stale_instance_runs_and_the_preferences():
    (change,) = plan(wanted(min_healthy_percentage=100), group(OLD), {})
    assert change.after == {
        "name": "goals",
        "launch_template": template(2),
        "min_healthy_percentage": 100,
        "replaces": {"i-1": "lt-1 version 1"},
    }


@pytest.mark.parametrize("status", ["Pending", "InProgress", "Baking", "RollbackInProgress", "Cancelling"])
def test_another_one_that_is_under_way_is_refused_by_name(status):
    message = rf"to goals version 2: refresh-1 to goals version 3 is under way \({status}, 0 % complete\).*cancelled"
    with pytest.raises(StackError, match=message):
        plan(wanted(), group(OLD, status=status, target=template(3)), {})


def test_the_same_one_that_is_being_cancelled_is_refused_too():
    with pytest.raises(StackError, match=r"is under way \(Cancelling"):
        plan(wanted(), group(OLD, status="Cancelling", target=template(2)), {})


@pytest.mark.parametrize(
    ("state", "status", "after"),
    [
        ("cancelled", "InProgress", {"state": "cancelled"}),
        ("cancelled", "RollbackInProgress", {"state": "cancelled"}),
        ("cancelled", "Cancelling", None),
        ("cancelled", "Successful", None),
        ("cancelled", None, None),
        ("rolled_back", "InProgress", {"state": "rolled_back"}),
        ("rolled_back", "Baking", {"state": "rolled_back"}),
        ("rolled_back", "RollbackInProgress", None),
        ("rolled_back", "RollbackSuccessful", None),
    ],
)
def test_what_ends_a_refresh(state, status, after):
    changes = plan(InstanceRefresh("goals", state=state), group(OLD, status=status, target=template(2)), {})
    assert [(change.action, change.after) for change in changes] == ([] if after is None else [("update", after)])


@pytest.mark.parametrize("status", ["Successful", "Failed", "Cancelled", "Cancelling", None])
def test_what_has_ended_can_not_be_rolled_back(status):
    with pytest.raises(StackError, match=r"none is under way that could be rolled back .*state: present"):
        plan(InstanceRefresh("goals", state="rolled_back"), group(NEW, status=status, target=template(2)), {})


def test_check_mode_tells_the_group_with_its_new_version():
    assert settled(wanted(), group(OLD)).launch_template == template(2)
    assert settled(wanted(), None).launch_template == template(2)


def watched(*failed, status="InProgress"):
    return replace(group(OLD, status=status, target=template(2)), failed=failed)


@pytest.mark.parametrize(
    ("options", "seen", "end"),
    [
        pytest.param({"failure_threshold": 2}, watched("i-2"), None, id="one may"),
        pytest.param({"failure_threshold": 2}, watched("i-2", "i-5"), "rolled_back", id="two may not"),
        pytest.param({"failure_threshold": 1}, watched("i-2", "i-5"), "rolled_back", id="more at once"),
        pytest.param({"failure_threshold": 1, "auto_rollback": False}, watched("i-2"), "cancelled", id="no way back"),
        pytest.param({}, watched("i-2", "i-5"), None, id="as many as there are"),
        pytest.param(
            {"failure_threshold": 1}, watched("i-2", status="RollbackInProgress"), None, id="it rolls back already"
        ),
        pytest.param({"failure_threshold": 1, "state": "cancelled"}, watched("i-2"), None, id="it is to end anyway"),
    ],
)
def test_when_a_refresh_is_given_up(options, seen, end):
    assert [change.after["state"] for change in given_up(wanted(**options), seen)] == ([end] if end else [])


def test_one_that_is_given_up_says_why():
    (change,) = given_up(wanted(failure_threshold=1), watched("i-2"))
    assert change.after["because"] == (
        "Given up after 1 instance of goals version 2 (i-2) failed the health check (failure_threshold: 1)"
    )


POLICY = {"overrides": [{"instance_type": "m7i.large"}], "distribution": {}}
IMAGES = {"overrides": [{"instance_type": "m7i.large", "image_id": "ami-2"}]}


def mixed(*instances, version=2, **more):
    return replace(group(*instances, version=version, **more), mixed_instances=POLICY)


def of_type(kind, image=None):
    return instance("i-1", "2", instance_type=kind, image_id=image)


@pytest.mark.parametrize(
    ("want", "have", "replaced"),
    [
        pytest.param(wanted(), mixed(of_type("m7i.large")), None, id="the policy's type"),
        pytest.param(wanted(), mixed(of_type("m5.large")), ["i-1"], id="a type that the policy has no more"),
        pytest.param(wanted(3), mixed(of_type("m7i.large")), ["i-1"], id="another version"),
        pytest.param(
            wanted(mixed_instances=IMAGES, strategy="ReplaceRootVolume"),
            mixed(of_type("m7i.large", "ami-1")),
            ["i-1"],
            id="another image",
        ),
        pytest.param(
            wanted(mixed_instances={"distribution": {"on_demand_base_capacity": 1}}),
            mixed(of_type("m7i.large")),
            [],
            id="the group itself is to have another policy",
        ),
        pytest.param(wanted(mixed_instances=None), mixed(of_type("m5.large")), [], id="it is to have none"),
    ],
)
def test_what_a_refresh_of_mixed_instances_replaces(want, have, replaced):
    changes = plan(want, have, {})
    assert [list(change.after["replaces"]) for change in changes] == ([] if replaced is None else [replaced])


def test_a_refresh_is_followed_where_it_brings_the_same_policy():
    have = replace(mixed(of_type("m5.large"), status="InProgress", target=template(2)), target_mixed_instances=POLICY)
    assert plan(wanted(mixed_instances={"overrides": POLICY["overrides"]}), have, {}) == ()
    told = {**POLICY, "distribution": {"on_demand_base_capacity": 0}}
    assert (
        plan(wanted(mixed_instances=POLICY), replace(have, mixed_instances=None, target_mixed_instances=told), {}) == ()
    )
    for other in (None, {"overrides": []}, {"distribution": {"on_demand_base_capacity": 1}}):
        with pytest.raises(StackError, match="is under way"):
            plan(wanted(mixed_instances=other), have, {})


@pytest.mark.parametrize("policy", [None, {"overrides": []}, POLICY])
def test_root_volumes_need_images(policy):
    with pytest.raises(InvalidOptions, match="each of whose overrides has an image_id"):
        plan(wanted(3, strategy="ReplaceRootVolume", mixed_instances=policy), mixed(of_type("m7i.large")), {})


def test_root_volumes_are_of_instances_that_run_the_template():
    want = wanted(3, strategy="ReplaceRootVolume", mixed_instances=IMAGES)
    with pytest.raises(InvalidOptions, match=r"of goals version 3 alone .i-1 runs lt-1 version 2 on m7i.large"):
        plan(want, mixed(of_type("m7i.large", "ami-1")), {})


def test_check_mode_tells_the_policy_that_will_be():
    told = settled(wanted(3, mixed_instances=IMAGES), mixed(of_type("m7i.large")))
    assert told.facts()["mixed_instances"] == {**IMAGES, "distribution": {}}
    assert settled(wanted(3), mixed()).facts()["mixed_instances"] == POLICY
