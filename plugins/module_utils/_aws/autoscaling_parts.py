# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that tell and change the parts of an Auto Scaling Group: hooks, notifications, policies, scheduled actions
and the warm pool."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_busy import call
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import (
    autoscaling_notification,
    lifecycle_hook,
    scaling_policy,
    scheduled_action,
    warm_pool,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import AutoScalingGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Part, by_name
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_parts import PARTS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says what to install
    ClientError = Exception

WITH_GROUP = "lifecycle hook made with its group"  # in session.ids: the hook, by its name in the plan


def reads(session: Session, group: str, options: Iterable[str]) -> dict[str, Callable[[], tuple[Part, ...]]]:
    """By option, the call that tells the group's parts of that kind."""
    return {option: partial(_read, session, group, option) for option in options}


def _read(session: Session, group: str, option: str) -> tuple[Part, ...]:
    """None of a group that isn't there, which these calls find not valid."""
    with ignoring("ValidationError"):
        return by_name(PARTS[option].told(DESCRIBED[option](session, group)))
    return ()


def _hooks(session: Session, group: str) -> list[dict[str, Any]]:
    answer = session.client("autoscaling").describe_lifecycle_hooks(AutoScalingGroupName=group)
    hooks: list[dict[str, Any]] = answer["LifecycleHooks"]
    return hooks


def _paged(operation: str, listed: str, session: Session, **request: Any) -> list[dict[str, Any]]:
    pages = session.client("autoscaling").get_paginator(operation).paginate(**request)
    return [each for page in pages for each in page[listed]]


def _notifications(session: Session, group: str) -> list[dict[str, Any]]:
    operation, listed = "describe_notification_configurations", "NotificationConfigurations"
    return _paged(operation, listed, session, AutoScalingGroupNames=[group])


def _policies(session: Session, group: str) -> list[dict[str, Any]]:
    return _paged("describe_policies", "ScalingPolicies", session, AutoScalingGroupName=group)


def _actions(session: Session, group: str) -> list[dict[str, Any]]:
    listed = "ScheduledUpdateGroupActions"
    return _paged("describe_scheduled_actions", listed, session, AutoScalingGroupName=group)


DESCRIBED = {
    "lifecycle_hooks": _hooks,
    "notifications": _notifications,
    "scaling_policies": _policies,
    "scheduled_actions": _actions,
}


def group_of(change: Change) -> str:
    """The part "cpu of goals" is of the group goals; no group's name has a space."""
    return change.name.rpartition(" of ")[2]


def hooks_of_new(session: Session, group: AutoScalingGroup) -> list[dict[str, Any]]:
    """CreateAutoScalingGroup's list, so that the first instances already run through the hooks."""
    hooks = group.lifecycle_hooks or ()
    kind = PARTS["lifecycle_hooks"]
    session.ids.update({(WITH_GROUP, kind.name(hook, group.name)): group.name for hook in hooks})
    return [lifecycle_hook.to_api(_set(hook.settings())) for hook in hooks]


def _set(settings: Mapping[str, Any]) -> dict[str, Any]:
    """A new hook has nothing that could be taken away."""
    return {option: value for option, value in settings.items() if value is not None}


def put_hook(session: Session, change: Change) -> None:
    """No more than what changes: a target that is named again would get a test message again."""
    if (WITH_GROUP, change.name) in session.ids:
        return
    settings = change.after if change.have else _set(change.after)
    request = lifecycle_hook.to_api({**settings, "name": change.want.name})
    call(session, "put_lifecycle_hook", AutoScalingGroupName=group_of(change), **request)


def delete_hook(session: Session, change: Change) -> None:
    call(
        session,
        "delete_lifecycle_hook",
        AutoScalingGroupName=group_of(change),
        LifecycleHookName=change.have.name,
    )


def put_notification(session: Session, change: Change) -> None:
    request = autoscaling_notification.to_api(change.want.options)
    call(session, "put_notification_configuration", AutoScalingGroupName=group_of(change), **request)


def delete_notification(session: Session, change: Change) -> None:
    group, topic = group_of(change), change.have.name
    call(session, "delete_notification_configuration", AutoScalingGroupName=group, TopicARN=topic)


def put_policy(session: Session, change: Change) -> None:
    request = scaling_policy.to_api(change.want.options)
    call(session, "put_scaling_policy", AutoScalingGroupName=group_of(change), **request)


def delete_policy(session: Session, change: Change) -> None:
    call(session, "delete_policy", AutoScalingGroupName=group_of(change), PolicyName=change.have.name)


def put_action(session: Session, change: Change) -> None:
    request = scheduled_action.to_api(change.want, change.have)
    try:
        call(session, "put_scheduled_update_group_action", AutoScalingGroupName=group_of(change), **request)
    except ClientError as error:
        if code(error) != "AlreadyExists":
            raise
        remedy = "Another action of the group starts then, which may be one that recurs. Give one of them another time"
        raise StackError(f"{change}: {str(error).rstrip('.')}. {remedy}.") from error


def delete_action(session: Session, change: Change) -> None:
    group, name = group_of(change), change.have.name
    call(session, "delete_scheduled_action", AutoScalingGroupName=group, ScheduledActionName=name)


def put_pool(session: Session, change: Change) -> None:
    """A group has one pool at a time: one that is being deleted has to be gone."""
    if change.have and change.have.told.get("status") == warm_pool.LEAVING and not _gone(session, change.name):
        return
    request = warm_pool.to_api(change.want, change.have)
    call(session, "put_warm_pool", AutoScalingGroupName=change.name, **request)


def _gone(session: Session, group: str) -> bool:
    """Once the group's pool is gone. A run that is not to wait leaves the next one to one that does."""

    def look() -> bool:
        return any(warm_pool.leaving(each) for each in _groups(session, group))

    if not session.wait and look():
        session.left.append(f"warm pool {group}: the one before it is being deleted")
        return False
    session.until(f"warm pool {group}", look, lambda leaves: "the one before it is being deleted" if leaves else None)
    return True


def _groups(session: Session, name: str) -> list[dict[str, Any]]:
    described = session.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    groups: list[dict[str, Any]] = described["AutoScalingGroups"]
    return groups


def delete_pool(session: Session, change: Change) -> None:
    """With its instances, none of which serves. Without force AWS wants the pool to be empty first."""
    call(session, "delete_warm_pool", AutoScalingGroupName=change.name, ForceDelete=True)


OPERATIONS: dict[tuple[str, str], Operation] = {
    (kind, action): operation
    for kind, put, delete in (
        ("lifecycle hook", put_hook, delete_hook),
        ("notification", put_notification, delete_notification),
        ("scaling policy", put_policy, delete_policy),
        ("scheduled action", put_action, delete_action),
        ("warm pool", put_pool, delete_pool),
    )
    for action, operation in (("create", put), ("update", put), ("delete", delete))
}
