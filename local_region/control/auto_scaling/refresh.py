"""Instance refresh: replaces a group's instances, a batch at a time, until all are what is desired.

What fails is tried again for an hour, as AWS does ("One-hour timeout"); a CloudWatch alarm of the refresh ends it at
once. Then it is rolled back if it may be, and has failed otherwise.
"""

from __future__ import annotations

import time
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.utils import utcnow

from local_region.control.auto_scaling import refresh_rollback, scale
from local_region.control.auto_scaling.launch import save, source_of
from local_region.control.auto_scaling.lifecycle import in_transition, retire
from local_region.control.auto_scaling.members import LIVE, fitness, live
from local_region.control.auto_scaling.refresh_plan import Member, Step, goal, next_step
from local_region.control.auto_scaling.refresh_reasons import waiting_for
from local_region.control.auto_scaling.refresh_record import ROLLING, Refresh, active
from local_region.control.moment import Moment

GIVE_UP = 3600.0  # seconds without progress
TAKEN_OUT = "an instance was taken out of service in response to an instance refresh."
LAUNCHED = "an instance was launched in response to an instance refresh."


def governs(group: Any) -> bool:
    """Whether the group's launches and terminations are an instance refresh's."""
    refresh = active(group)
    return refresh is not None and refresh.status in ROLLING


def turn(moment: Moment, group: Any, suspended: set[str]) -> None:
    if refresh := active(group):
        TURNS[refresh.status](moment, group, refresh, suspended)


def _begin(moment: Moment, group: Any, refresh: Refresh, suspended: set[str]) -> None:
    there = [member for member in group.instance_states if member.lifecycle_state in LIVE | {"Standby"}]
    refresh.original = frozenset(member.instance.id for member in there)
    refresh.to_replace = frozenset(member.instance.id for member in there if not _skipped(group, refresh, member))
    refresh.total = sum(member.instance.id in refresh.to_replace for member in live(group))
    refresh.to_update = refresh.total
    refresh.status, refresh.started, refresh.progress_since = "InProgress", utcnow(), time.monotonic()
    for member in there:
        member.extra = None


def _skipped(group: Any, refresh: Refresh, member: Any) -> bool:
    """SkipMatching: an instance of the same template version, image and type is left alone."""
    if not refresh.preferences.skip_matching:
        return False
    try:
        source = source_of(group)
        if source is None or member.own_template != source.described() or member.image_id != source.image_id:
            return False
        return bool(member.instance.instance_type == (source.instance_type or source.resolved().instance_type))
    except ServiceException:  # the version is gone: its launches will tell
        return False


def _roll(moment: Moment, group: Any, refresh: Refresh, suspended: set[str]) -> None:
    if "InstanceRefresh" in suspended:
        refresh.progress_since = time.monotonic()
        _do(moment, group, Step(max(0, group.desired_capacity - len(live(group)))), suspended)
        return
    if _stopped_by_alarm(moment, group, refresh):
        return
    members = _members(moment, group, refresh)
    _count(group, refresh, members)
    new = _allowed(moment, group, refresh, members)
    if _complete(group, refresh, members, new):
        _finish(moment, group, refresh)
        return
    if not any(member.old for member in members) and len(members) > group.desired_capacity:
        scale.shrink(moment, group, suspended, len(members) - group.desired_capacity)
    step = next_step(members, refresh.preferences.limits(group.desired_capacity), new)
    refresh.reason = waiting_for(moment, group, refresh)
    _do(moment, group, step, suspended, refresh)
    _give_up(moment, group, refresh)


def _members(moment: Moment, group: Any, refresh: Refresh) -> list[Member]:
    wish = refresh.preferences
    return [
        Member(
            id=member.instance.id,
            zone=member.availability_zone,
            old=member.instance.id in refresh.to_replace
            and not (member.protected_from_scale_in and wish.protected == "Ignore"),
            fitness=fitness(moment, group, member, wish.warmup),
            held=bool(member.protected_from_scale_in and wish.protected == "Wait"),
        )
        for member in live(group)
    ]


def _count(group: Any, refresh: Refresh, members: list[Member]) -> None:
    """An instance is updated when its replacement is healthy and warmed up; in a rollback the count goes back."""
    launched = sum(member.id not in refresh.original and member.fitness == "ready" for member in members)
    if refresh.rollback is not None:
        launched = sum(member.old and member.fitness == "ready" for member in members)
    updated = min(refresh.total, launched)
    refresh.to_update = refresh.total - updated
    refresh.percent = 100 * updated // refresh.total if refresh.total else 100
    done = sum(member.fitness == "ready" and not member.old for member in members)
    if (refresh.status, done) != refresh.progress:
        refresh.progress, refresh.progress_since = (refresh.status, done), time.monotonic()


def _allowed(moment: Moment, group: Any, refresh: Refresh, members: list[Member]) -> int:
    """How many instances may be new by now: those of the next checkpoint, all when there is none."""
    points = refresh.preferences.checkpoints
    if refresh.rollback is not None or not points:
        return int(group.desired_capacity)
    new = goal(group.desired_capacity, points[refresh.checkpoint])
    done = sum(member.fitness == "ready" and not member.old for member in members)
    if done < new or refresh.checkpoint == len(points) - 1:
        return new
    if not refresh.paused_until:
        refresh.paused_until = time.monotonic() + refresh.preferences.checkpoint_delay * moment.clock.scale
    if time.monotonic() < refresh.paused_until:
        refresh.progress_since = time.monotonic()  # a pause is no failure to make progress
        return new
    refresh.checkpoint, refresh.paused_until = refresh.checkpoint + 1, 0.0
    return goal(group.desired_capacity, points[refresh.checkpoint])


