# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a DB parameter group, and which changes wait for the engine to start."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_parameter_group import (
    Parameter,
    ParameterGroup,
    obstacle,
    same,
    spelled,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags

KIND = "DB parameter group"
FIXED = ("family", "description")


def parameter_group_plan(want: Any, have: ParameterGroup | None, instance: str, purge: bool) -> Plan:
    """``want`` is a ParameterGroup, or UNSET where none is to be made."""
    if want is UNSET:
        return ()
    whole = resolved(want, have)
    if have is None and whole.description is UNSET:
        whole = replace(whole, description=f"Parameters of {instance}")
    return compare(KIND, whole.name, keep_tags(whole, have, purge), have, immutable=FIXED)


def resolved(want: ParameterGroup, have: ParameterGroup | None) -> ParameterGroup:
    """``want`` with its parameters as they will read: as they stand there where that means the same."""
    if want.parameters is UNSET:
        return want
    texts = {name: _text(name, wish, want, have) for name, wish in want.parameters.items()}
    return replace(want, parameters={name: text for name, text in texts.items() if text is not None})


def _text(name: str, wish: Any, want: ParameterGroup, have: ParameterGroup | None) -> str | None:
    """None of a parameter that has the wished value already although nobody set it."""
    there: str | None = have.parameters.get(name) if have else None
    if same(wish, there):
        return there
    parameter = want.parameter(name)
    if parameter is None:
        raise StackError(f"{_path(name)}: {wish!r} is for a parameter that {want.family} hasn't.{_alike(name, want)}")
    if have and same(wish, parameter.value):
        return None
    text = spelled(wish, parameter)
    if cause := obstacle(text, parameter):
        raise StackError(f"{_path(name)}: {wish!r} {cause}. {_allowed(parameter)}")
    return text


def _path(name: str) -> str:
    return f"parameter_group.parameters.{name}"


def _alike(name: str, want: ParameterGroup) -> str:
    alike = get_close_matches(name, want.known or (), n=3)
    return f" Give one that it has, such as {', '.join(alike)}." if alike else " Leave it out."


def _allowed(parameter: Parameter) -> str:
    if not parameter.modifiable:
        return "Leave it out."
    what = f" ({parameter.description.rstrip('.')})" if parameter.description else ""
    return f"Give what RDS takes, {parameter.kind} {parameter.allowed or 'of any value'}{what}."


def restart_needed(changes: Plan) -> bool:
    """Whether one of the parameters that change takes effect only when the engine starts."""
    return any(_static(change) for change in changes)


def _static(change: Change) -> bool:
    before, after = change.before.get("parameters") or {}, change.after.get("parameters") or {}
    changed = (name for name in {*before, *after} if before.get(name) != after.get(name))
    return any(parameter.static for name in changed if (parameter := change.want.parameter(name)))
