# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""From logs on disk to a report on disk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill import limits
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.evidence import Record, evidence, fault_at
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.log import read
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.page import page
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.report import Drill, Report, report
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.verdict import INVALID
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, StackError

Params = Mapping[str, Any]


def faults(params: Params) -> tuple[Fault, ...]:
    """Every option that can't be right."""
    found = list(limits.faults(params["limits"]))
    for option in ("fault_at", "fault_until"):
        try:
            moment(params[option])
        except ValueError:
            remedy = "Give 2026-07-01T12:00:00Z, or seconds since 1970"
            found.append(Fault(option, params[option], "is no time", remedy))
    return tuple(found)


def moment(given: str | None) -> float | None:
    """Seconds since 1970; a time without a zone is UTC, as AWS's are."""
    if given is None:
        return None
    try:
        return float(given)
    except ValueError:
        told = datetime.fromisoformat(given)
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()


def run(params: Params) -> dict[str, Any]:
    """The module's result, with the report written where it is wanted."""
    stack_log = list(_records("stack_log", params))
    given = moment(params["fault_at"])
    began = fault_at(stack_log) if given is None else given
    if began is None:
        raise StackError(
            "fault_at: the stack's log tells of no experiment, zonal shift or instance refresh. "
            "Give fault_at, the time at which the fault began."
        )
    drill = Drill(
        name=params["drill"],
        stack=params["stack"],
        fault_at=began,
        what=params["what"],
        fault_until=moment(params["fault_until"]),
        zone=params["zone"],
        limits=params["limits"],
        facts=params["facts"],
    )
    made = report(drill, evidence(_records("probe_log", params), stack_log, began))
    _write("html", params, page(made))
    _write("json", params, json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    told = {name: made[name] for name in ("verdict", "summary", "limits", "figures", "invalid", "remarks")}
    return {**told, "fault_at": made["fault"]["at"], "msg": message(made)}


def message(made: Report) -> str:
    """The verdict with its reasons, for a log."""
    reasons = made["invalid"] if made["verdict"] == INVALID else _broken(made)
    return " ".join([f"Drill {made['drill']} of {made['stack']}: {made['verdict']}.", made["summary"], *reasons])


def _broken(made: Report) -> list[str]:
    return [f"Not kept: {each['sentence']}." for each in made["limits"] if not each["passed"]]


def _records(option: str, params: Params) -> Iterator[Record]:
    if params[option] is None:
        return
    try:
        yield from read(Path(params[option]))
    except (OSError, ValueError) as error:
        cause = f"{option}: {params[option]!r} can't be read ({error})"
        raise StackError(f"{cause}. Give the log of this drill.") from error


def _write(option: str, params: Params, text: str) -> None:
    if params[option] is None:
        return
    try:
        Path(params[option]).write_text(text, encoding="utf-8")
    except OSError as error:
        raise StackError(
            f"{option}: {params[option]!r} can't be written ({error}). Give a path in a directory."
        ) from error
