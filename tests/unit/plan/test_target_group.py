"""What should change about a target group, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.target_group import TargetGroup, stand_in_name
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.target_group import plan, settled

HAVE = TargetGroup(
    name="goals", vpc_id="vpc-1", port=8000, health_check_path="/", health_check_interval=30, tags={"a": "1", "b": "2"}
)


@pytest.mark.parametrize(
    ("want", "purge", "after"),
    [
        pytest.param({}, True, None, id="nothing given, nothing changed"),
        pytest.param({"health_check_path": "/"}, True, None, id="equal"),
        pytest.param({"health_check_interval": 5}, True, {"health_check_interval": 5}, id="one setting"),
        pytest.param({"tags": {"a": "1"}}, True, {"tags": {"a": "1"}}, id="unlisted tags go"),
        pytest.param({"tags": {"a": "1"}}, False, None, id="unlisted tags stay"),
        pytest.param({"tags": {"a": "3"}}, False, {"tags": {"a": "3", "b": "2"}}, id="listed tags change, others stay"),
        pytest.param({"tags": {}}, True, {"tags": {}}, id="empty clears"),
    ],
)
def test_update(want, purge, after):
    changes = plan(TargetGroup(name="goals", **want), HAVE, {"purge_tags": purge})
    assert [change.after for change in changes] == ([] if after is None else [after])


@pytest.mark.parametrize(
    ("want", "have", "actions"), [(HAVE, None, ["create"]), (None, HAVE, ["delete"]), (None, None, [])]
)
def test_create_and_delete(want, have, actions):
    assert [change.action for change in plan(want, have, {"purge_tags": True})] == actions


def test_port_can_not_change():
    with pytest.raises(StackError, match="port is 8000, wanted 9000"):
        plan(TargetGroup(name="goals", port=9000), HAVE, {"purge_tags": True})


@pytest.mark.parametrize(
    ("want", "have"),
    [
        pytest.param({"health_check_interval": 5}, None, id="a new one's timeout is 5 s"),
        pytest.param({"health_check_interval": 5}, {"health_check_timeout": 6}, id="the timeout it has"),
        pytest.param({"health_check_timeout": 30}, {"health_check_interval": 30}, id="the interval it has"),
    ],
)
def test_a_timeout_that_is_not_shorter_than_the_interval_is_refused(want, have):
    there = None if have is None else TargetGroup(name="goals", **have)
    with pytest.raises(StackError, match=r"is too long\. Give a health_check_timeout of less than"):
        plan(TargetGroup(name="goals", **want), there, {"purge_tags": True})


WHOLE = [
    "create target group goals-b5b471c6-stand-in",
    "update traffic goals to goals-b5b471c6-stand-in",
    "delete target group goals",
    "create target group goals",
    "update traffic goals-b5b471c6-stand-in to goals",
    "delete target group goals-b5b471c6-stand-in",
]
PURGE = {"purge_tags": True}
USED = replace(HAVE, load_balancer_arns=("arn:lb",))


@pytest.mark.parametrize(
    ("port", "stand_in", "expected"),
    [
        pytest.param(9000, None, WHOLE, id="from the beginning"),
        pytest.param(9000, 9000, WHOLE[1:], id="the stand-in is there already"),
        pytest.param(
            9000,
            7000,
            ["update traffic goals-b5b471c6-stand-in to goals", "delete target group goals-b5b471c6-stand-in", *WHOLE],
            id="a stand-in for something else",
        ),
        pytest.param(8000, 9000, WHOLE[4:], id="called off"),
        pytest.param(8000, None, [], id="nothing differs"),
    ],
)
def test_a_replacement_goes_on_from_where_it_stopped(port, stand_in, expected):
    left = TargetGroup("goals-b5b471c6-stand-in", vpc_id="vpc-1", port=stand_in, arn="arn:s") if stand_in else None
    want = TargetGroup("goals", vpc_id="vpc-1", port=port, replaceable=True, stand_in=left)
    assert [str(change) for change in plan(want, USED, PURGE)] == expected


def test_a_replacement_that_lost_the_old_group_makes_the_new_one():
    left = TargetGroup("goals-b5b471c6-stand-in", vpc_id="vpc-1", port=9000, arn="arn:s")
    want = TargetGroup("goals", vpc_id="vpc-1", port=9000, replaceable=True, stand_in=left)
    assert [str(change) for change in plan(want, None, PURGE)] == WHOLE[3:]


def test_what_nobody_uses_is_made_again_without_a_stand_in():
    want = TargetGroup("goals", port=9000, replaceable=True)
    assert [str(change) for change in plan(want, HAVE, PURGE)] == [WHOLE[2], WHOLE[3]]
    function = plan(TargetGroup("goals", target_type="lambda", replaceable=True), HAVE, PURGE)[1]
    assert function.after == {"name": "goals", "target_type": "lambda"}, "which has neither port nor protocol"


def test_what_the_stand_in_kept_is_not_lost():
    left = TargetGroup("goals-b5b471c6-stand-in", port=9000, deregistration_delay=7, tags={"a": "1"}, arn="arn:s")
    want = TargetGroup("goals", port=9000, replaceable=True, stand_in=left)
    made = plan(want, None, PURGE)[0]
    assert (made.name, made.after["deregistration_delay"], made.after["tags"]) == ("goals", 7, {"a": "1"})


def test_codes_of_http_are_none_of_grpc():
    there = replace(USED, protocol_version="HTTP1", success_codes="200")
    made = plan(TargetGroup("goals", protocol_version="GRPC", replaceable=True), there, PURGE)[0]
    assert made.after.keys() & {"success_codes", "health_check_path"} == set()


def test_a_replacement_keeps_what_is_not_given():
    want = TargetGroup("goals", port=9000, replaceable=True, tags={"a": "9"})
    made = plan(want, USED, PURGE)[3]
    assert made.after == {**HAVE.settings(), "port": 9000, "tags": {"a": "9"}}
    assert settled(want, HAVE).arn == KNOWN_AFTER_APPLY


@pytest.mark.parametrize("option", ["vpc_id", "target_type"])
def test_what_targets_can_not_follow_is_refused(option):
    used = replace(USED, target_type="instance")
    want = replace(TargetGroup("goals", replaceable=True), **{option: "another"})
    with pytest.raises(StackError, match=rf"target group goals: {option} is .* wanted 'another'.*another name"):
        plan(want, used, PURGE)
    assert plan(want, replace(used, load_balancer_arns=()), PURGE), "nothing uses it"


def test_a_stand_in_has_a_name_that_elb_takes():
    assert stand_in_name("goals") == "goals-b5b471c6-stand-in"
    names = ["production-eu-goals-backend-api", "production-eu-goals-backend-web", "a" * 13 + "-" + "b" * 18]
    assert all(len(stand_in_name(name)) <= 32 and "--" not in stand_in_name(name) for name in names)
    assert len({stand_in_name(name) for name in names}) == 3, "each has its own"
