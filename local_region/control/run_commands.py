"""Run Command: a shell script is sent to instances, runs there once, and its outcome is told.

Statuses are those of "Understanding command statuses" in the Systems Manager User Guide, timeouts those of
"Understanding command timeout values".
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from moto.core.utils import utcnow
from moto.ssm.exceptions import SSMException
from moto.ssm.models import SimpleSystemManagerBackend

from local_region.control.managed_instances import matches, online
from local_region.control.moment import Moment
from local_region.control.patching import around
from local_region.world import Command, CommandResult

DOCUMENT = "AWS-RunShellScript"
DELIVERY = 3600  # seconds: how long a command may wait for its agent, when TimeoutSeconds doesn't say
SHOWN = 24_000  # characters of output that the API keeps
# The document's own parameters: name -> (default, pattern of a value)
SECONDS = r"[1-9]\d{0,4}|1[0-6]\d{4}|17[01]\d{3}|172[0-7]\d{2}|172800"
PARAMETERS: Mapping[str, tuple[str | None, str]] = {
    "commands": (None, r"(?s).*"),
    "workingDirectory": ("", r"[^\n]*"),
    "executionTimeout": ("3600", SECONDS),
}
WORKING_DIRECTORY = "/usr/bin"  # where the agent's own service runs
PENDING, RUNNING, CANCELLING = ("Pending", "Pending"), ("InProgress", "InProgress"), ("Cancelling", "Cancelling")
SUCCESS, FAILED, CANCELLED = ("Success", "Success"), ("Failed", "Failed"), ("Cancelled", "Cancelled")
UNDELIVERED, TIMED_OUT = ("TimedOut", "DeliveryTimedOut"), ("TimedOut", "ExecutionTimedOut")
NOBODY = ("Success", "NoInstancesInTag")
UNFINISHED = (CANCELLING, RUNNING, PENDING)
WORST_FIRST = (FAILED, TIMED_OUT, UNDELIVERED, CANCELLED, SUCCESS)
Status = tuple[str, str]  # Status and StatusDetails


@dataclass
class Invocation:
    """A command on one instance. ``code`` is -1 until the script has ended."""

    instance_id: str
    status: Status = PENDING
    code: int = -1
    stdout: str = ""
    stderr: str = ""
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def over(self) -> bool:
        return self.status not in UNFINISHED

    def end(self, status: Status) -> None:
        self.status, self.ended = status, utcnow()


@dataclass
class RunCommand:
    """What SendCommand made. ``given`` is the request, for the answers that repeat it."""

    given: Mapping[str, Any]
    delivery_timeout: int
    execution_timeout: int
    invocations: dict[str, Invocation]
    command_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    requested: datetime = field(default_factory=utcnow)

    @property
    def expires(self) -> datetime:
        return self.requested + timedelta(seconds=self.delivery_timeout + self.execution_timeout)

    @property
    def status(self) -> Status:
        """Of the whole: unfinished while one is, else the worst of all."""
        seen = {each.status for each in self.invocations.values()}
        if not seen:
            return NOBODY
        if unfinished := [each for each in UNFINISHED if each in seen]:
            return RUNNING if unfinished == [PENDING] and len(seen) > 1 else unfinished[0]
        return next(each for each in WORST_FIRST if each in seen)

    def bodies(self) -> Iterator[Command]:
        """What instances have to run."""
        parameters = self.given["Parameters"]
        script = "\n".join(parameters["commands"]) + "\n"
        folder = _first(parameters, "workingDirectory") or WORKING_DIRECTORY
        for invocation in self.invocations.values():
            if invocation.status in (PENDING, RUNNING):
                yield Command(self.command_id, invocation.instance_id, script, folder, self.execution_timeout)

    def response_object(self) -> dict[str, Any]:
        """As SendCommand and ListCommands tell it."""
        status, details = self.status
        count = Counter(each.status for each in self.invocations.values())
        return {
            **self.given,
            "CommandId": self.command_id,
            "RequestedDateTime": self.requested,
            "ExpiresAfter": self.expires,
            "Status": status,
            "StatusDetails": details,
            "TargetCount": len(self.invocations),
            "CompletedCount": sum(each.over for each in self.invocations.values()),
            "ErrorCount": count[FAILED] + count[TIMED_OUT],
            "DeliveryTimedOutCount": count[UNDELIVERED],
            "TimeoutSeconds": self.delivery_timeout,
        }


def _first(parameters: Mapping[str, Sequence[str]], name: str) -> str:
    values = parameters.get(name) or [PARAMETERS[name][0] or ""]
    return values[0]


def bodies(ssm: Any) -> Iterator[Command]:
    """Of every command that isn't at its end."""
    for command in ssm._commands:
        yield from command.bodies()


