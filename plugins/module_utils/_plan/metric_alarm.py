# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about an alarm: CloudWatch takes it as a whole, so what isn't given is what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.metric_alarm import MetricAlarm
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

KIND = "alarm"
NEEDED = ("namespace", "metric_name", "period", "evaluation_periods", "threshold", "comparison_operator")


def plan(want: MetricAlarm | None, have: MetricAlarm | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        return compare(KIND, have.name, None, have) if have else ()
    whole = settled(keep_tags(want, have, params["purge_tags"]), have)
    changes = compare(KIND, want.name, whole, have)
    if any(change.after.keys() - {"tags"} for change in changes):
        _refuse_half(whole)
    return changes


def settled(want: MetricAlarm, have: MetricAlarm | None) -> MetricAlarm:
    """The alarm as it will be: with one kind of statistic, and all of its periods where it needed all before."""
    if have and want.statistic:
        want = replace(want, extended_statistic=None, evaluate_low_sample_count_percentile=None)
    elif have and want.extended_statistic:
        want = replace(want, statistic=None)
    needed_all = have is None or have.datapoints_to_alarm == have.evaluation_periods
    if want.datapoints_to_alarm is UNSET and needed_all:
        want = replace(want, datapoints_to_alarm=want.evaluation_periods)
    return settle(want, have)


def _refuse_half(whole: MetricAlarm) -> None:
    """Also an alarm of another kind (on metric math, say), which can't become one on a metric by half."""
    missing = [option for option in NEEDED if getattr(whole, option) in (UNSET, None)]
    if not whole.statistic and not whole.extended_statistic:
        missing.append("statistic")
    if missing:
        cause = f"is missing, and there is no alarm {whole.name} on a metric yet"
        raise InvalidOptions(tuple(Fault(option, None, cause, f"Give {option} to make one") for option in missing))
    if whole.datapoints_to_alarm > whole.evaluation_periods:
        raise StackError(
            f"{KIND} {whole.name}: datapoints_to_alarm {whole.datapoints_to_alarm} is more than evaluation_periods "
            f"{whole.evaluation_periods}. Give as many at most."
        )
