# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An experiment of AWS Fault Injection Service: one run of a template.

An experiment can't be run again: its name, the tag Name, stands for one run.
Source: https://docs.aws.amazon.com/fis/latest/APIReference/API_Experiment.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment_template import NAME, others
from ansible_collections.ha_stack.aws.plugins.module_utils._model.fis_experiment_template_faults import (
    name_fault,
    tag_faults,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    KNOWN_AFTER_APPLY,
    UNSET,
    Model,
    given,
    hidden,
    identity,
)

STATES = ("present", "stopped")
COMPLETED = "completed"
ENDED = frozenset({COMPLETED, "stopped", "failed", "cancelled"})
TOLD = frozenset({"failed", "cancelled", "stopped"})  # states of an action that a person wants to hear of

OPTIONS: dict[str, Any] = {
    "state": {"choices": list(STATES), "default": "present"},
    "name": {"required": True},
    "template": {},
    "template_id": {},
    "stop_when_abandoned": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 1800},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class Experiment(Model):
    """``state`` is set where the experiment is to be stopped, and tells of the one that is there whether it has ended.
    ``template`` is the template's name, for the sake of finding its id."""

    name: str
    template_id: Any = UNSET
    state: Any = UNSET
    tags: Any = UNSET
    id: str = identity()
    arn: str = identity()
    status: str | None = identity(default=None)
    reason: str | None = identity(default=None)
    error: Any = identity(default=None)
    start_time: str | None = identity(default=None)
    end_time: str | None = identity(default=None)
    actions: Any = identity(default=())
    resolved_targets: Any = identity(default=())
    template: str | None = hidden(default=None)
    to_complete: bool = hidden(default=True)

    @property
    def ended(self) -> bool:
        return self.status in ENDED


def faults(params: Mapping[str, Any]) -> checks.Faults:
    found = [*name_fault("name", params["name"]), *tag_faults(params.get("tags"))]
    if params["state"] == "present" and not (params.get("template") or params.get("template_id")):
        found.append(Fault("template", None, "is missing", "Give the template's name, or template_id"))
    if params.get("template") and params.get("template_id"):
        found.append(Fault("template_id", params["template_id"], "goes not with template", "Give one of the two"))
    return tuple(found)


def from_params(params: Mapping[str, Any]) -> Experiment:
    return Experiment(
        name=params["name"],
        template_id=given(params["template_id"]),
        state="stopped" if params["state"] == "stopped" else UNSET,
        tags=given(tags.from_params(params["tags"])),
        template=params["template"],
    )


def from_api(
    experiment: Mapping[str, Any], targets: Sequence[Mapping[str, Any]], *, to_complete: bool = True
) -> Experiment:
    """From an Experiment of GetExperiment and the resolved targets; ``to_complete``: whether it is wanted to."""
    own_tags: Mapping[str, str] = experiment.get("tags", {})
    state = experiment["state"]
    actions = [_action(name, each) for name, each in experiment.get("actions", {}).items()]
    return Experiment(
        name=own_tags.get(NAME, ""),
        template_id=experiment["experimentTemplateId"],
        state="stopped" if state["status"] in ENDED else "present",
        tags=others(own_tags),
        id=experiment["id"],
        arn=experiment.get("arn", KNOWN_AFTER_APPLY),
        status=state["status"],
        reason=state.get("reason"),
        error=_error(state.get("error")),
        start_time=moment(experiment.get("startTime")),
        end_time=moment(experiment.get("endTime")),
        actions=tuple(sorted(actions, key=lambda each: (each["start_time"] or "~", each["name"]))),
        resolved_targets=tuple(_target(each) for each in targets),
        to_complete=to_complete,
    )


def _error(error: Mapping[str, str] | None) -> dict[str, str | None] | None:
    return {key: error.get(key) for key in ("code", "location")} if error else None


def moment(time: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds") if time else None


def _action(name: str, action: Mapping[str, Any]) -> dict[str, Any]:
    state = action.get("state", {})
    return {
        "name": name,
        "action_id": action.get("actionId"),
        "status": state.get("status"),
        "reason": state.get("reason"),
        "start_time": moment(action.get("startTime")),
        "end_time": moment(action.get("endTime")),
    }


def _target(target: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": target.get("targetName"),
        "resource_type": target.get("resourceType"),
        "information": dict(target.get("targetInformation", {})),
    }


def pending(experiment: Experiment) -> str | None:
    """What it still does. StackError where it ended otherwise than it should."""
    if not experiment.ended:
        acting = [f"action {each['name']} is {each['status']}" for each in experiment.actions]
        return "; ".join([f"experiment {experiment.id} is {_state(experiment)}", *acting])
    if experiment.to_complete and experiment.status != COMPLETED:
        raise StackError(_why(experiment))
    return None


def _state(experiment: Experiment) -> str:
    return f"{experiment.status}" + (f" ({experiment.reason})" if experiment.reason else "")


def _why(experiment: Experiment) -> str:
    """How it ended, FIS's reason, and the reason of each action that did not complete."""
    code = f" ({experiment.error['code']})" if experiment.error else ""
    why = f"{experiment.status}{code}: {experiment.reason or 'no reason'}"
    parts = [f"experiment {experiment.name} ({experiment.id}) {why}"]
    parts += [
        f"action {each['name']} ({each['action_id']}) {each['status']}: {each['reason'] or 'no reason'}"
        for each in experiment.actions
        if each["status"] in TOLD
    ]
    told = "; ".join(part.rstrip(".") for part in parts)
    return f"{told}. An experiment runs once: give the next run another name, when the cause is mended."
