"""CloudWatch alarms follow their metric: moto keeps alarms and data, and never compares the two.

CloudWatch User Guide, "Using Amazon CloudWatch alarms". Data counts for the period in which it arrives. Composite
alarms, alarms on metric math, and alarms whose metric never had data stay as SetAlarmState leaves them.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend, MetricAggregatedDatum, MetricDatumBase

from local_region.control.moment import Moment
from local_region.control.patching import around

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
Figures = tuple[float, float, float, float]  # minimum, maximum, sum, count
STATISTICS: dict[str, Callable[[Figures], float]] = {
    "Minimum": lambda figures: figures[0],
    "Maximum": lambda figures: figures[1],
    "Sum": lambda figures: figures[2],
    "SampleCount": lambda figures: figures[3],
    "Average": lambda figures: figures[2] / figures[3],
}


def verdict(breaching: Sequence[bool | None], to_alarm: int, missing: str, before: str) -> str:
    """The state after the evaluation periods, of which None has no data ("Configuring how alarms treat missing data").

    ``missing`` is TreatMissingData: missing, ignore, breaching or notBreaching.
    """
    filled = [
        each if each is not None else {"breaching": True, "notBreaching": False}.get(missing) for each in breaching
    ]
    known = [each for each in filled if each is not None]
    if sum(known) >= to_alarm:
        return "ALARM"
    if len(known) < len(filled) and missing == "ignore":
        return before
    if not known:
        return "INSUFFICIENT_DATA"
    return "ALARM" if sum(known) >= min(to_alarm, len(known)) else "OK"


def step(moment: Moment) -> None:
    """Every alarm is evaluated when it is new, and then once a period."""
    cloudwatch, now = moment.backends.cloudwatch, time.monotonic()
    for alarm in cloudwatch.alarms.values():
        if not alarm.metric_name or alarm.statistic not in STATISTICS or alarm.comparison_operator not in COMPARISONS:
            continue
        period = float(alarm.period) * moment.clock.scale
        if now - alarm.evaluated >= period or alarm.state_reason == NEW:
            alarm.evaluated = now
            data = _own(alarm, cloudwatch.metric_data)
            if data or not alarm.set_by_hand:
                _evaluate(alarm, data, period, now)


NEW = "Unchecked: Initial alarm creation"


def _own(alarm: Any, data: Iterable[Any]) -> list[Any]:
    """The data of the alarm's metric: of its name and exactly its dimensions."""
    wanted = {(each.name, each.value) for each in alarm.dimensions}
    return [
        each
        for each in data
        if (each.namespace, each.name) == (alarm.namespace, alarm.metric_name)
        and {(one.name, one.value) for one in each.dimensions} == wanted
    ]


def _evaluate(alarm: Any, own: list[Any], period: float, now: float) -> None:
    periods = int(alarm.evaluation_periods)
    values = [_value(alarm, own, now - period * (back + 1), now - period * back) for back in reversed(range(periods))]
    compare, threshold = COMPARISONS[alarm.comparison_operator], float(alarm.threshold)
    breaching = [None if value is None else compare(value, threshold) for value in values]
    to_alarm = int(alarm.datapoints_to_alarm or periods)
    state = verdict(breaching, to_alarm, alarm.treat_missing_data or "missing", alarm.state_value)
    if state != alarm.state_value or alarm.state_reason == NEW:
        told = ", ".join("no data" if value is None else f"{value:g}" for value in values)
        reason = f"Threshold Crossed: the last {periods} period(s) were [{told}], the threshold is {threshold:g} "
        alarm.update_state(f"{reason}({alarm.comparison_operator}).", "{}", state)


def _value(alarm: Any, data: Iterable[Any], after: float, until: float) -> float | None:
    within = [_figures(each) for each in data if after < each.seen <= until]
    if not within:
        return None
    least, most, total, count = zip(*within, strict=True)
    return STATISTICS[alarm.statistic]((min(least), max(most), sum(total), sum(count)))


def _figures(datum: Any) -> Figures:
    if isinstance(datum, MetricAggregatedDatum):
        return float(datum.min), float(datum.max), float(datum.sum), float(datum.sample_count)
    return datum.value, datum.value, datum.value, 1.0


@around(MetricDatumBase, "__init__")
def remember_arrival(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    self.seen = time.monotonic()


@around(Alarm, "__init__")
def begin_unchecked(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
    """AWS creates an alarm in INSUFFICIENT_DATA and then evaluates it; moto says OK."""
    original(self, *args, **kwargs)
    self.evaluated, self.set_by_hand = time.monotonic(), False
    if self.metric_name:
        self.state_value = "INSUFFICIENT_DATA"


@around(CloudWatchBackend, "put_metric_alarm")
def keep_state(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    """ "When you update an existing alarm, its state is left unchanged" (PutMetricAlarm's reference), and its tags."""
    before = self.alarms.get(kwargs.get("name") or args[0])
    if before:
        kwargs.pop("tags", None)
    alarm = original(self, *args, **kwargs)
    for kept in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp") if before else ():
        setattr(alarm, kept, getattr(before, kept))
    return alarm


@around(CloudWatchBackend, "delete_alarms")
def delete_tags(original: Any, self: Any, alarm_names: list[str]) -> None:
    """The next alarm of that name has none of them."""
    for name in alarm_names:
        if alarm := self.alarms.get(name):
            self.tagger.delete_all_tags_for_resource(alarm.alarm_arn)
    original(self, alarm_names)


@around(CloudWatchBackend, "set_alarm_state")
def set_until_evaluated(original: Any, self: Any, alarm_name: str, *args: Any, **kwargs: Any) -> None:
    original(self, alarm_name, *args, **kwargs)
    self.alarms[alarm_name].evaluated, self.alarms[alarm_name].set_by_hand = time.monotonic(), True
