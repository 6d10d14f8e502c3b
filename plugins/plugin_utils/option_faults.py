# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The faults that a module would find in its options, in the names of the variables that a role takes them from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import COMMON_OPTIONS

MODULES = "ansible_collections.ha_stack.aws.plugins.modules"


def option_faults(options: Mapping[str, Any], module: str, variables: Mapping[str, str]) -> list[str]:
    """Every message of ``module`` about ``options``, which are the task's; those left out have their defaults.

    ``variables`` maps an option to the variable that holds it. An option of another name keeps its own.
    """
    resource = import_module(f"{MODULES}.{module}").RESOURCE
    checked = ArgumentSpecValidator({**COMMON_OPTIONS, **resource.options}).validate(_plain(options))
    if checked.error_messages:
        return [in_variables(message, variables) for message in checked.error_messages]
    return [
        f"{_variable(fault.option, variables)}: {fault.value!r} {in_variables(fault.cause, variables)}. "
        f"{in_variables(fault.remedy, variables)}."
        for fault in resource.faults(checked.validated_parameters)
    ]


def filled(options: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """``options`` with ``values`` by path (``subnet_group.name``, ``listeners[0].port``). Empty ones give way.

    None is nothing, as a role that leaves a setting alone omits it.
    """
    whole = _plain(options)
    for path, value in values.items():
        if value is None:
            continue
        *parents, last = (int(key) if key.isdigit() else key for key in re.findall(r"[^.\[\]]+", path))
        holder: Any = whole
        for parent in parents:
            holder = holder[parent] if isinstance(parent, int) else holder.setdefault(parent, {})
        if last not in holder or value not in ("", [], {}):
            holder[last] = value
    return whole


def _plain(value: Any) -> Any:
    """``value`` in dicts and lists of Python's own. Ansible's resolve their templates as they are read, and hold the
    template engine: they can't be copied, which the validator does."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _variable(option: str, variables: Mapping[str, str]) -> str:
    """The variable of ``option``. What follows an option's name, as in listeners[0].port, stays behind it."""
    names = [name for name in variables if option == name or option.startswith((f"{name}[", f"{name}.", f"{name} "))]
    longest = max(names, key=len, default="")
    return variables.get(longest, "") + option[len(longest) :]


def in_variables(text: str, variables: Mapping[str, str]) -> str:
    """``text`` with option names that can't be ordinary words (min_size, not name) replaced by their variables."""
    words = text.split(" ")
    for position, word in enumerate(words):
        bare = word.strip("'\",.:;()")
        if "_" in bare and bare in variables:
            words[position] = word.replace(bare, variables[bare])
    return " ".join(words)
