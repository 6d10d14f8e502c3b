# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A CloudWatch alarm on one metric, which is compared with a threshold.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Model, given, hidden, identity

# Option -> member of PutMetricAlarm and of DescribeAlarms' MetricAlarm.
MEMBERS = {
    "description": "AlarmDescription",
    "namespace": "Namespace",
    "metric_name": "MetricName",
    "statistic": "Statistic",
    "extended_statistic": "ExtendedStatistic",
    "period": "Period",
    "unit": "Unit",
    "evaluation_periods": "EvaluationPeriods",
    "datapoints_to_alarm": "DatapointsToAlarm",
    "threshold": "Threshold",
    "comparison_operator": "ComparisonOperator",
    "treat_missing_data": "TreatMissingData",
    "evaluate_low_sample_count_percentile": "EvaluateLowSampleCountPercentile",
    "actions_enabled": "ActionsEnabled",
}
ACTIONS = {
    "alarm_actions": "AlarmActions",
    "ok_actions": "OKActions",
    "insufficient_data_actions": "InsufficientDataActions",
}
# What CloudWatch takes where it was not given, and leaves out of its answers.
DEFAULTS = {"description": "", "treat_missing_data": "missing", "actions_enabled": True}
# What is no option here and would be lost, as an update overwrites the whole alarm.
KEPT = ("ActionConfiguration", "EvaluationWindow", "WarmUpConfiguration")
SIZES = (
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
)
UNITS = [
    *("Seconds", "Microseconds", "Milliseconds", *SIZES, "Percent", "Count"),
    *(f"{each}/Second" for each in (*SIZES, "Count")),
    "None",
]
EXTENDED = r"(p|tm|tc|ts|wm)\d{1,2}(\.\d{1,10})?|p100|IQM|PR\([^()]*:[^()]*\)|(TC|TM|TS|WM)\([^()]*:[^()]*\)"
HOUR, DAY = 3600, 86400  # seconds

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "description": {},
    "namespace": {},
    "metric_name": {},
    "dimensions": {"type": "dict"},
    "statistic": {"choices": ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]},
    "extended_statistic": {},
    "period": {"type": "int"},
    "unit": {"choices": UNITS},
    "evaluation_periods": {"type": "int"},
    "datapoints_to_alarm": {"type": "int"},
    "threshold": {"type": "float"},
    "comparison_operator": {
        "choices": [
            "GreaterThanOrEqualToThreshold",
            "GreaterThanThreshold",
            "LessThanThreshold",
            "LessThanOrEqualToThreshold",
        ]
    },
    "treat_missing_data": {"choices": ["breaching", "notBreaching", "ignore", "missing"]},
    "evaluate_low_sample_count_percentile": {"choices": ["evaluate", "ignore"]},
    "actions_enabled": {"type": "bool"},
    **{option: {"type": "list", "elements": "str"} for option in ACTIONS},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class MetricAlarm(Model):
    """Of ``statistic`` and ``extended_statistic`` one is None. Actions are ARNs, in order."""

    name: str
    description: Any = UNSET
    namespace: Any = UNSET
    metric_name: Any = UNSET
    dimensions: Any = UNSET
    statistic: Any = UNSET
    extended_statistic: Any = UNSET
    period: Any = UNSET
    unit: Any = UNSET
    evaluation_periods: Any = UNSET
    datapoints_to_alarm: Any = UNSET
    threshold: Any = UNSET
    comparison_operator: Any = UNSET
    treat_missing_data: Any = UNSET
    evaluate_low_sample_count_percentile: Any = UNSET
    actions_enabled: Any = UNSET
    alarm_actions: Any = UNSET
    ok_actions: Any = UNSET
    insufficient_data_actions: Any = UNSET
    tags: Any = UNSET
    arn: str = identity()
    state_value: str = identity()
    state_reason: str = identity()
    rest: Any = hidden()


def from_params(params: Mapping[str, Any]) -> MetricAlarm:
    dimensions = params["dimensions"]
    return MetricAlarm(
        name=params["name"],
        dimensions=UNSET if dimensions is None else {name: str(value) for name, value in dimensions.items()},
        tags=given(tags.from_params(params["tags"])),
        **{option: given(params[option]) for option in MEMBERS},
        **{option: _actions(params[option]) for option in ACTIONS},
    )


