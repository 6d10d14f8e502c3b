# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The logs that a load balancer writes to S3: whether, to which bucket, and where in it.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault

LOGS = ("access_logs", "connection_logs", "health_check_logs")
Settings = Mapping[str, Any]


def members(log: str) -> tuple[str, str, str]:
    return log, f"{log}_bucket", f"{log}_prefix"


def together(changed: Settings, there: Settings) -> dict[str, Any]:
    """``changed`` with all of each log that is on and touched by it: ELB proves with a test file that it can write to
    the place, and so is told the place as a whole."""
    merged = {**there, **changed}
    touched = [log for log in LOGS if merged.get(log) and not changed.keys().isdisjoint(members(log))]
    more = {each: merged[each] for log in touched for each in members(log) if merged.get(each) is not None}
    return {**changed, **more}


def lacking(settings: Settings, there: Settings) -> checks.Faults:
    """Of settings, and of what they don't give but is there: ELB takes no log without its bucket."""
    return tuple(_lacking(settings, {**there, **settings}))


def _lacking(given: Settings, merged: Settings) -> Iterator[Fault]:
    for log in LOGS:
        bucket = f"{log}_bucket"
        if merged.get(log) and not merged.get(bucket) and not given.keys().isdisjoint(members(log)):
            remedy = f"Name the bucket, or give {log}: false"
            yield Fault(bucket, merged.get(bucket), f"is missing with {log}: true", remedy)


def faults(params: Settings) -> checks.Faults:
    """ELB appends /AWSLogs/... to the prefix by itself."""
    cause, remedy = "is not a prefix that ELB takes", "Leave out AWSLogs, and slashes at its begin and end"
    pattern = r"(?!/)(?!.*AWSLogs).*(?<!/)"
    options = [f"{log}_prefix" for log in LOGS]
    return tuple(
        fault for each in options for fault in checks.matches(each, params.get(each) or None, pattern, cause, remedy)
    )
