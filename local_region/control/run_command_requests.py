"""Run Command's answers: what moto lacks of its calls, and what it answers from a command that has always succeeded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from moto.core.responses import ActionResult
from moto.ssm.exceptions import SSMException
from moto.ssm.responses import SimpleSystemManagerResponse

from local_region.control import run_commands
from local_region.control.patching import around
from local_region.control.run_commands import UNFINISHED, Invocation, RunCommand

PLUGIN = "aws:runShellScript"  # the one of AWS-RunShellScript
IN_A_LIST = 2500  # characters of output that ListCommandInvocations shows
PAGE = 50
EXECUTING = {"Executing": True, "Complete": False}


def _when(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None)


# Filter -> whether a command, or an invocation of it, with this status is meant
FILTERS: Mapping[str, Callable[[RunCommand, run_commands.Status, str], bool]] = {
    "InvokedAfter": lambda command, _, value: command.requested.replace(tzinfo=None) >= _when(value),
    "InvokedBefore": lambda command, _, value: command.requested.replace(tzinfo=None) < _when(value),
    "Status": lambda _, status, value: value in status,
    "ExecutionStage": lambda _, status, value: (status in UNFINISHED) is EXECUTING.get(value),
    "DocumentName": lambda command, _, value: command.given["DocumentName"] == value,
}


def _passes(request: Any, command: RunCommand, status: run_commands.Status) -> bool:
    filters = request._get_param("Filters", [])
    if unknown := [each["key"] for each in filters if each["key"] not in FILTERS]:
        raise SSMException("InvalidFilterKey", f"Filter key {unknown[0]} is not one of {', '.join(FILTERS)}.")
    return all(FILTERS[each["key"]](command, status, each["value"]) for each in filters)


def _asked_for(request: Any) -> Iterator[RunCommand]:
    """By id or all, the newest first."""
    ssm, id_ = request.ssm_backend, request._get_param("CommandId")
    return iter([ssm.get_command_by_id(id_)]) if id_ else reversed(ssm._commands)


def _page(request: Any, name: str, found: Iterable[Mapping[str, Any]]) -> ActionResult:
    size, token = request._get_param("MaxResults") or PAGE, request._get_param("NextToken") or "0"
    if not token.isdigit():
        raise SSMException("InvalidNextToken", "The specified token is not valid.")
    begin = int(token)
    shown = list(islice(found, begin, begin + size + 1))
    if len(shown) > size:
        return ActionResult({name: shown[:size], "NextToken": str(begin + size)})
    return ActionResult({name: shown})


@around(SimpleSystemManagerResponse, "list_commands")
def list_commands(original: Any, self: Any) -> ActionResult:
    instance = self._get_param("InstanceId")
    found = (each for each in _asked_for(self) if not instance or instance in each.invocations)
    return _page(self, "Commands", (each.response_object() for each in found if _passes(self, each, each.status)))


def list_command_invocations(self: Any) -> ActionResult:
    instance, details = self._get_param("InstanceId"), bool(self._get_param("Details"))
    told = (
        _listed(command, invocation, details)
        for command in _asked_for(self)
        for invocation in command.invocations.values()
        if instance in {None, invocation.instance_id} and _passes(self, command, invocation.status)
    )
    return _page(self, "CommandInvocations", told)


def _listed(command: RunCommand, invocation: Invocation, details: bool) -> dict[str, Any]:
    status, status_details = invocation.status
    plugin = {
        "Name": PLUGIN,
        "Status": status,
        "StatusDetails": status_details,
        "ResponseCode": invocation.code,
        "ResponseStartDateTime": invocation.started,
        "ResponseFinishDateTime": invocation.ended,
        "Output": (invocation.stdout + invocation.stderr)[:IN_A_LIST],
    }
    return {
        **{name: command.given[name] for name in ("Comment", "DocumentName", "DocumentVersion", "ServiceRole")},
        "CommandId": command.command_id,
        "InstanceId": invocation.instance_id,
        "RequestedDateTime": command.requested,
        "Status": status,
        "StatusDetails": status_details,
        "CommandPlugins": [plugin] if details else [],
    }


@around(SimpleSystemManagerResponse, "get_command_invocation")
def get_command_invocation(original: Any, self: Any) -> ActionResult:
    command = self.ssm_backend.get_command_by_id(self._get_param("CommandId"))
    invocation = command.invocations.get(self._get_param("InstanceId"))
    if invocation is None:
        raise SSMException("InvocationDoesNotExist", "")
    if self._get_param("PluginName", PLUGIN).lower() != PLUGIN.lower():
        raise SSMException("InvalidPluginName", f"The command has the plugin {PLUGIN} only.")
    status, details = invocation.status
    return ActionResult(
        {
            **{name: command.given[name] for name in ("Comment", "DocumentName", "DocumentVersion")},
            "CommandId": command.command_id,
            "InstanceId": invocation.instance_id,
            "PluginName": PLUGIN,
            "ResponseCode": invocation.code,
            "ExecutionStartDateTime": _stamp(invocation.started),
            "ExecutionElapsedTime": _elapsed(invocation),
            "ExecutionEndDateTime": _stamp(invocation.ended),
            "Status": status,
            "StatusDetails": details,
            "StandardOutputContent": invocation.stdout,
            "StandardOutputUrl": "",
            "StandardErrorContent": invocation.stderr,
            "StandardErrorUrl": "",
        }
    )


def _stamp(moment: datetime | None) -> str:
    """As this one call tells times: text, empty for what hasn't happened."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" if moment else ""


def _elapsed(invocation: Invocation) -> str:
    """An ISO 8601 duration."""
    if invocation.started is None or invocation.ended is None:
        return ""
    return f"PT{(invocation.ended - invocation.started) / timedelta(seconds=1):g}S"


def cancel_command(self: Any) -> ActionResult:
    run_commands.cancel(self.ssm_backend, self._get_param("CommandId"), self._get_param("InstanceIds", []))
    return ActionResult({})


SimpleSystemManagerResponse.list_command_invocations = list_command_invocations
SimpleSystemManagerResponse.cancel_command = cancel_command
