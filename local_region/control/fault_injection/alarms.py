"""CloudWatch alarms. FIS looks at those of stop conditions with its service-linked role, not with the experiment's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

ARN = re.compile(r"arn:aws[a-z-]*:cloudwatch:[a-z0-9-]+:[0-9]{12}:alarm:.+")


def states(cloudwatch: Any) -> dict[str, str]:
    """ARN -> OK, ALARM or INSUFFICIENT_DATA."""
    return {alarm.alarm_arn: alarm.state_value for alarm in cloudwatch.describe_alarms()}


def in_alarm(cloudwatch: Any, conditions: Iterable[Mapping[str, Any]]) -> str | None:
    """The first of the stop conditions' alarms that is in ALARM."""
    known = states(cloudwatch)
    return next((each["value"] for each in conditions if known.get(each.get("value", "")) == "ALARM"), None)
