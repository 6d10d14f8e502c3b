# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A structure of the API and the options that stand for its members.

It is declared once, and read as an argument spec, as what a request says, and as what a response means. A value in the
names of the options holds only what is given, and what has no order is sorted, so that equal means equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Structure = Mapping[str, "Member"]


@dataclass(frozen=True)
class Member:
    """``name`` is the API's. ``spec`` is what the argument spec has to say. Of a member that is a structure, or a list
    of structures, ``of`` has the members. ``ordered`` is False of a list that means a set. ``texts`` are numbers that
    the API has as strings."""

    name: str
    spec: Mapping[str, Any]
    of: Structure | None = None
    ordered: bool = True
    texts: bool = False

    @property
    def argument(self) -> dict[str, Any]:
        return {**self.spec, **({"options": spec(self.of)} if self.of is not None else {})}


def text(name: str, *choices: str, **more: Any) -> Member:
    return Member(name, {**({"choices": list(choices)} if choices else {}), **more})


def number(name: str, *, texts: bool = False, **more: Any) -> Member:
    return Member(name, {"type": "int", **more}, texts=texts)


def fraction(name: str, **more: Any) -> Member:
    return Member(name, {"type": "float", **more})


def switch(name: str, **more: Any) -> Member:
    return Member(name, {"type": "bool", **more})


def words(name: str, *choices: str, ordered: bool = False, **more: Any) -> Member:
    """A list of strings; a set of them, unless it is ordered."""
    listed = {"type": "list", "elements": "str", **({"choices": list(choices)} if choices else {})}
    return Member(name, {**listed, **more}, ordered=ordered)


def one(name: str, of: Structure, **more: Any) -> Member:
    return Member(name, {"type": "dict", **more}, of)


def many(name: str, of: Structure, *, ordered: bool = True, **more: Any) -> Member:
    return Member(name, {"type": "list", "elements": "dict", **more}, of, ordered)


def spec(structure: Structure) -> dict[str, Any]:
    """The argument spec of the options."""
    return {option: member.argument for option, member in structure.items()}


def given(structure: Structure, values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` as Ansible hands them over, without those that were not given."""
    return {
        option: _given(member, values[option]) for option, member in structure.items() if values.get(option) is not None
    }


def _given(member: Member, value: Any) -> Any:
    if member.of is not None and isinstance(value, Mapping):
        return given(member.of, value)
    if isinstance(value, (list, tuple)):
        return _listed(member, (_given(member, each) for each in value))
    return value


def from_api(structure: Structure, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a response's structure means in the names of the options."""
    return {
        option: _from_api(member, values[member.name])
        for option, member in structure.items()
        if values.get(member.name) is not None
    }


def _from_api(member: Member, value: Any) -> Any:
    if member.of is not None and isinstance(value, Mapping):
        return from_api(member.of, value)
    if isinstance(value, (list, tuple)):
        return _listed(member, (_from_api(member, each) for each in value))
    return int(value) if member.texts else value


def to_api(structure: Structure, values: Mapping[str, Any]) -> dict[str, Any]:
    """A request's structure from values in the names of the options."""
    return {
        member.name: _to_api(member, values[option])
        for option, member in structure.items()
        if values.get(option) is not None
    }


def _to_api(member: Member, value: Any) -> Any:
    if member.of is not None and isinstance(value, Mapping):
        return to_api(member.of, value)
    if isinstance(value, (list, tuple)):
        return [_to_api(member, each) for each in value]
    return str(value) if member.texts else value


def _listed(member: Member, values: Iterable[Any]) -> list[Any]:
    return list(values) if member.ordered else sorted(values, key=str)


def members(structure: Structure) -> dict[str, Any]:
    """The names of the API that are covered, nested as they are there: name -> {} or the names within."""
    return {member.name: members(member.of) if member.of is not None else {} for member in structure.values()}
