"""Hooks, notifications, scheduled actions and warm pools: what options and AWS's answers mean, and what is sent."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._model import (
    autoscaling_notification,
    lifecycle_hook,
    scheduled_action,
    warm_pool,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_faults import faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import OPTIONS, from_params
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Part
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_parts import PARTS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET

NOW = datetime(2031, 5, 4, 9, tzinfo=UTC)
LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"
TOPIC = "arn:aws:sns:us-east-1:123456789012:goals"
LAUNCH, TERMINATE = "autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"


def params(**options):
    validated = ArgumentSpecValidator(OPTIONS).validate({"name": "goals", **options})
    assert not validated.error_messages, validated.error_messages
    return validated.validated_parameters


def one(option, values, now=NOW):
    """The part that ``values`` describe."""
    return PARTS[option].given(params(**{option: [values]})[option][0], now)


HOOK = {"name": "boot", "transition": LAUNCHING}
ACTION = {"name": "day", "min_size": 4, "recurrence": "0 8 * * *"}


@pytest.mark.parametrize(
    ("option", "given", "told"),
    [
        pytest.param(
            "lifecycle_hooks",
            {**HOOK, "heartbeat_timeout": 60, "default_result": "CONTINUE"},
            {
                "LifecycleHookName": "boot",
                "AutoScalingGroupName": "goals",
                "LifecycleTransition": LAUNCHING,
                "HeartbeatTimeout": 60,
                "GlobalTimeout": 6000,
                "DefaultResult": "CONTINUE",
            },
            id="a hook",
        ),
        pytest.param(
            "scheduled_actions",
            {**ACTION, "time_zone": "Europe/Vienna", "end_time": "2032-01-01T01:00:00+01:00"},
            {
                "ScheduledActionName": "day",
                "ScheduledActionARN": "arn:1",
                "MinSize": 4,
                "Recurrence": "0 8 * * *",
                "TimeZone": "Europe/Vienna",
                "EndTime": datetime(2032, 1, 1, tzinfo=UTC),
            },
            id="an action",
        ),
        pytest.param(
            "scheduled_actions",
            {"name": "once", "desired_capacity": 9, "start_time": "2031-05-04 10:00:00"},
            {"ScheduledActionName": "once", "DesiredCapacity": 9, "StartTime": datetime(2031, 5, 4, 10, tzinfo=UTC)},
            id="an action that happens once, at a time without a zone",
        ),
    ],
)
def test_options_and_answers_mean_the_same(option, given, told):
    (there,) = PARTS[option].told([told])
    assert one(option, given).settings() == there.settings()


def test_the_types_of_a_topic_are_told_one_by_one():
    told = [{"TopicARN": TOPIC, "NotificationType": each} for each in (TERMINATE, LAUNCH)]
    (there,) = autoscaling_notification.told(told)
    assert one("notifications", {"topic_arn": TOPIC, "types": [LAUNCH, TERMINATE, LAUNCH]}) == there
    assert autoscaling_notification.to_api(there.options) == {
        "TopicARN": TOPIC, "NotificationTypes": [LAUNCH, TERMINATE]
    }  # fmt: skip


def test_what_is_not_given_is_left_alone_and_an_empty_list_clears():
    none, empty = from_params(params()), from_params(params(**{option: [] for option in PARTS}))
    assert [getattr(none, option) for option in (*PARTS, "warm_pool")] == [UNSET] * 5
    assert [getattr(empty, option) for option in PARTS] == [()] * 4


@pytest.mark.parametrize(
    ("settings", "request_"),
    [
        ({"name": "boot", "heartbeat_timeout": 60}, {"LifecycleHookName": "boot", "HeartbeatTimeout": 60}),
        ({"name": "boot", "notification_target_arn": None}, {"LifecycleHookName": "boot", "NotificationTargetARN": ""}),
    ],
)
def test_what_is_sent_of_a_hook(settings, request_):
    assert lifecycle_hook.to_api(settings) == request_


def test_a_hook_without_a_target_is_as_one_whose_target_is_taken_away():
    want = one("lifecycle_hooks", {**HOOK, "notification_target_arn": ""})
    assert (want.settings()["notification_target_arn"], "notification_target_arn" in want.facts()) == (None, False)


RECURRING = Part("day", {"name": "day", "min_size": 4, "recurrence": "0 8 * * *", "start_time": "2031-05-05T08:00:00Z"})


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        pytest.param({"min_size": 5}, {"MinSize": 5}, id="the next turn, which AWS tells as the start, is AWS's"),
        pytest.param({"recurrence": "0 7 * * *"}, {"Recurrence": "0 7 * * *"}, id="also of another recurrence"),
        pytest.param({"start_time": "2031-05-05T00:00:00Z"}, {}, id="a start before the next turn was one before"),
        pytest.param(
            {"start_time": "2031-06-01T00:00:00Z"}, {"StartTime": "2031-06-01T00:00:00Z"}, id="a start that is later"
        ),
    ],
)
def test_the_start_of_a_recurring_action(given, sent):
    want = PARTS["scheduled_actions"].over(one("scheduled_actions", {**ACTION, **given}), RECURRING)
    assert (want.settings() == RECURRING.settings()) is (not sent)
    request = scheduled_action.to_api(want, RECURRING)
    assert request == {"ScheduledActionName": "day", "MinSize": 4, "Recurrence": "0 8 * * *", **sent}


@pytest.mark.parametrize(
    ("given", "start"),
    [
        pytest.param({"start_time": "2031-05-04T08:59:00Z"}, None, id="it began: it goes on with its next turn"),
        pytest.param({"start_time": "2031-05-04T09:01:00Z"}, "2031-05-04T09:01:00Z", id="it has yet to begin"),
    ],
)
def test_a_recurring_action_that_began_in_the_past(given, start):
    assert one("scheduled_actions", {**ACTION, **given}).options.get("start_time") == start


@pytest.mark.parametrize(
    "given",
    [
        {"name": "once", "min_size": 1, "start_time": "2031-05-04T09:00:00Z"},
        {**ACTION, "end_time": "2031-05-04T08:00:00Z"},
    ],
)
def test_an_action_whose_time_is_over_has_no_place(given):
    assert one("scheduled_actions", given) is None


def told_pool(**pool):
    return {"AutoScalingGroupName": "goals", "WarmPoolConfiguration": pool, "WarmPoolSize": 2}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        pytest.param({"min_size": 0}, {"MinSize": 0, "PoolState": "Stopped"}, id="a pool as AWS makes it"),
        pytest.param({"max_group_prepared_capacity": -1}, {"MinSize": 0}, id="no most"),
        pytest.param({"max_group_prepared_capacity": -1}, {"MaxGroupPreparedCapacity": -1}, id="no most, in a number"),
        pytest.param(
            {"instance_reuse_policy": {"reuse_on_scale_in": True}, "pool_state": "Running"},
            {"PoolState": "Running", "InstanceReusePolicy": {"ReuseOnScaleIn": True}},
            id="instances that return",
        ),
    ],
)
def test_a_pool_and_its_answer_mean_the_same(given, told):
    want = warm_pool.from_params("goals", params(warm_pool=given)["warm_pool"])
    have = warm_pool.from_api(told_pool(**told))
    assert warm_pool.whole(want, have).settings() == have.settings()
    assert warm_pool.whole(want, None).settings() == have.settings()
    assert have.facts()["size"] == 2


@pytest.mark.parametrize("group", [{}, told_pool(MinSize=0, Status="PendingDelete")])
def test_no_pool(group):
    assert warm_pool.from_api(group) is None
    assert warm_pool.leaving(group) is bool(group)
    assert warm_pool.from_params("goals", params(warm_pool={})["warm_pool"]) is None


@pytest.mark.parametrize(
    ("most", "sent"), [(6, {}), (None, {"MaxGroupPreparedCapacity": -1})]
)  # fmt: skip
def test_the_most_of_a_pool_is_taken_away_once(most, sent):
    have = warm_pool.from_api(told_pool(MaxGroupPreparedCapacity=6))
    want = Part("goals", {"min_size": 0, "max_group_prepared_capacity": most})
    taken = {"MinSize": 0, **(sent or {"MaxGroupPreparedCapacity": 6})}
    assert warm_pool.to_api(want, have) == taken
    assert "MaxGroupPreparedCapacity" not in warm_pool.to_api(
        warm_pool.whole(Part("goals", {"min_size": 1}), None), None
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param(
            {"lifecycle_hooks": [dict(HOOK), dict(HOOK)]}, "lifecycle_hooks.name: 'boot' is given twice", id="twice"
        ),
        pytest.param({"lifecycle_hooks": [{**HOOK, "name": "a b"}]}, "lifecycle_hooks.name: 'a b'", id="a hook's name"),
        pytest.param(
            {"lifecycle_hooks": [{**HOOK, "heartbeat_timeout": 10}]}, "30 to 7200 seconds", id="a short heartbeat"
        ),
        pytest.param(
            {"lifecycle_hooks": [{**HOOK, "notification_target_arn": TOPIC}]}, "without role_arn", id="no role"
        ),
        pytest.param({"notifications": [{"topic_arn": "goals", "types": [LAUNCH]}]}, "not a topic's ARN", id="a topic"),
        pytest.param({"notifications": [{"topic_arn": TOPIC, "types": []}]}, "tells the topic nothing", id="nothing"),
        pytest.param(
            {"scheduled_actions": [{"name": "a", "recurrence": "* * * * *"}]}, "changes no size", id="no size"
        ),
        pytest.param({"scheduled_actions": [{"name": "a", "min_size": 1}]}, "has no time", id="no time"),
        pytest.param({"scheduled_actions": [{**ACTION, "start_time": "soon"}]}, "'soon' is not a time", id="a time"),
        pytest.param(
            {
                "scheduled_actions": [
                    {"name": "a", "min_size": 1, "start_time": "2099-05-04T09:00:00Z"},
                    {"name": "b", "min_size": 2, "start_time": "2099-05-04T11:00:00+02:00"},
                ]
            },
            "scheduled_actions.start_time: '2099-05-04T09:00:00Z' is when two actions start",
            id="one time in two zones",
        ),
        pytest.param({"scheduled_actions": [{**ACTION, "recurrence": "daily"}]}, "five fields", id="a recurrence"),
        pytest.param({"warm_pool": {"min_size": -1}}, "warm_pool.min_size: -1", id="a negative pool"),
        pytest.param({"warm_pool": {"max_group_prepared_capacity": -2}}, "-1 to take it away", id="a negative most"),
    ],
)
def test_faults(options, told):
    assert told in "\n".join(str(fault) for fault in faults(params(**options)))


@pytest.mark.parametrize(
    "options",
    [
        {"lifecycle_hooks": [{**HOOK, "notification_target_arn": KNOWN_AFTER_APPLY, "role_arn": KNOWN_AFTER_APPLY}]},
        {"notifications": [{"topic_arn": KNOWN_AFTER_APPLY, "types": [LAUNCH]}]},
        {"scheduled_actions": [{**ACTION, "name": each, "start_time": "2020-05-04T09:00:00Z"} for each in "ab"]},
        {"scheduled_actions": [ACTION, {"name": "once", "max_size": 9, "start_time": "2031-05-04T09:00:00Z"}]},
        {"warm_pool": {"max_group_prepared_capacity": -1}},
    ],
)
def test_no_faults(options):
    assert faults(params(**options)) == ()
