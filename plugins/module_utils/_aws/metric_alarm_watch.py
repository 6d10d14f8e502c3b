# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Watches CloudWatch alarms for some time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import explained
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

LOOK = 10.0  # seconds, the shortest period of an alarm


def watched(
    session: Session,
    names: Sequence[str],
    seconds: float,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[str, str]:
    """The states by name after ``seconds``. StackError as soon as one is ALARM, and where one doesn't exist."""
    end = clock() + seconds
    while True:
        found = _described(session, names)
        _refuse(names, found)
        left = end - clock()
        if left <= 0 or not names:
            return {name: found[name]["StateValue"] for name in names}
        sleep(min(LOOK, left))


def _described(session: Session, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    if not names:
        return {}
    with explained("read the alarms"):
        pages = session.client("cloudwatch").get_paginator("describe_alarms")
        kinds = ["MetricAlarm", "CompositeAlarm"]
        told = [
            alarm
            for page in pages.paginate(AlarmNames=list(names), AlarmTypes=kinds)
            for alarm in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ()))
        ]
    return {alarm["AlarmName"]: alarm for alarm in told}


def _refuse(names: Sequence[str], found: dict[str, dict[str, Any]]) -> None:
    missing = [name for name in names if name not in found]
    if missing:
        raise StackError(f"names: there is no alarm {', '.join(missing)}. Make it first, or correct the name.")
    loud = [f"{name} ({found[name].get('StateReason', 'no reason told')})" for name in names if _loud(found[name])]
    if loud:
        raise StackError(f"Gone off: {', '.join(loud)}")


def _loud(alarm: dict[str, Any]) -> bool:
    return bool(alarm["StateValue"] == "ALARM")
