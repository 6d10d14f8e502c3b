# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a request must meet for a rule to take it.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Condition = dict[str, Any]

# A condition's field -> the member of RuleCondition that holds its values.
CONFIGS = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
BY_REGEX = ("host-header", "path-pattern", "http-header")

CONDITION_OPTIONS: dict[str, Any] = {
    "field": {"required": True, "choices": list(CONFIGS)},
    "values": {"type": "list", "elements": "str"},
    "regex_values": {"type": "list", "elements": "str"},
    "http_header_name": {},
    "query_strings": {
        "type": "list",
        "elements": "dict",
        "options": {"key": {"no_log": False}, "value": {"required": True}},
    },
}


def from_params(conditions: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return _in_order(
        _normal(
            each["field"],
            each.get("values") or (),
            each.get("regex_values") or (),
            each.get("http_header_name"),
            each.get("query_strings") or (),
        )
        for each in conditions
    )


def from_api(conditions: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return _in_order(_from_api(condition) for condition in conditions)


def _in_order(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """A rule's conditions must all be met, in no order; neither have a condition's values one."""
    return tuple(sorted(conditions, key=lambda condition: (condition["field"], str(condition))))


def _from_api(condition: Mapping[str, Any]) -> Condition:
    """ELB tells a single host or path twice, as Values and in the field's own member."""
    field = condition["Field"]
    config = condition.get(CONFIGS[field]) or {}
    values = config.get("Values") or condition.get("Values") or ()
    if field == "query-string":
        pairs = [{"key": pair.get("Key"), "value": pair["Value"]} for pair in values]
        return _normal(field, (), (), None, pairs)
    expressions = config.get("RegexValues") or condition.get("RegexValues") or ()
    return _normal(field, () if expressions else values, expressions, config.get("HttpHeaderName"), ())


def _normal(
    field: str,
    values: Iterable[str],
    expressions: Iterable[str],
    header: str | None,
    query_strings: Iterable[Mapping[str, Any]],
) -> Condition:
    """Hosts and header names are compared without regard to case."""
    normal: Condition = {"field": field}
    if field == "query-string":
        pairs = [{key: value for key, value in pair.items() if value is not None} for pair in query_strings]
        return {**normal, "query_strings": sorted(pairs, key=str)}
    if header:
        normal["http_header_name"] = header.lower()
    if expressions:
        return {**normal, "regex_values": sorted(expressions)}
    return {**normal, "values": sorted(value.lower() if field == "host-header" else value for value in values)}


def to_api(conditions: Iterable[Condition]) -> list[dict[str, Any]]:
    """For CreateRule and ModifyRule."""
    return [{"Field": each["field"], CONFIGS[each["field"]]: _config_to_api(each)} for each in conditions]


def _config_to_api(condition: Condition) -> dict[str, Any]:
    if condition["field"] == "query-string":
        pairs = condition["query_strings"]
        return {"Values": [{key.capitalize(): value for key, value in pair.items()} for pair in pairs]}
    header = condition.get("http_header_name")
    named = {"HttpHeaderName": header} if header else {}
    if "regex_values" in condition:
        return {**named, "RegexValues": condition["regex_values"]}
    return {**named, "Values": condition["values"]}
