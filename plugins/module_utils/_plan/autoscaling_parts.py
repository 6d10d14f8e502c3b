# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about the parts of an Auto Scaling Group: its hooks, notifications, policies, scheduled actions
and warm pool. What is removed is removed last, but for scheduled actions, which leave their time to others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import warm_pool
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_group import AutoScalingGroup
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_part import Kind, Part
from ansible_collections.ha_stack.aws.plugins.module_utils._model.autoscaling_parts import PARTS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, pair
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.scheduled_actions import in_order

ACTIONS = "scheduled_actions"
POOL = "warm pool"


def parts(want: AutoScalingGroup, have: AutoScalingGroup | None) -> Plan:
    changes = {option: tuple(_kind(want, have, option, kind)) for option, kind in PARTS.items()}
    changes[ACTIONS] = tuple(in_order(changes[ACTIONS], want.scheduled_actions or ()))
    pool = _pool(want, have)  # its instances run through the hooks too
    in_turn = (*(each for option in PARTS for each in changes[option]), *pool)
    return tuple(sorted(in_turn, key=lambda change: change.action == "delete" and change.kind != PARTS[ACTIONS].kind))


def _kind(want: AutoScalingGroup, have: AutoScalingGroup | None, option: str, kind: Kind) -> Iterator[Change]:
    for wanted, there in _pairs(want, have, option):
        name = kind.name(wanted or there, want.name)
        yield from compare(kind.kind, name, kind.over(wanted, there) if wanted else None, there)


def _pairs(want: AutoScalingGroup, have: AutoScalingGroup | None, option: str) -> Iterator[tuple[Any, Any]]:
    wants: tuple[Part, ...] | Any = getattr(want, option)
    haves: tuple[Part, ...] = (getattr(have, option) or ()) if have else ()
    return iter(()) if wants is UNSET else pair(wants, haves, key=lambda part: part.name)


def _pool(want: AutoScalingGroup, have: AutoScalingGroup | None) -> Plan:
    there = have.warm_pool if have else None
    if want.warm_pool is UNSET:
        return ()
    changes = compare(POOL, want.name, warm_pool.whole(want.warm_pool, there) if want.warm_pool else None, there)
    if have is None or not have.warm_pool_leaves:
        return changes
    return tuple(replace(change, have=warm_pool.before(want.name)) for change in changes)


def settled(want: AutoScalingGroup, have: AutoScalingGroup | None) -> dict[str, Any]:
    """The parts as they will be, for the facts of check mode."""
    there = have.warm_pool if have else None
    pool = warm_pool.whole(want.warm_pool, there) if want.warm_pool else want.warm_pool
    return {
        "warm_pool": there if pool is UNSET else pool,
        **{option: _settled(want, have, option, kind) for option, kind in PARTS.items()},
    }


def _settled(want: AutoScalingGroup, have: AutoScalingGroup | None, option: str, kind: Kind) -> Any:
    if getattr(want, option) is UNSET:
        return UNSET
    return tuple(kind.whole(wanted, there) for wanted, there in _pairs(want, have, option) if wanted)
