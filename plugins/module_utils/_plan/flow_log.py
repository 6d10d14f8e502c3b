# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a network's flow log: a new one is made, and then the old one goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.flow_log import (
    FlowLog,
    completed,
    matching,
    same_place,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Unset
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

KIND = "flow log"


def changes(name: str, want: FlowLog | Unset | None, found: Sequence[FlowLog], purge: bool) -> Iterator[Change]:
    """Others' flow logs are left alone, but for one that is just what is wanted: AWS makes no second."""
    if want is UNSET:
        return
    own = [each for each in found if each.own]
    there = None
    if isinstance(want, FlowLog):
        there = matching(want, found)
        yield from compare(KIND, name, keep_tags(_whole(want, own, there), there, purge), there)
    for each in own:
        if there is None or each.id != there.id:
            yield from compare(KIND, name, None, each)


def _whole(want: FlowLog, own: Sequence[FlowLog], there: FlowLog | None) -> FlowLog:
    if there:
        return replace(want, destination=there.destination)
    made = completed(want, own[0] if own else None)
    return replace(made, replaces=tuple(each.id for each in own if same_place(each.destination, made.destination)))


def settled(want: FlowLog | Unset | None, found: Sequence[FlowLog]) -> FlowLog | Unset | None:
    """What will be there once the plan is carried out."""
    if not isinstance(want, FlowLog):
        return want
    there = matching(want, found)
    return replace(settle(_whole(want, [each for each in found if each.own], there), there), own=True)
