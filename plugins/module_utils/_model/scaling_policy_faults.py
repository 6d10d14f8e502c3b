# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about a scaling policy, found before AWS is asked anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Kind
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.scaling_policy import (
    OPTIONS,
    WAYS,
    given,
    told,
    whole,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

ALB = "ALB"  # how the metrics begin that a load balancer has of a target group
LABEL = r"app/[^/]+/[0-9a-f]+/targetgroup/[^/]+/[0-9a-f]+"
LABEL_REMEDY = "Join the last parts of the load balancer's and the target group's ARN: app/NAME/ID/targetgroup/NAME/ID"
HOUR = 3600  # seconds


def faults(option: str, policy: Mapping[str, Any]) -> checks.Faults:
    chosen = [way for way in WAYS if policy.get(way) is not None]
    if len(chosen) != 1:
        cause = "says in no way how to scale" if not chosen else f"scales in {len(chosen)} ways"
        return (Fault(f"{option}.name", policy["name"], cause, f"Give one of {', '.join(WAYS)}"),)
    way = chosen[0]
    where = f"{option}.{way}"
    return tuple(CHECKS[way](where, policy[way])) if way in CHECKS else ()


def _target_tracking(where: str, values: Mapping[str, Any]) -> Iterator[Fault]:
    metrics = [name for name in ("predefined_metric", "customized_metric") if values.get(name) is not None]
    if len(metrics) != 1:
        cause = "has no metric" if not metrics else "has two metrics"
        yield Fault(where, metrics, cause, "Give either predefined_metric or customized_metric")
    yield from _label(f"{where}.predefined_metric", values.get("predefined_metric"))
    custom = values.get("customized_metric")
    if custom is not None:
        yield from _custom(f"{where}.customized_metric", custom)


def _custom(where: str, metric: Mapping[str, Any]) -> Iterator[Fault]:
    single = [name for name in ("metric_name", "namespace", "statistic") if metric.get(name) is not None]
    if metric.get("metrics"):
        if single:
            cause = "are given beside metrics"
            yield Fault(where, single, cause, "Describe the metric once, by its name or by metrics")
        yield from _queries(f"{where}.metrics", metric["metrics"])
    elif len(single) != 3:
        yield Fault(where, single, "are not a whole metric", "Give metric_name, namespace and statistic, or metrics")


def _queries(where: str, queries: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    for query in queries:
        if (query.get("expression") is None) == (query.get("metric_stat") is None):
            remedy = "Give either expression or metric_stat"
            yield Fault(f"{where}.id", query["id"], "is neither an expression nor a metric, or both", remedy)


def _label(where: str, metric: Mapping[str, Any] | None) -> Iterator[Fault]:
    """A load balancer's metric is one of a target group, the others are of the group."""
    if metric is None:
        return
    label = metric.get("resource_label")
    if metric["type"].startswith(ALB) and label is None:
        yield Fault(f"{where}.resource_label", label, f"is missing for {metric['type']}", LABEL_REMEDY)
    elif not metric["type"].startswith(ALB) and label is not None:
        yield Fault(f"{where}.resource_label", label, f"has no meaning for {metric['type']}", "Leave it out")
    known = None if KNOWN_AFTER_APPLY in (label or "") else label
    yield from checks.matches(f"{where}.resource_label", known, LABEL, "is not a target group's label", LABEL_REMEDY)


def _step(where: str, values: Mapping[str, Any]) -> Iterator[Fault]:
    """The ranges follow one another without gap or overlap, and have an end only towards the threshold."""
    steps = sorted(values["step_adjustments"], key=lambda step: _bound(step, "lower_bound", float("-inf")))
    if not steps:
        yield Fault(f"{where}.step_adjustments", [], "are missing", "Give one at least")
    for one, following in pairwise(steps):
        if one.get("upper_bound") is None or one["upper_bound"] != following.get("lower_bound"):
            told = [dict(one), dict(following)]
            remedy = "Let each range begin where the one before ends"
            yield Fault(f"{where}.step_adjustments", told, "leave a gap or overlap", remedy)
    for step in steps:
        low, high = _bound(step, "lower_bound", float("-inf")), _bound(step, "upper_bound", float("inf"))
        if low >= high or (step.get("lower_bound") is None and step.get("upper_bound") is None):
            remedy = "Give a lower_bound below the upper_bound, at least one of the two"
            yield Fault(f"{where}.step_adjustments", dict(step), "is no range", remedy)
    yield from _magnitude(where, values)


def _bound(step: Mapping[str, Any], option: str, without: float) -> float:
    bound = step.get(option)
    return without if bound is None else float(bound)


def _simple(where: str, values: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _magnitude(where, values)


def _magnitude(where: str, values: Mapping[str, Any]) -> Iterator[Fault]:
    magnitude, kind = values.get("min_adjustment_magnitude"), values["adjustment_type"]
    if magnitude is not None and kind != "PercentChangeInCapacity":
        remedy = "Leave it out, or use PercentChangeInCapacity"
        yield Fault(f"{where}.min_adjustment_magnitude", magnitude, f"has no meaning with {kind}", remedy)


def _predictive(where: str, values: Mapping[str, Any]) -> Iterator[Fault]:
    behaviour, buffer = values.get("max_capacity_breach_behavior"), values.get("max_capacity_buffer")
    if (behaviour == "IncreaseMaxCapacity") != (buffer is not None):
        cause = f"does not go with max_capacity_breach_behavior {behaviour}"
        remedy = "Give both IncreaseMaxCapacity and a buffer, or neither"
        yield Fault(f"{where}.max_capacity_buffer", buffer, cause, remedy)
    yield from checks.between(f"{where}.max_capacity_buffer", buffer, 0, 100, "percent")
    time = values.get("scheduling_buffer_time")
    yield from checks.between(f"{where}.scheduling_buffer_time", time, 0, HOUR - 1, "seconds")
    specifications = values["metric_specifications"]
    if len(specifications) != 1:
        cause = "are not one"
        yield Fault(f"{where}.metric_specifications", len(specifications), cause, "Give one: AWS takes no more")
    for each in specifications:
        for name in ("predefined_metric_pair", "predefined_scaling_metric", "predefined_load_metric"):
            yield from _label(f"{where}.metric_specifications.{name}", each.get(name))


CHECKS = {"target_tracking": _target_tracking, "step": _step, "simple": _simple, "predictive": _predictive}
SCALING_POLICY = Kind("scaling policy", "name", OPTIONS, given, told, faults, over=whole, made=("arn", "alarms"))
