# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The values that stand for no value: not given, and not yet known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, fields
from enum import Enum
from typing import Any, Final


class Unset(Enum):
    """An option that was not given: whatever is there is left alone."""

    UNSET = "unset"

    def __bool__(self) -> bool:
        return False


UNSET: Final = Unset.UNSET

# Stands for an identifier that AWS gives when the resource is made. Check mode returns it, and takes it as an input.
KNOWN_AFTER_APPLY: Final = "(known after apply)"


def given(value: Any) -> Any:
    """An option's value, or UNSET where it was not given (Ansible has None for both null and left out)."""
    return UNSET if value is None else value


def known(*values: Any) -> bool:
    """Whether AWS can be asked about these identifiers: none of them is still to be made."""
    return all(value and value != KNOWN_AFTER_APPLY for value in values)


def identity(default: Any = KNOWN_AFTER_APPLY) -> Any:
    """A dataclass field that AWS sets (an id, an ARN, a state): read, returned, never compared."""
    return field(default=default, compare=False, metadata={"setting": False})


def children(default: Any = ()) -> Any:
    """A dataclass field that holds resources of their own: planned one by one, never compared as a value."""
    return field(default=default, compare=False, metadata={"setting": False})


def hidden(default: Any = UNSET) -> Any:
    """A dataclass field for operations alone (a secret, raw data of the API): never compared, shown or returned."""
    return field(default=default, compare=False, repr=False, metadata={"setting": False, "fact": False})


class Model:
    """What a resource is, in the names of the module's options."""

    def settings(self) -> dict[str, Any]:
        """The options that are set, as plain values that a diff can show and compare."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.metadata.get("setting", True)}  # type: ignore[arg-type]
        return {name: plain(value) for name, value in values.items() if value is not UNSET}

    def facts(self) -> dict[str, Any]:
        """Every field but the hidden ones as plain values, children included: what a module returns."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.metadata.get("fact", True)}  # type: ignore[arg-type]
        return {name: None if value is UNSET else plain(value, facts=True) for name, value in values.items()}


def plain(value: Any, *, facts: bool = False) -> Any:
    """``value`` in JSON's types; sets come out sorted, models as their settings (or facts)."""
    if isinstance(value, Model):
        return value.facts() if facts else value.settings()
    if isinstance(value, Mapping):
        return {key: plain(item, facts=facts) for key, item in value.items() if item is not UNSET}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item, facts=facts) for item in value)
    if isinstance(value, (list, tuple)):
        return [plain(item, facts=facts) for item in value]
    return value
