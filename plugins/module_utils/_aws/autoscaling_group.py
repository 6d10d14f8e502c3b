# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Auto Scaling calls that change a group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_busy import accepted, call
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_parts import hooks_of_new
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_read import CHANGED, describe
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import tags_to_api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_settings import (
    SOURCE,
    TARGET_GROUP,
    UNPROTECTED,
    to_api,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.mixed_instances import configuration
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import to_api as to_request
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

T = TypeVar("T")

ATTACHED_AT_ONCE = 10  # target groups or traffic sources that one call takes
EPOCH = "Thu, 01 Jan 1970 00:00:00 GMT"


def create(session: Session, change: Change) -> None:
    _wait_for_the_one_before(session, change)
    name, settings = change.name, change.after
    arns = list(settings.get("target_group_arns", ()))
    request = {
        **to_api({option: value for option, value in settings.items() if value not in (None, "")}),
        **configuration(settings["launch_template"], settings.get("mixed_instances")),
        **_unchecked(session, settings),
    }
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
    attach_sources(session, name, settings.get("traffic_sources", ()))
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
    if request := {**to_api(change.after), **_launched(change), **_unchecked(session, change.after)}:
        client = session.client("autoscaling")
        answer = accepted(session, lambda: client.update_auto_scaling_group(AutoScalingGroupName=name, **request))
        headers = (answer or {}).get("ResponseMetadata", {}).get("HTTPHeaders", {})
        session.ids[CHANGED, name] = headers.get("date", "")
    put_tags(session, change)
    attach(session, name, _more(change, "target_group_arns"))
    attach_sources(session, name, _among(change.after, change.before))
    _detach(session, change)
    enable_metrics(session, name, _more(change, "metrics_enabled"))
    disable_metrics(session, name, _less(change, "metrics_enabled"))
    resume(session, name, resumed)


def resume_last(session: Session, change: Change) -> None:
    resume(session, change.name, _less(change, "suspended_processes"))


def _launched(change: Change) -> dict[str, Any]:
    """A group with a policy keeps it where its template changes, and its template where its policy does."""
    if not {"launch_template", "mixed_instances"} & change.after.keys():
        return {}
    there = change.have.mixed_instances
    template = change.after.get("launch_template") or change.have.launch_template
    return configuration(template, change.after.get("mixed_instances", there), there)


def _unchecked(session: Session, settings: Mapping[str, Any]) -> dict[str, Any]:
    """AWS looks at the load balancers where a group is to take part in zonal shifts."""
    shifts = "availability_zone_impairment_policy" in settings
    return {"SkipZonalShiftValidation": True} if shifts and _skips(session) else {}


def _skips(session: Session) -> bool:
    return bool(session.params.get("skip_zonal_shift_validation"))


def delete(session: Session, change: Change) -> None:
    """With its instances and its warm pool. Those of a group that was given scale-in protection go too."""
    client = session.client("autoscaling")
    try:
        if change.have.deletion_protection not in (UNSET, UNPROTECTED):
            unprotected = {"AutoScalingGroupName": change.name, "DeletionProtection": UNPROTECTED}
            call(session, "update_auto_scaling_group", **unprotected)
        accepted(session, lambda: client.delete_auto_scaling_group(AutoScalingGroupName=change.name, ForceDelete=True))
    except client.exceptions.ClientError as error:
        if not _gone(error):
            raise


def suspend(session: Session, name: str, processes: Sequence[str]) -> None:
    if processes:
        call(session, "suspend_processes", AutoScalingGroupName=name, ScalingProcesses=list(processes))


def resume(session: Session, name: str, processes: Sequence[str]) -> None:
    if processes:
        call(session, "resume_processes", AutoScalingGroupName=name, ScalingProcesses=list(processes))


def enable_metrics(session: Session, name: str, metrics: Sequence[str]) -> None:
    if metrics:
        call(
            session,
            "enable_metrics_collection",
            AutoScalingGroupName=name,
            Metrics=list(metrics),
            Granularity="1Minute",
        )


def disable_metrics(session: Session, name: str, metrics: Sequence[str]) -> None:
    if metrics:
        call(session, "disable_metrics_collection", AutoScalingGroupName=name, Metrics=list(metrics))


def attach(session: Session, name: str, arns: Sequence[str]) -> None:
    for some in _batches(arns):
        call(session, "attach_load_balancer_target_groups", AutoScalingGroupName=name, TargetGroupARNs=some)


def detach(session: Session, name: str, arns: Sequence[str]) -> None:
    for some in _batches(arns):
        call(session, "detach_load_balancer_target_groups", AutoScalingGroupName=name, TargetGroupARNs=some)


def _detach(session: Session, change: Change) -> None:
    """AWS detaches a target group by the like of the call that attached it."""
    sources = _among(change.before, change.after)
    gone = [*_less(change, "target_group_arns"), *(each["identifier"] for each in sources)]
    attached = [arn for arn in gone if arn in change.have.attached]
    detach(session, change.name, attached)
    others = [{"identifier": arn, "type": TARGET_GROUP} for arn in _less(change, "target_group_arns")]
    rest = [each for each in (*others, *sources) if each["identifier"] not in attached]
    detach_sources(session, change.name, rest)


def attach_sources(session: Session, name: str, sources: Sequence[Mapping[str, str]]) -> None:
    skips = {"SkipZonalShiftValidation": True} if _skips(session) else {}
    for some in _batches([to_request(SOURCE, each) for each in sources]):
        call(session, "attach_traffic_sources", AutoScalingGroupName=name, TrafficSources=some, **skips)


def detach_sources(session: Session, name: str, sources: Sequence[Mapping[str, str]]) -> None:
    for some in _batches([to_request(SOURCE, each) for each in sources]):
        call(session, "detach_traffic_sources", AutoScalingGroupName=name, TrafficSources=some)


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
    if changed:
        call(session, "create_or_update_tags", Tags=tags_to_api(name, changed, propagate=want.propagate_tags))
    if gone:
        call(session, "delete_tags", Tags=tags_to_api(name, gone, propagate=want.propagate_tags))


def _batches(sources: Sequence[T]) -> Iterator[list[T]]:
    return (list(sources[first : first + ATTACHED_AT_ONCE]) for first in range(0, len(sources), ATTACHED_AT_ONCE))


def _among(these: Mapping[str, Any], those: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """The traffic sources of ``these`` settings that ``those`` don't have."""
    others = those.get("traffic_sources") or ()
    return [each for each in these.get("traffic_sources") or () if each not in others]


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
    ("processes of autoscaling group", "update"): resume_last,
}
