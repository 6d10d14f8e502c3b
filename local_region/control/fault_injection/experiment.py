"""What an experiment and its actions are, and what the API tells of them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Literal

from moto.core.utils import unix_time
from moto.fis.models import ResolvedTarget

from local_region.control.fault_injection.actions.base import Action
from local_region.control.fault_injection.errors import Failure
from local_region.control.fault_injection.resource_types import Resource

log = logging.getLogger(__name__)
Status = Literal[
    "pending", "initiating", "running", "stopping", "completed", "stopped", "failed", "cancelled", "skipped"
]
ENDED: frozenset[Status] = frozenset({"completed", "stopped", "failed", "cancelled", "skipped"})
# In FIS's words where they are known (AWS CLI Command Reference, examples of fis).
REASONS: Mapping[tuple[str, str], str] = {
    ("Action", "pending"): "Initial state",
    ("Action", "running"): "",
    ("Action", "completed"): "Action was completed.",
    ("Action", "stopped"): "Action was stopped.",
    ("Action", "skipped"): "Action was skipped.",
    ("Action", "cancelled"): "Action was cancelled.",
    ("Experiment", "stopping"): "Stopping Experiment.",
}
BY_USER = "Experiment stopped by user."
BY_ALARM = "Experiment halted by stop condition."


@dataclass
class State:
    """Status, reason and times of an experiment or of one of its actions, which ``subject`` says."""

    subject: Literal["Experiment", "Action"]
    status: Status = "pending"
    reason: str = ""
    error: dict[str, str] = field(default_factory=dict)
    started: float | None = None
    ended: float | None = None

    def become(self, status: Status, reason: str = "") -> None:
        self.status, self.reason = status, reason
        if status == "running" and self.started is None:
            self.started = unix_time()
        if status in ENDED:
            self.ended = unix_time()

    @property
    def over(self) -> bool:
        return self.status in ENDED

    def told(self) -> dict[str, Any]:
        told: dict[str, Any] = {"status": self.status, "reason": self.reason or self._usual_reason()}
        return told | ({"error": self.error} if self.error else {})

    def _usual_reason(self) -> str:
        said = self.status if self.over else f"is {self.status}"
        return REASONS.get((self.subject, self.status), f"{self.subject} {said}.")

    def times(self) -> dict[str, float]:
        return {name: at for name, at in (("startTime", self.started), ("endTime", self.ended)) if at is not None}


@dataclass
class Step:
    """An action of an experiment. ``dirty`` while what it did is not put back."""

    definition: Mapping[str, Any]
    state: State = field(default_factory=lambda: State("Action"))
    body: Action | None = None
    dirty: bool = False

    def told(self) -> dict[str, Any]:
        return {**self.definition, "state": self.state.told(), **self.state.times()}


class Experiment:
    """What a template becomes when it is started; later changes of the template don't reach it."""

    def __init__(self, id_: str, template: Any, options: Mapping[str, str]) -> None:
        self.id = id_
        self.arn = template.arn.replace(f"experiment-template/{template.id}", f"experiment/{id_}")
        self.account = template.account_id
        self.template = deepcopy(template)
        self.options = dict(options)
        self.steps = {name: Step(definition) for name, definition in self.template.actions.items()}
        self.targets: dict[str, list[Resource]] = {}
        self.created = unix_time()
        self.state = State("Experiment", started=self.created)
        self.ending: tuple[Status, str, dict[str, str]] = ("stopped", BY_USER, {})
        self.target_account_configurations: dict[str, Any] = {}  # moto's API reads it

    @property
    def experiment_template_id(self) -> str:
        return str(self.template.id)

    def stop(self, reason: str) -> None:
        """Begin to end it: what it changed is put back first."""
        if not self.state.over and self.state.status != "stopping":
            self._end_as("stopped", reason)

    def cancel(self, reason: str) -> None:
        """Nothing of it begins."""
        for step in self.steps.values():
            step.state.become("cancelled")
        self.state.become("cancelled", reason)

    def fail(self, failure: Failure, location: str) -> None:
        """The first failure is the experiment's."""
        if self.ending[0] != "failed":
            log.warning("experiment %s failed at %s: %s", self.id, location, failure.reason)
            self._end_as("failed", failure.reason, accountId=self.account, code=failure.code, location=location)

    def _end_as(self, status: Status, reason: str, **error: str) -> None:
        self.ending = (status, reason, error)
        self.state.become("stopping")

    def advance(self) -> None:
        """moto moves its experiments on when they are looked at; these move by themselves."""

    def to_summary_dict(self, tags: Mapping[str, str] | None = None) -> dict[str, Any]:
        return {
            "id": self.id,
            "arn": self.arn,
            "experimentTemplateId": self.template.id,
            "state": self.state.told(),
            "creationTime": self.created,
            "tags": dict(tags or {}),
            "experimentOptions": self.options,
        }

    def to_dict(self, tags: Mapping[str, str] | None = None) -> dict[str, Any]:
        told: dict[str, Any] = {
            **self.to_summary_dict(tags),
            "roleArn": self.template.role_arn,
            "targets": self.template.targets,
            "actions": {name: step.told() for name, step in self.steps.items()},
            "stopConditions": self.template.stop_conditions,
            "targetAccountConfigurationsCount": 0,
            **self.state.times(),
        }
        if self.template.log_configuration:
            told["logConfiguration"] = self.template.log_configuration
        return told

    def resolved_targets(self) -> list[ResolvedTarget]:
        return [
            ResolvedTarget(self.template.targets[name]["resourceType"], name, resource.arn)
            for name, resources in self.targets.items()
            for resource in resources
        ]