def _actions(arns: list[str] | None) -> Any:
    return UNSET if arns is None else tuple(sorted(set(arns)))


def from_api(alarm: Mapping[str, Any], own_tags: list[Mapping[str, str]]) -> MetricAlarm:
    """From a MetricAlarm of DescribeAlarms. An alarm needs all of its periods where it doesn't say how many."""
    settings = {option: alarm.get(member, DEFAULTS.get(option)) for option, member in MEMBERS.items()}
    settings["datapoints_to_alarm"] = settings["datapoints_to_alarm"] or settings["evaluation_periods"]
    return MetricAlarm(
        name=alarm["AlarmName"],
        dimensions={each["Name"]: each["Value"] for each in alarm.get("Dimensions", ())},
        tags=tags.from_api(own_tags),
        arn=alarm["AlarmArn"],
        state_value=alarm["StateValue"],
        state_reason=alarm.get("StateReason", ""),
        rest={member: alarm[member] for member in KEPT if alarm.get(member)},
        **settings,
        **{option: tuple(sorted(alarm.get(member, ()))) for option, member in ACTIONS.items()},
    )


def to_api(alarm: MetricAlarm) -> dict[str, Any]:
    """The whole alarm but its tags, which PutMetricAlarm takes for a new one only."""
    settings = {member: getattr(alarm, option) for option, member in MEMBERS.items()}
    actions = {member: list(getattr(alarm, option) or ()) for option, member in ACTIONS.items()}
    dimensions = [{"Name": name, "Value": value} for name, value in (alarm.dimensions or {}).items()]
    given = {member: value for member, value in settings.items() if value is not UNSET and value is not None}
    return {"AlarmName": alarm.name, **given, **actions, "Dimensions": dimensions, **(alarm.rest or {})}


def faults(params: Mapping[str, Any]) -> checks.Faults:
    """Ranges as the API reference gives them. An alarm that is to go needs no more than its name."""
    get = params.get
    name = checks.matches("name", get("name"), r"(?s).{1,255}", "is no alarm's name", "Give 1 to 255 characters")
    if params["state"] == "absent":
        return name
    return (
        *name,
        *checks.matches(
            "description", get("description"), r"(?s).{0,1024}", "is too long", "Give at most 1024 characters"
        ),
        *checks.matches("namespace", get("namespace"), r"[^:].{0,254}", "is no namespace", "Give one as AWS/EC2"),
        *checks.matches(
            "extended_statistic",
            get("extended_statistic"),
            EXTENDED,
            "is no extended statistic",
            "Give one as p99 or tm90",
        ),
        *_statistic(params),
        *_times(get("period"), get("evaluation_periods"), get("datapoints_to_alarm")),
        *(fault for option in ACTIONS for fault in _at_most(option, get(option), 5)),
        *_at_most("dimensions", get("dimensions"), 30),
        *checks.tags("tags", get("tags")),
    )


def _statistic(params: Mapping[str, Any]) -> checks.Faults:
    plain, few = params["statistic"], "evaluate_low_sample_count_percentile"
    if plain and params["extended_statistic"]:
        return (Fault("statistic", plain, "is given with extended_statistic", "Give one of the two"),)
    if plain and params[few]:
        return (Fault(few, params[few], "is for percentiles only", "Leave it out, or give extended_statistic"),)
    return ()


def _times(period: int | None, periods: int | None, datapoints: int | None) -> checks.Faults:
    found = list(checks.between("evaluation_periods", periods, 1, 7 * DAY // 60))
    if period is not None and period not in (10, 20, 30) and (period < 60 or period % 60):
        found.append(Fault("period", period, "is no period", "Give 10, 20, 30 or a multiple of 60 seconds"))
    longest = DAY if (period or HOUR) < HOUR else 7 * DAY
    if period and periods and period * periods > longest:
        cause, remedy = f"of {period} s are too long", f"Give at most {longest} s in all"
        found.append(Fault("evaluation_periods", periods, cause, remedy))
    if datapoints is not None and datapoints < 1:
        found.append(Fault("datapoints_to_alarm", datapoints, "is out of range", "Give 1 or more"))
    return tuple(found)


def _at_most(option: str, values: Any, most: int) -> checks.Faults:
    if len(values or ()) <= most:
        return ()
    return (Fault(option, values, f"are {len(values)}", f"Give at most {most}"),)
