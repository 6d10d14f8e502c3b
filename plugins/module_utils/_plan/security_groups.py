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
        yield from _rules(_named(group, have), known)


def _rules(group: SecurityGroup, known: SecurityGroup | None) -> Iterator[Change]:
    for direction in DIRECTIONS:
        wants = getattr(group, direction)
        if wants is not UNSET:
            haves = getattr(known, direction) if known else ()
            for rule, there in pair(wants, haves, _key):
                yield from compare("rule", rule.label if rule else there.label if there else "", rule, there)


def _key(rule: Rule) -> tuple[Any, ...]:
    return rule.key


def _named(group: SecurityGroup, have: SecurityGroups) -> SecurityGroup:
    """``group`` with names for the ids, in its rules, of groups that are managed here."""
    names = {each.id: each.name for each in have.groups}

    def named(rules: Any) -> Any:
        return UNSET if rules is UNSET else tuple(replace(r, group=names.get(r.group, r.group)) for r in rules)

    return replace(group, ingress=named(group.ingress), egress=named(group.egress))


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
    return replace(want, groups=tuple(_settled(_named(group, have), there.get(group.name)) for group in want.groups))


def _settled(group: SecurityGroup, known: SecurityGroup | None) -> SecurityGroup:
    ingress, egress = (_settled_rules(getattr(group, each), getattr(known, each, NEW[each])) for each in DIRECTIONS)
    return replace(settle(group, known), ingress=ingress, egress=egress)


def _settled_rules(wants: Any, haves: Any) -> Any:
    if wants is UNSET:
        return haves
    return tuple(settle(rule, there) for rule, there in pair(wants, haves or (), _key) if rule)
