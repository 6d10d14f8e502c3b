# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A scheduled action: new sizes of an Auto Scaling Group at a time, once or again and again.

Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScheduledUpdateGroupAction.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, structure
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Kind, Part, over
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import number, text

ACTION: structure.Structure = {
    "name": text("ScheduledActionName", required=True),
    "min_size": number("MinSize"),
    "max_size": number("MaxSize"),
    "desired_capacity": number("DesiredCapacity"),
    "recurrence": text("Recurrence"),
    "time_zone": text("TimeZone"),
    "start_time": text("StartTime"),
    "end_time": text("EndTime"),
}
TIMES = ("start_time", "end_time")
SIZES = ("min_size", "desired_capacity", "max_size")


def given(action: Mapping[str, Any], now: datetime) -> Part | None:
    """None once its time is over: AWS forgets it then, and refuses one that begins in the past. A recurring action
    that began in the past begins with its next turn."""
    options = structure.given(ACTION, action)
    options |= {option: moment(options[option]) for option in TIMES if option in options}
    last = options.get("end_time") if "recurrence" in options else options.get("start_time")
    if last and _passed(last, now):
        return None
    if _passed(options.get("start_time"), now):
        del options["start_time"]
    return Part(options["name"], options)


def moment(text: str) -> str:
    """A time as this module tells it. One without a zone is UTC. What can't be read is what ``faults`` finds."""
    if not _is_time(text):
        return text
    time = datetime.fromisoformat(text)
    return _told(time if time.tzinfo else time.replace(tzinfo=UTC))


def _told(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _passed(time: str | None, now: datetime) -> bool:
    return time is not None and time <= _told(now)


def told(actions: Sequence[Mapping[str, Any]]) -> list[Part]:
    return [_one(action) for action in actions]


def _one(action: Mapping[str, Any]) -> Part:
    times = {member: _told(action[member]) for member in ("StartTime", "EndTime") if action.get(member)}
    options = structure.from_api(ACTION, {**action, **times})
    return Part(options["name"], options, {"arn": action.get("ScheduledActionARN")})


def whole(want: Part, have: Part | None) -> Part:
    """Of a recurring action AWS tells the next turn as its start: one that was to start before has done so."""
    result = over(want, have)
    if have is None or "recurrence" not in result.options:
        return result
    start, coming = want.options.get("start_time"), have.options.get("start_time")
    if start is None or coming is None or start > coming:
        return result
    return Part(result.name, {**result.options, "start_time": coming}, result.told)


def to_api(want: Part, have: Part | None) -> dict[str, Any]:
    """All of the action. The start that AWS told of a recurring one is left to AWS, which finds the next turn of a
    changed recurrence by itself; sent back, it would stay, or be refused once it has passed."""
    there = have.options.get("start_time") if have else None
    settings = dict(want.options)
    if "recurrence" in settings and settings.get("start_time") == there:
        settings.pop("start_time", None)
    return structure.to_api(ACTION, settings)


def times(part: Part) -> set[str]:
    """What no other action of its group may have: when it starts, and its recurrence, whose next turn is its start."""
    start, recurrence = (part.options.get(option) for option in ("start_time", "recurrence"))
    turns = f"{recurrence} {part.options.get('time_zone') or 'UTC'}" if recurrence else None
    return {time for time in (start, turns) if time}


def taken(want: Part, have: Part | None) -> set[str]:
    """The times that an action is to have and has not."""
    return times(want) - (times(have) if have else set())


def anew(want: Part, have: Part) -> Part:
    """``want`` over what is there, as an action that is made once more. It finds its next turn by itself."""
    there = {option: value for option, value in have.options.items() if option != "start_time"}
    return over(want, Part(have.name, there if "recurrence" in {**there, **want.options} else have.options))


def clashes(option: str, actions: Sequence[Mapping[str, Any]] | None, now: datetime) -> checks.Faults:
    """AWS: "A scheduled action must have a unique time value". It is never told one that has passed."""
    starts = [moment(each["start_time"]) for each in actions or () if each.get("start_time")]
    starts = [start for start in starts if not _passed(start, now)]
    twice = sorted({start for start in starts if starts.count(start) > 1})
    cause, remedy = "is when two actions start, and AWS takes one", "Let one start a minute later, or make one of them"
    return tuple(Fault(f"{option}.start_time", start, cause, remedy) for start in twice)


def faults(option: str, action: Mapping[str, Any]) -> checks.Faults:
    found = [
        Fault(f"{option}.{time}", action[time], "is not a time", "Give it as 2031-05-04T09:00:00Z")
        for time in TIMES
        if action.get(time) is not None and not _is_time(action[time])
    ]
    if all(action.get(size) is None for size in SIZES):
        cause, remedy = "changes no size", f"Give one of {', '.join(SIZES)}"
        found.append(Fault(f"{option}.name", action["name"], cause, remedy))
    if action.get("recurrence") is None and action.get("start_time") is None:
        cause, remedy = "has no time", "Give start_time, recurrence or both"
        found.append(Fault(f"{option}.name", action["name"], cause, remedy))
    fields = str(action.get("recurrence") or "* * * * *").split()
    if len(fields) != 5:
        remedy = "Give minute, hour, day of month, month and day of week, such as 30 0 1 1,6,12 *"
        found.append(Fault(f"{option}.recurrence", action["recurrence"], "has not five fields", remedy))
    return tuple(found)


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


SCHEDULED_ACTION = Kind(
    "scheduled action", "name", structure.spec(ACTION), given, told, faults, over=whole, made=("arn",)
)
