# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about the endpoints of a VPC: what is wanted first, then what isn't any more goes."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.network import OWNER
from ansible_collections.ha_stack.aws.plugins.module_utils._model.policy import same
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._model.vpc_endpoints import (
    GATEWAY,
    GATEWAYS,
    GOING,
    INTERFACE,
    LIVE,
    LOST,
    WHOLE,
    VpcEndpoint,
    VpcEndpoints,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

KIND = "VPC endpoint"


def plan(want: VpcEndpoints | None, have: VpcEndpoints | None, params: Mapping[str, Any]) -> Plan:
    have = have or VpcEndpoints(params["name"])
    purge = params["purge_tags"] and params["tags"] is not None
    pairs = _pairs(want, have)
    changes = [
        change for each, there in pairs for change in compare(KIND, each.label, keep_tags(each, there, purge), there)
    ]
    return tuple(sorted([*changes, *_unwanted(have, pairs)], key=_position))


def _position(change: Change) -> int:
    """One that failed holds the service's private name, so it goes before its successor.

    The private name of S3 for resolvers outside needs a gateway: that comes before the interface, and goes after it.
    """
    if change.action == "delete":
        return 0 if change.have.state in LOST else 4 if change.have.type == GATEWAY else 3
    return 1 if change.want.type == GATEWAY else 2


def turn(change: Change) -> Hashable:
    """Endpoints of a type don't need each other."""
    return _position(change)


def _pairs(want: VpcEndpoints | None, have: VpcEndpoints) -> list[tuple[VpcEndpoint, VpcEndpoint | None]]:
    """Each wanted endpoint, whole, beside the one that is there."""
    matched = [(each, _match(each, have)) for each in want.endpoints] if want else []
    _refuse_half(matched)
    return [(_completed(each, there, have), there) for each, there in matched]


def _match(want: VpcEndpoint, have: VpcEndpoints) -> VpcEndpoint | None:
    live = [each for each in have.endpoints if each.key == want.key and each.state in LIVE]
    own = [each for each in live if each.own]
    if own:
        return own[0]
    others = [each for each in live if _in_the_way(want, each)]
    for each in others:
        _refuse_loss(want, each, len(others))
    return others[0] if others else None


def _in_the_way(want: VpcEndpoint, there: VpcEndpoint) -> bool:
    """A route table leads to one gateway endpoint of a service; a VPC has one private name of it."""
    if want.type == GATEWAY:
        return not there.route_table_ids or bool(set(there.route_table_ids) & set(want.route_table_ids))
    return bool(there.private_dns and _private_dns(want))


def _refuse_loss(want: VpcEndpoint, there: VpcEndpoint, many: int) -> None:
    """Another's endpoint is taken over where nobody loses anything by that."""
    place = "route_table_ids" if want.type == GATEWAY else "subnet_ids"
    lost = sorted(set(getattr(there, place)) - set(getattr(want, place)))
    groups = [] if want.security_group_ids is UNSET else want.security_group_ids
    unworn = sorted(set(there.security_group_ids) - set(groups)) if groups else []
    owner = there.tags.get(OWNER)
    if not (owner or lost or unworn or many > 1):
        return
    whose = f"of {owner}" if owner else "another's"
    serves = f" and serves {', '.join(lost)} too" if lost else ""
    wears = f" and wears {', '.join(unworn)} too" if unworn else ""
    raise StackError(
        f"{KIND} {want.label}: {there.id} is there, which is {whose}{serves}{wears}. "
        f"Leave the service out, list all that it serves and wears, or give it the tag {OWNER} to hand it over."
    )


def _refuse_half(matched: Iterable[tuple[VpcEndpoint, VpcEndpoint | None]]) -> None:
    """AWS would take the VPC's default group, which lets in nobody but itself."""
    bare = [e.label for e, there in matched if e.type == INTERFACE and not there and not e.security_group_ids]
    if bare:
        cause = f"is missing, and there is no endpoint {', '.join(bare)} yet"
        remedy = "Name a security group that lets the VPC's addresses in on port 443"
        raise InvalidOptions((Fault("security_groups", None, cause, remedy),))


def _completed(want: VpcEndpoint, there: VpcEndpoint | None, have: VpcEndpoints) -> VpcEndpoint:
    """In the words of what is there where it means the same; a new one says whether it has private names."""
    if there:
        return replace(want, policy=there.policy if same(want.policy, there.policy) else want.policy)
    before = tuple(each.id for each in have.owned() if each.key == want.key and each.state in (*LOST, GOING))
    private = _private_dns(want) if want.type == INTERFACE else UNSET
    return replace(want, private_dns=private, after=before)


def _private_dns(want: VpcEndpoint) -> Any:
    """That of a service with gateways may need one of these beside it, and others' services may have no name."""
    if want.private_dns is not UNSET:
        return want.private_dns
    return not (want.service in GATEWAYS or WHOLE.match(want.service))


def _unwanted(have: VpcEndpoints, pairs: Iterable[tuple[VpcEndpoint, VpcEndpoint | None]]) -> Iterator[Change]:
    kept = {there.id for _, there in pairs if there}
    for each in have.owned():
        if each.id not in kept and each.state in (*LIVE, *LOST):
            yield from compare(KIND, each.label, None, each)


def settled(want: VpcEndpoints, have: VpcEndpoints | None) -> VpcEndpoints:
    """What will be there once the plan is carried out, for the facts of check mode."""
    pairs = _pairs(want, have or VpcEndpoints(want.name))
    return replace(want, endpoints=tuple(replace(settle(each, there), own=True) for each, there in pairs))
