# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The rules that options of several modules share: each gives the faults it finds, none when all is well.

An option that was not given (None) or is only known once AWS made it has no fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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


def identifier(option: str, value: str | None, prefix: str, what: str) -> Faults:
    """An id as EC2 gives it: sg-0123456789abcdef0."""
    remedy = f"Give an id such as {prefix}-0123456789abcdef0"
    return matches(option, value, rf"{prefix}-[0-9a-f]+", f"is not the id of a {what}", remedy)


def tags(option: str, given: Mapping[str, Any] | None) -> Faults:
    """What no service of AWS takes; some take less.

    Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    """
    found: list[Fault] = []
    for key, value in (given or {}).items():
        if str(key).lower().startswith("aws:"):
            found.append(Fault(option, key, "is a tag that AWS keeps to itself", "Choose another prefix"))
        if not 1 <= len(str(key)) <= 128:
            found.append(Fault(option, key, f"is a key of {len(str(key))} characters", "Give 1 to 128"))
        if len(str(value)) > 256:
            found.append(Fault(option, value, f"is a value of {len(str(value))} characters", "Give 256 at most"))
    return tuple(found)


def required(params: Any, state: str, options: Iterable[str]) -> Faults:
    """Options that state ``state`` can't do without, so that state absent needs no more than a name."""
    missing = (
        [option for option in options if params.get(option) is None] if params.get("state", state) == state else []
    )
    return tuple(Fault(option, None, f"is missing with state: {state}", f"Give {option}") for option in missing)
