# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about an experiment template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, InvalidOptions
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment_template import ExperimentTemplate
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

KIND = "experiment template"
NEEDED = ("role_arn", "actions")


def plan(want: ExperimentTemplate | None, have: ExperimentTemplate | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        return compare(KIND, have.name, None, have) if have else ()
    if have is None:
        _refuse_half(want)
        return compare(KIND, want.name, completed(want), None)
    return compare(KIND, want.name, keep_tags(want, have, params["purge_tags"]), have)


def completed(want: ExperimentTemplate) -> ExperimentTemplate:
    """A new one with what FIS takes no template without: a description, and whether anything stops it."""
    description = want.name if want.description is UNSET else want.description
    stops = () if want.stop_conditions is UNSET else want.stop_conditions
    return replace(want, description=description, stop_conditions=stops)


def _refuse_half(want: ExperimentTemplate) -> None:
    missing = [option for option in NEEDED if not getattr(want, option)]
    if missing:
        cause = f"is missing, and there is no experiment template {want.name} yet"
        raise InvalidOptions(tuple(Fault(option, None, cause, f"Give {option} to make one") for option in missing))


def settled(want: ExperimentTemplate, have: ExperimentTemplate | None) -> ExperimentTemplate:
    """What will be there, for the facts of check mode."""
    return settle(completed(want) if have is None else want, have)
