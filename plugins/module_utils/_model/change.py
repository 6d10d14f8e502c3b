# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A plan is data: the changes that make what is there into what is wanted, in the order they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Action = Literal["create", "update", "delete"]


@dataclass(frozen=True)
class Change:
    """One change to one resource.

    ``before`` and ``after`` are what differs, in the names of the module's options (the whole of it when created or
    deleted); ``want`` and ``have`` are the models behind them, for the function that makes the change.
    """

    action: Action
    kind: str
    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    want: Any = field(default=None, compare=False, repr=False)
    have: Any = field(default=None, compare=False, repr=False)

    @property
    def resource(self) -> str:
        return f"{self.kind} {self.name}"

    def __str__(self) -> str:
        return f"{self.action} {self.resource}"


Plan = tuple[Change, ...]


def diff(plan: Plan) -> dict[str, dict[str, Any]]:
    """The plan as Ansible shows a difference: before and after, by resource."""
    return {
        "before": {change.resource: dict(change.before) for change in plan if change.action != "create"},
        "after": {change.resource: dict(change.after) for change in plan if change.action != "delete"},
    }
