# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a list of security groups: every rule is a change of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change, Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.security_groups import (
    DIRECTIONS,
    Rule,
    SecurityGroup,
    SecurityGroups,
    named,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, pair, settle

KIND = "security group"

# Groups before the rules that name them; what is let in anew before what is let in no more.
ORDER = [
    (KIND, "create"),
    (KIND, "update"),
    ("rule", "create"),
    ("rule", "update"),
    ("rule", "delete"),
    (KIND, "delete"),
]


# The rules of a new group for which none are given: AWS lets nothing in, and out what its VPC allows.
NEW = {"ingress": (), "egress": UNSET}


def plan(want: SecurityGroups | None, have: SecurityGroups | None, params: Mapping[str, Any]) -> Plan:
    have = have or SecurityGroups()
    changes = _teardown(have) if want is None else _changes(want, have, params["purge_tags"])
    return tuple(sorted(changes, key=lambda change: ORDER.index((change.kind, change.action))))


def _changes(want: SecurityGroups, have: SecurityGroups, purge: bool) -> Iterator[Change]:
    there = {group.name: group for group in have.groups}
    for group in want.groups:
        known = there.get(group.name)
        yield from compare(KIND, group.name, keep_tags(group, known, purge), known, immutable={"description"})
        yield from _rules(_named(group, have), known, purge=want.purge_rules)


def _rules(group: SecurityGroup, known: SecurityGroup | None, *, purge: bool) -> Iterator[Change]:
    for direction in DIRECTIONS:
        wants = getattr(group, direction)
        if wants is not UNSET:
            haves = getattr(known, direction) if known else ()
            for rule, there in pair(wants, haves, _key):
                if rule or purge:
                    yield from compare("rule", rule.label if rule else there.label if there else "", rule, there)


def _key(rule: Rule) -> tuple[Any, ...]:
    return rule.key


def _named(group: SecurityGroup, have: SecurityGroups) -> SecurityGroup:
    return named(group, {each.id: each.name for each in have.groups})


def _teardown(have: SecurityGroups) -> Iterator[Change]:
    """AWS deletes no group that another one's rule names, so those go first; a group's other rules go with it."""
    names = {group.name for group in have.groups}
    for group in have.groups:
        rules: tuple[Rule, ...] = (*group.ingress, *group.egress)
        for rule in rules:
            if rule.group in names - {group.name}:
                yield from compare("rule", rule.label, None, rule)
        yield from compare(KIND, group.name, None, group)


def settled(want: SecurityGroups, have: SecurityGroups | None) -> SecurityGroups:
    """What will be there once the plan is carried out, for the facts of check mode."""
    have = have or SecurityGroups()
    there = {group.name: group for group in have.groups}
    purge = want.purge_rules
    groups = (_settled(_named(group, have), there.get(group.name), purge=purge) for group in want.groups)
    return replace(want, groups=tuple(groups))


def _settled(group: SecurityGroup, known: SecurityGroup | None, *, purge: bool) -> SecurityGroup:
    rules = {each: (getattr(group, each), getattr(known, each, NEW[each])) for each in DIRECTIONS}
    return replace(settle(group, known), **{each: _settled_rules(*both, purge=purge) for each, both in rules.items()})


def _settled_rules(wants: Any, haves: Any, *, purge: bool) -> Any:
    if wants is UNSET:
        return haves
    pairs = pair(wants, haves or (), _key)
    return tuple(settle(rule, there) if rule else there for rule, there in pairs if rule or not purge)
