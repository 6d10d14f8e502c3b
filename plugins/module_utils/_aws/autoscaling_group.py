# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Auto Scaling calls that change a group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_busy import accepted
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_parts import hooks_of_new
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_read import CHANGED, describe
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import tags_to_api, to_api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change

ATTACHED_AT_ONCE = 10  # target groups that AttachLoadBalancerTargetGroups takes
EPOCH = "Thu, 01 Jan 1970 00:00:00 GMT"


def create(session: Session, change: Change) -> None:
    _wait_for_the_one_before(session, change)
    name, settings = change.name, change.after
    arns = list(settings.get("target_group_arns", ()))
    request = to_api({option: value for option, value in settings.items() if value is not None})
    if arns:
        request["TargetGroupARNs"] = arns[:ATTACHED_AT_ONCE]
    if settings.get("tags"):
        request["Tags"] = tags_to_api(name, settings["tags"], propagate=settings["propagate_tags"])
    if hooks := hooks_of_new(session, change.want):
        request["LifecycleHookSpecificationList"] = hooks
    client = session.client("autoscaling")
    accepted(session, lambda: client.create_auto_scaling_group(AutoScalingGroupName=name, **request))
    session.ids[CHANGED, name] = EPOCH
    suspend(session, name, settings.get("suspended_processes", ()))
    attach(session, name, arns[ATTACHED_AT_ONCE:])
    enable_metrics(session, name, settings.get("metrics_enabled", ()))


def _wait_for_the_one_before(session: Session, change: Change) -> None:
    """A name is taken until the group that had it is gone."""
    if change.have is None:
        return
    session.until(
        f"autoscaling group {change.name} that is being deleted",
        lambda: describe(session, change.name),
        lambda group: f"{len(group['Instances'])} of its instances are left" if group else None,
    )


def update(session: Session, change: Change) -> None:
    """Processes stop before, and go on after, everything else; target groups come before others go."""
    name = change.name
    stopped, resumed = _more(change, "suspended_processes"), _less(change, "suspended_processes")
    suspend(session, name, stopped)
    if request := to_api(change.after):
        client = session.client("autoscaling")
        answer = accepted(session, lambda: client.update_auto_scaling_group(AutoScalingGroupName=name, **request))
        headers = (answer or {}).get("ResponseMetadata", {}).get("HTTPHeaders", {})
        session.ids[CHANGED, name] = headers.get("date", "")
    put_tags(session, change)
    attach(session, name, _more(change, "target_group_arns"))
    detach(session, name, _less(change, "target_group_arns"))
    enable_metrics(session, name, _more(change, "metrics_enabled"))
    disable_metrics(session, name, _less(change, "metrics_enabled"))
    resume(session, name, resumed)


def delete(session: Session, change: Change) -> None:
    """With its instances. Those of a group that was given scale-in protection go too."""
    client = session.client("autoscaling")
    try:
        accepted(session, lambda: client.delete_auto_scaling_group(AutoScalingGroupName=change.name, ForceDelete=True))
    except client.exceptions.ClientError as error:
        if not _gone(error):
            raise


def suspend(session: Session, name: str, processes: Sequence[str]) -> None:
    if processes:
        session.client("autoscaling").suspend_processes(AutoScalingGroupName=name, ScalingProcesses=list(processes))


def resume(session: Session, name: str, processes: Sequence[str]) -> None:
    if processes:
        session.client("autoscaling").resume_processes(AutoScalingGroupName=name, ScalingProcesses=list(processes))


def enable_metrics(session: Session, name: str, metrics: Sequence[str]) -> None:
    if metrics:
        session.client("autoscaling").enable_metrics_collection(
            AutoScalingGroupName=name, Metrics=list(metrics), Granularity="1Minute"
        )


def disable_metrics(session: Session, name: str, metrics: Sequence[str]) -> None:
    if metrics:
        session.client("autoscaling").disable_metrics_collection(AutoScalingGroupName=name, Metrics=list(metrics))


def attach(session: Session, name: str, arns: Sequence[str]) -> None:
    client = session.client("autoscaling")
    for some in _batches(arns):
        client.attach_load_balancer_target_groups(AutoScalingGroupName=name, TargetGroupARNs=some)


def detach(session: Session, name: str, arns: Sequence[str]) -> None:
    client = session.client("autoscaling")
    for some in _batches(arns):
        client.detach_load_balancer_target_groups(AutoScalingGroupName=name, TargetGroupARNs=some)


def put_tags(session: Session, change: Change) -> None:
    if not {"tags", "propagate_tags"} & change.after.keys():
        return
    want, have, name = change.want, change.have, change.name
    flags = have.propagated if "propagate_tags" in change.after else {}
    changed = {
        key: value
        for key, value in want.tags.items()
        if have.tags.get(key) != value or flags.get(key, want.propagate_tags) != want.propagate_tags
    }
    gone = {key: value for key, value in have.tags.items() if key not in want.tags}
    client = session.client("autoscaling")
    if changed:
        client.create_or_update_tags(Tags=tags_to_api(name, changed, propagate=want.propagate_tags))
    if gone:
        client.delete_tags(Tags=tags_to_api(name, gone, propagate=want.propagate_tags))


def _batches(arns: Sequence[str]) -> Iterator[list[str]]:
    return (list(arns[first : first + ATTACHED_AT_ONCE]) for first in range(0, len(arns), ATTACHED_AT_ONCE))


def _more(change: Change, option: str) -> list[str]:
    return _without(change.after.get(option), change.before.get(option))


def _less(change: Change, option: str) -> list[str]:
    return _without(change.before.get(option), change.after.get(option))


def _without(these: Iterable[str] | None, those: Iterable[str] | None) -> list[str]:
    return sorted(set(these or ()) - set(those or ()))


def _gone(error: Exception) -> bool:
    return code(error) == "ValidationError" and "not found" in str(error)


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("autoscaling group", "create"): create,
    ("autoscaling group", "update"): update,
    ("autoscaling group", "delete"): delete,
}
