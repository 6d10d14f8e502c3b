# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""In which order scheduled actions change.

AWS refuses an action that starts when another one of the group does, so that each time has to be free before it is
taken: what goes, goes first, and an action is put once those that have its new time have left it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Part
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.scheduled_action import anew, taken, times
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare


def in_order(changes: Iterable[Change], wants: Iterable[Part]) -> Iterator[Change]:
    """``wants`` are the actions as they were asked for."""
    asked = {want.name: want for want in wants}
    changes = list(changes)
    yield from (change for change in changes if change.action == "delete")
    left = [change for change in changes if change.action != "delete"]
    while left:
        chosen = next((change for change in left if not _before(change, left)), None)
        if chosen is None:
            left = list(_opened(left, asked))
            chosen = left.pop(0)
        else:
            left.remove(chosen)
        yield chosen


def _before(change: Change, left: Sequence[Change]) -> list[Change]:
    """Those that still have a time that ``change`` takes."""
    wanted = taken(change.want, change.have)
    return [other for other in left if other is not change and other.have and wanted & times(other.have)]


def _opened(left: Sequence[Change], asked: Mapping[str, Part]) -> Iterator[Change]:
    """Actions that each wait for the next one's time: one of them is deleted first, and made again."""
    ring = [left[0]]
    while (following := _before(ring[-1], left)[0]) not in ring:
        ring.append(following)
    yield from compare(following.kind, following.name, None, following.have)
    for change in left:
        if change is following:
            again = anew(asked[change.want.name], change.have)
            yield from compare(change.kind, change.name, again, None)
        else:
            yield change
