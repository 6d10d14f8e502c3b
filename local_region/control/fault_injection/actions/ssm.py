"""A Systems Manager document runs on instances."""

from __future__ import annotations

import json
from typing import Any

from local_region.control.fault_injection.actions.base import Action, ActionType, Run
from local_region.control.fault_injection.actions.ec2 import INSTANCES
from local_region.control.fault_injection.errors import Failure
from local_region.control.fault_injection.parameters import Parameter, document_arn, document_parameters, duration
from local_region.control.fault_injection.resource_types import ids

UNDER_WAY = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})


class SendCommand(Action):
    """It lasts for the duration even where the command is done sooner; one that still runs then is cancelled."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.command = ""

    def start(self) -> None:
        document = self.run.parameters["documentArn"]
        asked: dict[str, Any] = {
            "DocumentName": document.rpartition("document/")[2],
            "InstanceIds": ids(self.run.targets, "InstanceId"),
            "Parameters": _lists(self.run.parameters.get("documentParameters", "{}")),
        }
        if version := self.run.parameters.get("documentVersion"):
            asked["DocumentVersion"] = version
        sent = self.run.role.call("ssm:SendCommand", on=[document, *(each.arn for each in self.run.targets)], **asked)
        self.command = sent["Command"]["CommandId"]

    def over(self) -> bool:
        if (status := self._status()) not in UNDER_WAY | {"Success"}:
            raise Failure("DependentServiceFailure", f"The command {self.command} of ssm:SendCommand is {status}.")
        return super().over()

    def undo(self) -> bool:
        if self.command and self._status() in UNDER_WAY - {"Cancelling"}:
            self.run.role.call("ssm:CancelCommand", CommandId=self.command)
        return True

    def _status(self) -> str:
        return str(self.run.role.call("ssm:ListCommands", CommandId=self.command)["Commands"][0]["Status"])


def _lists(given: str) -> dict[str, list[str]]:
    """SendCommand takes lists of strings only."""
    return {name: [value] if isinstance(value, str) else value for name, value in json.loads(given).items()}


ACTIONS = {
    "aws:ssm:send-command": ActionType(
        "Run the specified SSM document.",
        SendCommand,
        {
            "documentArn": Parameter("The ARN of the document.", required=True, rule=document_arn),
            "documentVersion": Parameter("The version of the document."),
            "documentParameters": Parameter("The document's parameters, as JSON.", rule=document_parameters),
            "duration": Parameter("The duration of the action (ISO 8601 duration).", required=True, rule=duration),
        },
        INSTANCES,
    )
}