def _complete(group: Any, refresh: Refresh, members: list[Member], new: int) -> bool:
    points = refresh.preferences.checkpoints
    last = refresh.rollback is not None or not points or refresh.checkpoint == len(points) - 1
    old = sum(member.old for member in members)
    ready = sum(member.fitness == "ready" and not member.old for member in members)
    settled = len(members) == group.desired_capacity and not in_transition(group)
    return last and settled and old <= group.desired_capacity - new and ready >= new and not standbys(group, refresh)


def standbys(group: Any, refresh: Refresh) -> list[Any]:
    """The instances in Standby that the refresh waits for, or terminates."""
    if refresh.preferences.standby == "Ignore":
        return []
    return [
        member
        for member in group.instance_states
        if member.lifecycle_state == "Standby" and member.instance.id in refresh.to_replace
    ]


def _do(moment: Moment, group: Any, step: Step, suspended: set[str], refresh: Refresh | None = None) -> None:
    if step.launch and "Launch" in suspended:
        return  # what is terminated now could not be replaced
    members = {member.instance.id: member for member in group.instance_states}
    going = [members[each] for each in step.terminate]
    if refresh and refresh.preferences.standby == "Terminate":
        going += standbys(group, refresh)
    if "Terminate" not in suspended:
        for member in going:
            retire(group, member, TAKEN_OUT, f"instance {member.instance.id} was selected for termination.")
    if time.monotonic() < group.launch_not_before:
        return
    for _ in range(step.launch):
        new = [each for each in live(group) if refresh and each.instance.id not in refresh.to_replace]
        if not scale.add(moment, group, scale.places(moment, group, new), LAUNCHED):
            return


def _stopped_by_alarm(moment: Moment, group: Any, refresh: Refresh) -> bool:
    """An alarm in ALARM fails the refresh; one without data lets nothing be replaced. A rollback heeds none."""
    if refresh.rollback is not None:
        return False
    alarms = moment.backends.cloudwatch.alarms
    states = {name: alarms[name].state_value if name in alarms else None for name in refresh.preferences.alarms}
    for name, state in states.items():
        if state == "ALARM":
            _fail(moment, group, refresh, f"The CloudWatch alarm {name} is in state ALARM: {alarms[name].state_reason}")
            return True
        if state != "OK":
            refresh.reason = f"Waiting for the CloudWatch alarm {name} to have sufficient data."
            _give_up(moment, group, refresh)
            return True
    return False


def _give_up(moment: Moment, group: Any, refresh: Refresh) -> None:
    if time.monotonic() - refresh.progress_since >= GIVE_UP * moment.clock.scale:
        _fail(moment, group, refresh, f"No instance could be replaced for one hour. {refresh.reason or ''}".strip())


def _fail(moment: Moment, group: Any, refresh: Refresh, reason: str) -> None:
    if refresh.rollback is None and refresh.preferences.auto_rollback:
        refresh_rollback.begin(group, refresh, f"Automatic rollback of a failed instance refresh. {reason}")
        return
    _let_go(moment, group, refresh)
    refresh.end("Failed" if refresh.rollback is None else "RollbackFailed", reason)


def _let_go(moment: Moment, group: Any, refresh: Refresh) -> None:
    """What an unfinished refresh launched above the desired capacity and is not ready goes before what serves."""
    surplus = len(live(group)) - group.desired_capacity
    launched = [member for member in live(group) if member.instance.id not in refresh.original]
    unready = [each for each in launched if fitness(moment, group, each, refresh.preferences.warmup) != "ready"]
    for member in unready[: max(0, surplus)]:
        retire(group, member, TAKEN_OUT, f"instance {member.instance.id} was selected for termination.")


def _finish(moment: Moment, group: Any, refresh: Refresh) -> None:
    if refresh.rollback is not None:
        refresh.percent, refresh.to_update = 0, refresh.total
        refresh.end("RollbackSuccessful", refresh.rollback["RollbackReason"])
    elif refresh.preferences.bake_time:
        refresh.status = "Baking"
        refresh.paused_until = time.monotonic() + refresh.preferences.bake_time * moment.clock.scale
    else:
        _succeed(group, refresh)


def _bake(moment: Moment, group: Any, refresh: Refresh, suspended: set[str]) -> None:
    if _stopped_by_alarm(moment, group, refresh):
        return
    left = refresh.paused_until - time.monotonic()
    seconds = round(left / moment.clock.scale) if moment.clock.scale else 0
    refresh.reason = f"Waiting for bake time to finish before continuing. There are {seconds} seconds left."
    if left <= 0:
        _succeed(group, refresh)


def _succeed(group: Any, refresh: Refresh) -> None:
    """The group takes the desired configuration over."""
    if refresh.desired:
        save(group, refresh.desired)
    if not refresh.preferences.checkpoints or refresh.preferences.checkpoints[-1] == 100:
        refresh.percent, refresh.to_update = 100, 0
    refresh.end("Successful")


def _cancel(moment: Moment, group: Any, refresh: Refresh, suspended: set[str]) -> None:
    if refresh.waits and in_transition(group):
        return
    _let_go(moment, group, refresh)
    without = "" if refresh.waits else " without waiting for ongoing instance launches and terminations"
    refresh.end("Cancelled", f"Cancelled{without} due to user request.")


TURNS = {
    "Pending": _begin,
    "InProgress": _roll,
    "RollbackInProgress": _roll,
    "Baking": _bake,
    "Cancelling": _cancel,
}
