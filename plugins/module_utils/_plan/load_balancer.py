# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a load balancer, its listeners and their rules.

Listeners are matched by port and rules by priority, so both keep their ARNs whatever else changes. What is removed is
removed last: traffic is moved before its old way is taken down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener import (
    Listener,
    Rule,
    listener_name,
    rule_name,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.load_balancer import (
    DELETING,
    LoadBalancer,
    created,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, pair, settle

KIND = "load balancer"
LISTENER = "listener"
RULE = "rule"


def plan(want: LoadBalancer | None, have: LoadBalancer | None, params: Mapping[str, Any]) -> Plan:
    have = None if have is None or have.state == DELETING else have
    if want is None:
        return _absent(have, params) if have else ()
    purge = params["purge_tags"]
    whole = keep_tags(want, have, purge) if have else created(want)
    changes = compare(KIND, want.name, whole, have, immutable=("scheme",))
    if want.listeners is UNSET:
        return changes
    return (*changes, *_listeners(want.name, want.listeners, have.listeners if have else (), purge))


def _absent(have: LoadBalancer, params: Mapping[str, Any]) -> Plan:
    """ELB refuses to delete a protected load balancer. Protection is lifted on the way when that is asked for."""
    if have.deletion_protection and params["deletion_protection"] is not False:
        raise StackError(
            f"{KIND} {have.name}: deletion_protection is on, so it can't be deleted. "
            "Give deletion_protection: false with state: absent to lift it and delete."
        )
    return compare(KIND, have.name, None, have)


def _listeners(balancer: str, wants: Iterable[Listener], haves: Iterable[Listener], purge: bool) -> Plan:
    changes = [
        change
        for want, have in pair(wants, haves, key=lambda listener: listener.port)
        for change in _listener(balancer, want, have, purge)
    ]
    return _removals_last(changes)


def _listener(balancer: str, want: Listener | None, have: Listener | None, purge: bool) -> Plan:
    """A listener that goes takes its rules with it."""
    port = want.port if want else have.port if have else 0
    name = listener_name(port, balancer)
    if want is None:
        return compare(LISTENER, name, None, have)
    changes = compare(LISTENER, name, keep_tags(want, have, purge), have)
    if want.rules is UNSET:
        return changes
    pairs = pair(want.rules, have.rules if have else (), key=lambda rule: rule.priority)
    return (*changes, *(change for rule in pairs for change in _rule(name, *rule)))


def _rule(listener: str, want: Rule | None, have: Rule | None) -> Plan:
    priority = want.priority if want else have.priority if have else 0
    return compare(RULE, rule_name(priority, listener), want, have)


def _removals_last(changes: Iterable[Any]) -> Plan:
    return tuple(sorted(changes, key=lambda change: change.action == "delete"))


def settled(want: LoadBalancer, have: LoadBalancer | None) -> LoadBalancer:
    """The load balancer as it will be, with the listeners and rules as they will be."""
    have = None if have is None or have.state == DELETING else have
    whole = settle(want if have else created(want), have)
    there = have.listeners if have else ()
    if want.listeners is UNSET:
        return replace(whole, listeners=there)
    pairs = pair(want.listeners, there, key=lambda listener: listener.port)
    return replace(whole, listeners=tuple(_settled_listener(want, have) for want, have in pairs if want))


def _settled_listener(want: Listener, have: Listener | None) -> Listener:
    whole = settle(want, have)
    if want.rules is UNSET:
        return replace(whole, rules=have.rules if have else UNSET)
    there = have.rules if have else ()
    pairs = pair(want.rules, there, key=lambda rule: rule.priority)
    return replace(whole, rules=tuple(settle(want, have) for want, have in pairs if want))
