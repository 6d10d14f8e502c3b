# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a load balancer, its listeners and their rules.

Listeners are matched by port and rules by priority, so both keep their ARNs whatever else changes. What is new is made
first, and what goes is removed last: traffic is moved when its new way is there, before the old one is taken down.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.action import with_oidc
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener import (
    Listener,
    Rule,
    completed_mutual,
    listener_name,
    listener_of,
    rule_name,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.load_balancer import (
    DELETING,
    FIXED,
    LoadBalancer,
    created,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.load_balancer_logs import lacking
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, pair, settle

KIND = "load balancer"
LISTENER = "listener"
RULE = "rule"
ORDER = ("create", "update", "delete")
BY_PORT, BY_PRIORITY = attrgetter("port"), attrgetter("priority")


def plan(want: LoadBalancer | None, have: LoadBalancer | None, params: Mapping[str, Any]) -> Plan:
    have = None if have is None or have.state == DELETING else have
    if want is None:
        return _absent(have, params) if have else ()
    purge = params["purge_tags"]
    whole = keep_tags(want, have, purge) if have else created(want)
    if wrong := lacking(whole.settings(), have.settings() if have else {}):
        raise InvalidOptions(wrong)
    changes = compare(KIND, want.name, whole, have, immutable=FIXED)
    return (*changes, *_listeners(want, have, purge_tags=purge))


def _absent(have: LoadBalancer, params: Mapping[str, Any]) -> Plan:
    """ELB refuses to delete a protected load balancer. Protection is lifted on the way when that is asked for."""
    if have.deletion_protection and params["deletion_protection"] is not False:
        raise StackError(
            f"{KIND} {have.name}: deletion_protection is on, so it can't be deleted. "
            "Give deletion_protection: false with state: absent to lift it and delete."
        )
    return compare(KIND, have.name, None, have)


def _listeners(want: LoadBalancer, have: LoadBalancer | None, *, purge_tags: bool) -> Plan:
    changes = [
        change
        for listener in _paired(want.listeners, have.listeners if have else (), BY_PORT, purge=want.purge_listeners)
        for change in _listener(want.name, *listener, purge_tags=purge_tags)
    ]
    return _in_order(changes)


def _paired(
    wants: Any, haves: Iterable[Any], key: Callable[[Any], Hashable], *, purge: bool
) -> list[tuple[Any, Any | None]]:
    """Those that are wanted and those that are there side by side; nothing where nothing is said of them."""
    if wants is UNSET:
        return []
    return [(want, have) for want, have in pair(wants, haves, key) if want or purge]


def _listener(balancer: str, want: Listener | None, have: Listener | None, *, purge_tags: bool) -> Plan:
    """A listener that goes takes its rules with it."""
    if want is None:
        return compare(LISTENER, listener_name(have.port, balancer), None, have) if have else ()
    name = listener_name(want.port, balancer)
    refuse_without_secret(LISTENER, name, want.default_actions, have and have.default_actions, want.client_secret)
    whole = keep_tags(_with_mutual(want, have), have, purge_tags)
    changes = compare(LISTENER, name, whole, _as_asked(want, have))
    rules = _paired(want.rules, (have.rules or ()) if have else (), BY_PRIORITY, purge=want.purge_rules)
    return (*changes, *(change for rule in rules for change in _rule(name, *rule, purge_tags=purge_tags)))


def _with_mutual(want: Listener, have: Listener | None) -> Listener:
    """What isn't given of it stays as it is, or is as AWS has it by default."""
    if want.mutual_authentication is UNSET:
        return want
    there = have.mutual_authentication if have else None
    return replace(want, mutual_authentication=completed_mutual(want.mutual_authentication, there or {}))


def _as_asked(want: Listener, have: Listener | None) -> Listener | None:
    """Of the attributes that are there, those that are wanted: the others stay what they are."""
    if have is None or want.attributes is UNSET:
        return have
    return replace(have, attributes={option: have.attributes.get(option) for option in want.attributes})


def _rule(listener: str, want: Rule | None, have: Rule | None, *, purge_tags: bool) -> Plan:
    if want is None:
        return compare(RULE, rule_name(have.priority, listener), None, have) if have else ()
    name = rule_name(want.priority, listener)
    refuse_without_secret(RULE, name, want.actions, have and have.actions, want.client_secret)
    return compare(RULE, name, keep_tags(want, have, purge_tags), have)


def refuse_without_secret(kind: str, name: str, wanted: Any, there: Any, secret: str | None) -> None:
    """StackError where a login lacks its secret. ELB keeps the one that an action of the kind has given it."""
    if with_oidc(wanted) and not with_oidc(there) and not secret:
        raise StackError(
            f"{kind} {name}: authenticate_oidc.client_secret is missing, and there is no such action yet "
            "that has one. Give client_secret."
        )


def _in_order(changes: Iterable[Change]) -> Plan:
    """What traffic is moved to comes first: a listener may redirect to one that is new."""
    changes = tuple(changes)
    new, changed, gone = (tuple(each for each in changes if each.action == action) for action in ORDER)
    return (*new, *_without_gaps(changed), *gone)


def _without_gaps(updates: Sequence[Change]) -> Iterator[Change]:
    """A rule is overwritten once the requests that it takes are taken elsewhere, as far as that can be."""
    left = list(updates)
    while left:
        safe = (each for each in left if not any(_takes_over(other, each) for other in left))
        chosen = next(safe, left[0])
        left.remove(chosen)
        yield chosen


def _takes_over(change: Change, other: Change) -> bool:
    """Whether ``change`` gives its rule the conditions that ``other`` takes from another rule of the listener."""
    if change is other or RULE not in (change.kind, other.kind) or change.kind != other.kind:
        return False
    same_listener = listener_of(change.name) == listener_of(other.name)
    return same_listener and "conditions" in change.after and change.want.conditions == other.have.conditions


def settled(want: LoadBalancer, have: LoadBalancer | None) -> LoadBalancer:
    """The load balancer as it will be, with the listeners and rules as they will be."""
    have = None if have is None or have.state == DELETING else have
    whole = settle(want if have else created(want), have)
    there = have.listeners if have else ()
    return replace(whole, listeners=_settled(want.listeners, there, BY_PORT, _settled_listener, want.purge_listeners))


def _settled_listener(want: Listener, have: Listener | None) -> Listener:
    whole = settle(_with_mutual(want, have), have)
    if have and have.attributes and want.attributes:
        whole = replace(whole, attributes={**have.attributes, **want.attributes})
    there = have.rules if have else UNSET
    return replace(whole, rules=_settled(want.rules, there, BY_PRIORITY, settled_rule, want.purge_rules))


def settled_rule(want: Rule, have: Rule | None) -> Rule:
    """A new rule rewrites nothing unless that is asked for."""
    whole = settle(want, have)
    return replace(whole, transforms={}) if whole.transforms is UNSET else whole


def _settled(
    wants: Any, haves: Any, key: Callable[[Any], Any], settle_one: Callable[[Any, Any], Any], purge: bool
) -> Any:
    """The children that will be there, in their order: those that are wanted, and those that nothing removes."""
    if wants is UNSET:
        return haves
    pairs = pair(wants, haves or (), key)
    left = [settle_one(want, have) if want else have for want, have in pairs if want or not purge]
    return tuple(sorted(left, key=key))
