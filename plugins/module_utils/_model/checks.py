# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The rules that options of several modules share: each gives the faults it finds, none when all is well.

An option that was not given (None) or is only known once AWS made it has no fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

Faults = tuple[Fault, ...]


def between(option: str, value: int | None, low: int, high: int, unit: str = "") -> Faults:
    if value is None or low <= value <= high:
        return ()
    return (Fault(option, value, "is out of range", f"Give {low} to {high}{' ' + unit if unit else ''}"),)


def port(option: str, value: int | None) -> Faults:
    return between(option, value, 1, 65535)


def matches(option: str, value: str | None, pattern: str, cause: str, remedy: str) -> Faults:
    if value is None or value == KNOWN_AFTER_APPLY or re.fullmatch(pattern, value):
        return ()
    return (Fault(option, value, cause, remedy),)


def load_balancing_name(option: str, value: str | None) -> Faults:
    """ELB: up to 32 letters, digits and hyphens; no hyphen first or last; not beginning with internal-."""
    if value is not None and len(value) > 32:
        return (Fault(option, value, f"has {len(value)} characters", "Give a name of at most 32: ELB allows no more"),)
    return matches(
        option,
        value,
        r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?",
        "is not a name that ELB takes",
        "Use letters, digits and hyphens, no hyphen first or last, and not internal- in front",
    )


def required(params: Any, state: str, options: Iterable[str]) -> Faults:
    """Options that state ``state`` can't do without, so that state absent needs no more than a name."""
    missing = (
        [option for option in options if params.get(option) is None] if params.get("state", state) == state else []
    )
    return tuple(Fault(option, None, f"is missing with state: {state}", f"Give {option}") for option in missing)