@around(SimpleSystemManagerBackend, "send_command")
def send(
    original: Any,
    self: Any,
    document_name: str,
    instance_ids: Sequence[str] = (),
    targets: Sequence[Mapping[str, Any]] = (),
    parameters: Mapping[str, list[str]] | None = None,
    timeout_seconds: int | None = None,
    comment: str = "",
    **others: Any,
) -> RunCommand:
    """Refuses what AWS refuses; the answer's ``command_id`` is what the other calls ask for."""
    name = document_name.rpartition("document/")[2]  # a name or an ARN
    if name != DOCUMENT:
        message = f"Document with name {name} does not exist. The local region has {DOCUMENT}."
        raise SSMException("InvalidDocument", message)
    parameters = dict(parameters or {})
    _refuse_wrong(parameters)
    given = {
        "Comment": comment,
        "DocumentName": document_name,
        "DocumentVersion": "$DEFAULT",
        "Parameters": parameters,
        "InstanceIds": list(instance_ids),
        "Targets": list(targets),
        "MaxConcurrency": others.get("max_concurrency") or "50",
        "MaxErrors": others.get("max_errors") or "0",
        "OutputS3BucketName": others.get("output_s3_bucket_name") or "",
        "OutputS3KeyPrefix": others.get("output_s3_key_prefix") or "",
        "ServiceRole": others.get("service_role_arn") or "",
    }
    chosen = {id_: Invocation(id_) for id_ in _chosen(self, instance_ids, targets)}
    command = RunCommand(given, timeout_seconds or DELIVERY, int(_first(parameters, "executionTimeout")), chosen)
    self._commands.append(command)
    return command


def _refuse_wrong(parameters: Mapping[str, list[str]]) -> None:
    for name, values in parameters.items():
        if name not in PARAMETERS:
            raise SSMException("InvalidParameters", f"The parameter {name} is not one of {', '.join(PARAMETERS)}.")
        for value in values:
            if not re.fullmatch(PARAMETERS[name][1], value):
                message = f"Parameter {name} with value {value!r} does not match {PARAMETERS[name][1]}."
                raise SSMException("InvalidParameters", message)
    if not parameters.get("commands"):
        raise SSMException("InvalidParameters", "The parameter commands is required.")


def _chosen(ssm: Any, instance_ids: Sequence[str], targets: Sequence[Mapping[str, Any]]) -> list[str]:
    """The instances that the command goes to: those that are named must all be there to take it."""
    if len(set(instance_ids)) < len(instance_ids):
        raise SSMException("DuplicateInstanceId", "You can't specify an instance ID in more than one association.")
    by_id = [value for target in targets if target["Key"] == "InstanceIds" for value in target["Values"]]
    named, able = [*instance_ids, *by_id], online(ssm)
    if (absent := [each for each in named if each not in able]) or not (named or targets):
        listed = ", ".join(absent)
        message = f"Instances [[{listed}]] not in a valid state for account {ssm.account_id}"
        raise SSMException("InvalidInstanceId", message)
    others = [target for target in targets if target["Key"] != "InstanceIds"]
    tagged = [i for i, each in able.items() if others and all(matches(each, t["Key"], t["Values"]) for t in others)]
    return list(dict.fromkeys([*named, *tagged]))


def cancel(ssm: Any, command_id: str, instance_ids: Iterable[str] = ()) -> None:
    """CancelCommand: what runs is killed; what has ended stays as it is."""
    command = ssm.get_command_by_id(command_id)
    wanted = set(instance_ids) or command.invocations.keys()
    for id_ in wanted:
        if id_ not in command.invocations:
            raise SSMException("InvalidInstanceId", f"Command {command_id} was not sent to instance {id_}.")
        if not command.invocations[id_].over:
            command.invocations[id_].status = CANCELLING


def step(moment: Moment) -> None:
    """Invocations follow what the instances do."""
    now = utcnow()
    for command in moment.backends.ssm._commands:
        for invocation in command.invocations.values():
            if not invocation.over:
                result = moment.observed.commands.get((command.command_id, invocation.instance_id))
                _follow(command, invocation, result, now)


def _follow(command: RunCommand, invocation: Invocation, result: CommandResult | None, now: datetime) -> None:
    if invocation.status == CANCELLING:
        if result is None:
            invocation.end(CANCELLED)
        return
    if result is not None:
        invocation.started = invocation.started or now
        _report(invocation, result)
    patience = (
        command.expires if invocation.started else command.requested + timedelta(seconds=command.delivery_timeout)
    )
    if not invocation.over and now > patience:
        invocation.end(UNDELIVERED)


def _report(invocation: Invocation, result: CommandResult) -> None:
    invocation.stdout, invocation.stderr = result.stdout[:SHOWN], result.stderr[:SHOWN]
    if result.status == "running":
        invocation.status = RUNNING
    elif result.status == "timed out":
        invocation.end(TIMED_OUT)
    else:
        invocation.code = result.code or 0
        if invocation.code:  # the agent's own words
            invocation.stderr += f"failed to run commands: exit status {invocation.code}"
        invocation.end(FAILED if invocation.code else SUCCESS)
