# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The parts that every plan is made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Model

M = TypeVar("M", bound=Model)
T = TypeVar("T")


def compare(kind: str, name: str, want: Model | None, have: Model | None, immutable: Collection[str] = ()) -> Plan:
    """The change, or none, that makes ``have`` into ``want`` (None: it should not be, or is not, there).

    Only settings that ``want`` gives are compared. StackError when one of ``immutable`` would have to change.
    """
    if want is None:
        return () if have is None else (Change("delete", kind, name, have.settings(), {}, None, have),)
    if have is None:
        return (Change("create", kind, name, {}, want.settings(), want, None),)
    there = have.settings()
    after = {option: value for option, value in want.settings().items() if there.get(option) != value}
    if not after:
        return ()
    before = {option: there.get(option) for option in after}
    _refuse(kind, name, {option: before[option] for option in after if option in immutable}, after)
    return (Change("update", kind, name, before, after, want, have),)


def _refuse(kind: str, name: str, fixed: dict[str, Any], after: dict[str, Any]) -> None:
    if fixed:
        what = ", ".join(f"{option} is {value!r}, wanted {after[option]!r}" for option, value in fixed.items())
        raise StackError(
            f"{kind} {name}: {what}. AWS can't change this on a {kind} that exists. "
            f"Give the {kind} another name, or delete it first (state: absent)."
        )


def pair(wants: Iterable[T], haves: Iterable[T], key: Callable[[T], Hashable]) -> Iterator[tuple[T | None, T | None]]:
    """Wanted and existing children side by side, matched by ``key``; the wanted ones first, in their order."""
    there = {key(have): have for have in haves}
    for want in wants:
        yield want, there.pop(key(want), None)
    for have in there.values():
        yield None, have


def keep_tags(want: M, have: M | None, purge: bool) -> M:
    """``want`` with the tags it shall end up with: unlisted ones stay unless ``purge``. Both have a field ``tags``."""
    tagged: Any = want
    there: Any = have
    if there is None or purge or tagged.tags is UNSET:
        return want
    kept: M = replace(tagged, tags={**there.tags, **tagged.tags})
    return kept


def settle(want: M, have: M | None) -> M:
    """What will be there once the plan is carried out, as far as it is known now: for the facts of check mode."""
    if have is None:
        return want
    given = {option: getattr(want, option) for option in want.settings()}
    return replace(have, **given)  # type: ignore[type-var]
