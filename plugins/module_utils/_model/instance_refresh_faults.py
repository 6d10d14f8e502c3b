# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about an instance refresh's options, found before AWS is asked anything.

Limits as https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html gives them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import (
    autoscaling_template,
    checks,
    mixed_instances_faults,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_faults import least
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.instance_refresh import LATEST

TWO_DAYS = 172800  # seconds
ALARMS = 10


def faults(params: Mapping[str, Any]) -> checks.Faults:
    get = params.get
    return (
        *checks.required(params, "present", ["launch_template"]),
        *_template(get("launch_template")),
        *mixed_instances_faults.faults(get("mixed_instances")),
        *_percentages(get("min_healthy_percentage"), get("max_healthy_percentage")),
        *least("instance_warmup", get("instance_warmup")),
        *least("failure_threshold", get("failure_threshold")),
        *checks.between("bake_time", get("bake_time"), 0, TWO_DAYS, "seconds"),
        *_checkpoints(get("checkpoint_percentages"), get("checkpoint_delay")),
        *_alarms(get("alarms") or ()),
    )


def _template(template: Mapping[str, Any] | None) -> checks.Faults:
    """A number, or the word that the module looks the number up for."""
    latest = template is not None and template.get("version") == LATEST
    return autoscaling_template.faults({**template, "version": 1} if template and latest else template)


def _percentages(low: int | None, high: int | None) -> checks.Faults:
    found = [
        *checks.between("min_healthy_percentage", low, 0, 100, "percent"),
        *checks.between("max_healthy_percentage", high, 100, 200, "percent"),
    ]
    if high is not None and low is None:
        cause = "is given without min_healthy_percentage"
        found.append(Fault("max_healthy_percentage", high, cause, "Give both: AWS takes none without the other"))
    if high is not None and low is not None and high - low > 100:
        cause = f"is more than 100 above min_healthy_percentage ({low})"
        found.append(Fault("max_healthy_percentage", high, cause, "Bring the two closer"))
    return tuple(found)


def _checkpoints(percentages: Sequence[int] | None, delay: int | None) -> checks.Faults:
    given = list(percentages or ())
    found = [fault for each in given for fault in checks.between("checkpoint_percentages", each, 1, 100, "percent")]
    if given != sorted(set(given)):
        found.append(Fault("checkpoint_percentages", given, "do not rise", "Give them in ascending order, each once"))
    if given and given[-1] != 100:
        cause = "end before every instance is replaced, and the refresh with them"
        found.append(Fault("checkpoint_percentages", given, cause, "Let the last be 100"))
    if delay is not None and not given:
        found.append(Fault("checkpoint_delay", delay, "has no checkpoint", "Give checkpoint_percentages too"))
    return (*found, *checks.between("checkpoint_delay", delay, 0, TWO_DAYS, "seconds"))


def _alarms(alarms: Sequence[str]) -> checks.Faults:
    if len(alarms) <= ALARMS:
        return ()
    return (Fault("alarms", len(alarms), f"are more than {ALARMS}", "Watch fewer, or a composite alarm"),)
