"""An instance refresh's preferences: their defaults, and what AWS refuses (API reference, RefreshPreferences)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.autoscaling.exceptions import ValidationError

from local_region.control.auto_scaling.bounds import Bounds, bounds
from local_region.control.auto_scaling.groups import maintenance_policy

RANGES = {
    "MinHealthyPercentage": (0, 100),
    "MaxHealthyPercentage": (100, 200),
    "InstanceWarmup": (0, 3600),
    "CheckpointDelay": (0, 172800),
    "BakeTime": (0, 172800),
}
CHOICES = {
    "ScaleInProtectedInstances": ("Wait", "Refresh", "Ignore"),  # the first is the default
    "StandbyInstances": ("Wait", "Terminate", "Ignore"),
}
CHECKPOINT_DELAY = 3600
MOST_ALARMS = 10


@dataclass(frozen=True)
class Preferences:
    minimum: int
    maximum: int | None  # None: not set, which is not the same as 100
    warmup: int
    checkpoints: tuple[int, ...] = ()
    checkpoint_delay: int = CHECKPOINT_DELAY
    bake_time: int = 0
    skip_matching: bool = False
    auto_rollback: bool = False
    alarms: tuple[str, ...] = ()
    protected: str = "Wait"
    standby: str = "Wait"

    def limits(self, desired: int) -> Bounds:
        return bounds(desired, self.minimum, self.maximum)

    def described(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "MinHealthyPercentage": self.minimum,
            "MaxHealthyPercentage": self.maximum,
            "InstanceWarmup": self.warmup,
            "SkipMatching": self.skip_matching,
            "AutoRollback": self.auto_rollback,
            "ScaleInProtectedInstances": self.protected,
            "StandbyInstances": self.standby,
            "AlarmSpecification": {"Alarms": list(self.alarms)} if self.alarms else {},
            "BakeTime": self.bake_time or None,
        }
        if self.checkpoints:
            told |= {"CheckpointPercentages": list(self.checkpoints), "CheckpointDelay": self.checkpoint_delay}
        return {name: value for name, value in told.items() if value is not None}


def preferences(group: Any, given: Mapping[str, Any]) -> Preferences:
    """From what the request gives, the group's maintenance policy and its warm-up. Raises ValidationError."""
    _refuse(given)
    policy = maintenance_policy(group)
    own = {**policy, **{key: int(given[key]) for key in policy.keys() | RANGES.keys() if given.get(key) is not None}}
    warmup = group.default_instance_warmup
    if warmup is None:
        warmup = group.health_check_grace_period
    return Preferences(
        minimum=own.get("MinHealthyPercentage", 90),
        maximum=own.get("MaxHealthyPercentage"),
        warmup=own.get("InstanceWarmup", int(warmup or 0)),
        checkpoints=tuple(int(each) for each in given.get("CheckpointPercentages") or ()),
        checkpoint_delay=own.get("CheckpointDelay", CHECKPOINT_DELAY),
        bake_time=own.get("BakeTime", 0),
        skip_matching=bool(given.get("SkipMatching")),
        auto_rollback=bool(given.get("AutoRollback")),
        alarms=tuple((given.get("AlarmSpecification") or {}).get("Alarms") or ()),
        protected=given.get("ScaleInProtectedInstances") or CHOICES["ScaleInProtectedInstances"][0],
        standby=given.get("StandbyInstances") or CHOICES["StandbyInstances"][0],
    )


def _refuse(given: Mapping[str, Any]) -> None:
    for name, (least, most) in RANGES.items():
        if given.get(name) is not None:
            _refuse_outside(name, int(given[name]), least, most)
    for name, values in CHOICES.items():
        if given.get(name) is not None and given[name] not in values:
            raise ValidationError(_constraint(given[name], name, f"satisfy enum value set: [{', '.join(values)}]"))
    _refuse_bounds(given)
    _refuse_checkpoints(given)
    alarms = (given.get("AlarmSpecification") or {}).get("Alarms") or ()
    if len(alarms) > MOST_ALARMS:
        raise ValidationError(f"You can specify up to {MOST_ALARMS} alarms, not {len(alarms)}.")


def _refuse_outside(name: str, value: int, least: int, most: int) -> None:
    if value < least:
        raise ValidationError(_constraint(value, name, f"have value greater than or equal to {least}"))
    if value > most:
        raise ValidationError(_constraint(value, name, f"have value less than or equal to {most}"))


def _constraint(value: object, name: str, rule: str) -> str:
    """In the words in which AWS's query services refuse a value that their model does not allow."""
    where = f"preferences.{name[0].lower()}{name[1:]}"
    return f"1 validation error detected: Value '{value}' at '{where}' failed to satisfy constraint: Member must {rule}"


def _refuse_bounds(given: Mapping[str, Any]) -> None:
    least, most = given.get("MinHealthyPercentage"), given.get("MaxHealthyPercentage")
    if most is not None and least is None:
        raise ValidationError("MinHealthyPercentage must be specified if MaxHealthyPercentage is specified.")
    if most is not None and int(most) - int(least or 0) > 100:
        message = "The difference between MaxHealthyPercentage and MinHealthyPercentage cannot be greater than 100."
        raise ValidationError(message)


def _refuse_checkpoints(given: Mapping[str, Any]) -> None:
    points = [int(each) for each in given.get("CheckpointPercentages") or ()]
    if given.get("CheckpointDelay") is not None and not points:
        raise ValidationError("CheckpointPercentages must be specified if CheckpointDelay is specified.")
    for point in points:
        _refuse_outside("CheckpointPercentages", point, 1, 100)
    if points != sorted(set(points)):
        raise ValidationError("CheckpointPercentages must be unique and in ascending order.")
