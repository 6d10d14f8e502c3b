# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The Auto Scaling calls that start, follow, cancel and roll back an instance refresh.

The group is never updated: its new version is the refresh's DesiredConfiguration, which AWS puts on the group when all
instances have it, so that a rollback knows what to go back to.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.autoscaling_read import (
    activities_since,
    describe,
    target_health,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.elbv2 import target_groups
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import PROPAGATION, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.launch_template import GONE
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import instance_refresh_progress as progress
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_readiness import caused, failed, told
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh import (
    GOES_ON,
    LATEST,
    UNDER_WAY,
    InstanceRefresh,
    Seen,
    from_api,
    preferences,
    to_replace,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.mixed_instances import (
    configuration,
    current,
    templates,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says what to install
    ClientError = Exception

KIND = "instance refresh"  # in session.ids: the id of the refresh that this run follows, by the group's name
GROUP = "autoscaling group"
FAILED = "failing health check"  # in session.ids: what was seen of an instance, by its id
GIVEN_UP = "given up"  # in session.ids: why this run ended the refresh that it follows
LOOKED_AT = 20  # refreshes; the newest come first
TOLD = 3  # activities
BUSY = frozenset({"ResourceContention", "ScalingActivityInProgress"})
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def resolve(session: Session, want: InstanceRefresh) -> InstanceRefresh:
    """With the launch template's id, and the number of its version. Check mode may name a template that is to come."""
    wanted = want.launch_template
    if wanted is UNSET:
        return want
    policy = want.mixed_instances or {}
    overrides = policy.get("overrides") or []
    template, *others = session.together(
        partial(_found, session, wanted),
        *(partial(_found, session, each["launch_template"]) for each in overrides if "launch_template" in each),
    )
    if not others:
        return replace(want, launch_template=template)
    own = iter(others)
    whole = [{**each, "launch_template": next(own)} if "launch_template" in each else each for each in overrides]
    return replace(want, launch_template=template, mixed_instances={**policy, "overrides": whole})


def _found(session: Session, wanted: dict[str, Any]) -> dict[str, Any]:
    if KNOWN_AFTER_APPLY in wanted.values():
        return {"id": KNOWN_AFTER_APPLY, **wanted}
    found: dict[str, Any] = {"LaunchTemplateId": KNOWN_AFTER_APPLY, "LatestVersionNumber": KNOWN_AFTER_APPLY}
    by = {"LaunchTemplateIds": [wanted["id"]]} if "id" in wanted else {"LaunchTemplateNames": [wanted["name"]]}
    with ignoring(*GONE):
        found = session.client("ec2").describe_launch_templates(**by)["LaunchTemplates"][0]
    latest = wanted["version"] == LATEST
    return {
        "id": found["LaunchTemplateId"],
        "name": found.get("LaunchTemplateName", wanted.get("name")),
        "version": found["LatestVersionNumber"] if latest else int(wanted["version"]),
    }


def preflight(session: Session, plan: Plan) -> None:
    name = session.params["name"]
    if (GROUP, name) not in session.ids:
        raise StackError(
            f"autoscaling group {name}: there is no such group in this account and region. "
            "Make it first (ha_stack.aws.autoscaling_group), or correct the name."
        )
    for change in plan:
        for template in (change.after.get("launch_template") or {}, *templates(change.after.get("mixed_instances"))):
            if template.get("id") == KNOWN_AFTER_APPLY:
                raise StackError(
                    f"launch template {template.get('name')}: there is no such template in this account and region. "
                    "Make it first (ha_stack.aws.launch_template), or correct the name."
                )


def read(session: Session, want: InstanceRefresh) -> InstanceRefresh | None:
    """Two calls side by side; while a refresh is waited for, one a target group more, and one that tells activities."""
    group, refreshes = session.together(lambda: describe(session, want.name), lambda: newest(session, want.name))
    if group is None:
        return None
    refresh = _the_one(session, want.name, refreshes)
    followed = (KIND, want.name) in session.ids
    under_way = followed and refresh["Status"] in UNDER_WAY
    health, activities = _watched(session, group, refresh) if under_way and session.wait else ({}, [])
    seen = from_api(Seen(group, refresh, health), goal=session.params.get("state", "present"), followed=followed)
    seen = replace(seen, to_replace=to_replace(want, seen))
    if under_way:
        return _with_evidence(session, _with_activities(want, seen, activities))
    return _with_failures(session, seen, refresh) if followed else seen


def _watched(session: Session, group: dict[str, Any], refresh: dict[str, Any]) -> list[Any]:
    """How its instances do, and what the group did since the refresh began."""
    name = group["AutoScalingGroupName"]
    return session.together(lambda: target_health(session, group), lambda: _activities_of(session, name, refresh))


def newest(session: Session, name: str, count: int = LOOKED_AT) -> list[dict[str, Any]]:
    """None of a group that isn't there, which this call finds not valid."""
    with ignoring("ValidationError"):
        described = session.client("autoscaling").describe_instance_refreshes(
            AutoScalingGroupName=name, MaxRecords=count
        )
        refreshes: list[dict[str, Any]] = described["InstanceRefreshes"]
        return sorted(refreshes, key=lambda each: each.get("StartTime", BEGINNING), reverse=True)
    return []


def _the_one(session: Session, name: str, refreshes: list[dict[str, Any]]) -> Any:
    """The refresh that this run follows, which is from now on the one that is under way; or else the newest.

    One that was started may take a moment to be told of.
    """
    under_way = next((each for each in refreshes if each["Status"] in UNDER_WAY), None)
    if under_way:
        session.ids.setdefault((KIND, name), under_way["InstanceRefreshId"])
    followed = session.ids.get((KIND, name))
    if followed:
        unseen = {"InstanceRefreshId": followed, "Status": "Pending"}
        return next((each for each in refreshes if each["InstanceRefreshId"] == followed), unseen)
    return refreshes[0] if refreshes else None


def _with_activities(want: InstanceRefresh, seen: InstanceRefresh, activities: list[dict[str, Any]]) -> InstanceRefresh:
    """Whatever is launched while a refresh is under way has its version."""
    counted = failed(activities) if want.failure_threshold else ()
    return replace(seen, failed=counted, latest=told(activities[0]) if activities else None)


def _activities_of(session: Session, name: str, refresh: dict[str, Any]) -> list[dict[str, Any]]:
    """A refresh that is pending has no start yet, and what failed before it is another's."""
    return activities_since(session, name, refresh["StartTime"]) if "StartTime" in refresh else []


def _with_evidence(session: Session, seen: InstanceRefresh) -> InstanceRefresh:
    """What of the new instances is seen to fail is kept: when the refresh has failed, they are gone."""
    target = seen.target or {}
    new = [each for each in seen.instances if current(each, target, seen.target_mixed_instances)]
    failing = {arn for each in new for arn, target in each.target_health.items() if target["state"] == "unhealthy"}
    checks = _checks(session, sorted(failing))
    for each in new:
        if ailing := progress.failing(each, checks):
            session.ids[FAILED, each.id] = ailing
    return replace(seen, evidence=_evidence(session))


def _evidence(session: Session) -> tuple[str, ...]:
    return tuple(each for known in (GIVEN_UP, FAILED) for (kind, _), each in session.ids.items() if kind == known)


def _checks(session: Session, arns: list[str]) -> dict[str, str]:
    return {group["TargetGroupArn"]: progress.check(group) for group in target_groups(session, arns)}


def _with_failures(session: Session, seen: InstanceRefresh, refresh: dict[str, Any]) -> InstanceRefresh:
    """What the group did since the refresh began that failed, or that a health check caused."""
    if seen.status in progress.REACHED[seen.goal]:
        return seen
    causes = [caused(each) for each in _activities_of(session, seen.name, refresh)]
    activities = tuple(each for each in causes if each)[:TOLD]
    return replace(seen, evidence=_evidence(session), activities=activities)


def start(session: Session, change: Change) -> None:
    """A group with a mixed instances policy keeps it: a plain launch template would take its place."""
    wanted = change.want.mixed_instances
    policy = change.have.policy if wanted is UNSET else wanted
    desired = configuration(change.after["launch_template"], policy)
    client = session.client("autoscaling")
    started = retried(
        lambda: client.start_instance_refresh(
            AutoScalingGroupName=change.name,
            Strategy=change.after.get("strategy", "Rolling"),
            DesiredConfiguration=desired,
            Preferences=preferences(change.after),
        ),
        lambda error: code(error) in BUSY,
        min(PROPAGATION, session.wait_timeout),
    )
    session.ids[KIND, change.name] = started["InstanceRefreshId"]


def end(session: Session, change: Change) -> None:
    client = session.client("autoscaling")
    call = {"cancelled": client.cancel_instance_refresh, "rolled_back": client.rollback_instance_refresh}
    why = change.after.get("because")
    try:
        call[change.after["state"]](AutoScalingGroupName=change.name)
    except ClientError as error:
        if _goes_on(session, change.name):
            raise StackError(_stuck(change, error)) from error
        return  # it has ended, or is being rolled back, by itself since it was read
    if why:
        session.ids[GIVEN_UP, change.name] = why


def _goes_on(session: Session, name: str) -> bool:
    return any(each["Status"] in GOES_ON for each in newest(session, name))


def _stuck(change: Change, error: Exception) -> str:
    what = f"{KIND} {change.have.id} of autoscaling group {change.name}"
    why = f"{change.after['because']}. " if change.after.get("because") else ""
    remedy = {
        "rolled_back": "Cancel it (state: cancelled), and refresh to the version that is to stay",
        "cancelled": "Run again",
    }
    return f"{what}: {why}It goes on, since AWS refused to end it: {error}. {remedy[change.after['state']]}."


OPERATIONS: dict[tuple[str, str], Operation] = {
    (KIND, "create"): start,
    (KIND, "update"): end,
}
