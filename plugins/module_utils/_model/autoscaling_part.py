# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A part of an Auto Scaling Group that has a name and calls of its own, such as a scaling policy or a hook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, Model, plain


@dataclass(frozen=True)
class Part(Model):
    """``options`` are those that are given or that AWS tells, None where one is to be taken away; ``told`` is what else
    AWS tells of it."""

    name: str
    options: Mapping[str, Any]
    told: Mapping[str, Any] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        return {option: plain(value) for option, value in self.options.items()}

    def facts(self) -> dict[str, Any]:
        return {option: plain(value) for option, value in {**self.options, **self.told}.items() if value is not None}


def over(want: Part, have: Part | None) -> Part:
    """``want`` as it will be over what is there: what it doesn't give stays."""
    return want if have is None else Part(want.name, {**have.options, **want.options}, have.told)


@dataclass(frozen=True)
class Kind:
    """``kind`` is what a plan calls it, ``key`` the option that tells the parts of a group apart, ``options`` its
    argument spec. ``given`` gives None for what has no place any more, ``told`` has all that AWS's answer lists.
    ``made`` names what AWS tells of one once it is made."""

    kind: str
    key: str
    options: Mapping[str, Any]
    given: Callable[[Mapping[str, Any], datetime], Part | None]
    told: Callable[[Sequence[Mapping[str, Any]]], Iterable[Part]]
    faults: Callable[[str, Mapping[str, Any]], checks.Faults]
    over: Callable[[Part, Part | None], Part] = over
    made: tuple[str, ...] = ()

    def name(self, part: Part, group: str) -> str:
        """What a part is called in a plan, such as "cpu of goals"."""
        return f"{part.name} of {group}"

    def whole(self, want: Part, have: Part | None) -> Part:
        """``want`` as it will be, for the facts of check mode."""
        whole = self.over(want, have)
        return whole if have else Part(whole.name, whole.options, dict.fromkeys(self.made, KNOWN_AFTER_APPLY))


def by_name(parts: Iterable[Part | None]) -> tuple[Part, ...]:
    return tuple(sorted((part for part in parts if part), key=lambda part: part.name))


def faults(kind: Kind, option: str, given: Sequence[Mapping[str, Any]] | None) -> checks.Faults:
    """Those of every part, and of two that can't be told apart."""
    names = [each[kind.key] for each in given or ()]
    twice = sorted({name for name in names if names.count(name) > 1})
    remedy = f"Describe each {kind.kind} once"
    return (
        *(Fault(f"{option}.{kind.key}", name, "is given twice", remedy) for name in twice),
        *(fault for each in given or () for fault in kind.faults(option, each)),
    )
