"""A listener's rules as HAProxy's: which one a request matches, and what is done then. Pure: worlds in, text out.

A request first gets the number of the rule it matches (rules are tried by priority, as ELB does), then that rule's
actions.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local_region.plane.docker.services import CONFIG
from local_region.world import Listener, TargetGroup

DEFAULT_RULE = 0
# A transform's type -> HAProxy's action, and the member of the transform that says more.
REWRITTEN = {
    "host-header-rewrite": ("replace-header Host", "HostHeaderRewriteConfig"),
    "url-rewrite": ("replace-pathq", "UrlRewriteConfig"),
}


def quoted(text: str) -> str:
    """A word of HAProxy's configuration, whatever it holds."""
    return "'" + text.replace("'", "'\\''") + "'"


def body_file(content: str) -> str:
    """The name of the file that holds a fixed response's body."""
    return "body-" + hashlib.sha256(content.encode()).hexdigest()[:16]


def actions(listener: Listener) -> Iterator[Mapping[str, Any]]:
    """Those of all its rules."""
    yield from listener.default_actions
    for rule in listener.rules:
        of_rule: Any = rule["Actions"]
        yield from of_rule


def weights(action: Mapping[str, Any]) -> dict[str, int]:
    """Target group ARN -> weight of a forward action, in whichever of its two shapes."""
    config = action.get("ForwardConfig") or {}
    groups = {g["TargetGroupArn"]: int(g.get("Weight", 1) or 0) for g in config.get("TargetGroups") or ()}
    return groups or {str(action["TargetGroupArn"]): 1}


# --- Conditions


def _regex(pattern: str, anything: str = ".") -> str:
    """ELB's patterns know * and ?; everything else stands for itself."""
    return re.escape(pattern).replace(r"\*", f"{anything}*").replace(r"\?", anything)


def _whole(pattern: str, ignore_case: bool = False) -> str:
    return f"-m reg {'-i ' if ignore_case else ''}{quoted(f'^{_regex(pattern)}$')}"


def _query_match(item: Mapping[str, str]) -> str:
    """A key and a value, or any key with that value; neither minds upper and lower case."""
    key = _regex(item["Key"], "[^&=]") if item.get("Key") else "[^&=]*"
    value = _regex(item["Value"], "[^&]")
    return f"query -m reg -i {quoted(f'(^|&){key}={value}(&|$)')}"


def _subject(field: str, config: Mapping[str, Any]) -> str:
    """What of a request a pattern is compared with."""
    if field == "http-header":
        return f"req.fhdr({config['HttpHeaderName']})"
    return {"path-pattern": "path", "host-header": "req.hdr(host),field(1,:)"}[field]


def _alternatives(condition: Mapping[str, Any]) -> list[str]:
    """The ACL expressions of a condition, one of which must hold."""
    name = condition["Field"]
    config = condition.get("".join(part.capitalize() for part in name.split("-")) + "Config") or {}
    expressions: Sequence[str] = config.get("RegexValues") or condition.get("RegexValues") or ()
    if expressions:
        return [f"{_subject(name, config)} -m reg {quoted(each)}" for each in expressions]
    values: Sequence[Any] = config.get("Values") or condition.get("Values") or ()
    if name == "path-pattern":
        return [f"{_subject(name, config)} {_whole(value)}" for value in values]
    if name in {"host-header", "http-header"}:
        return [f"{_subject(name, config)} {_whole(value, ignore_case=True)}" for value in values]
    if name == "http-request-method":
        return [f"method {quoted(value)}" for value in values]
    if name == "query-string":
        return [_query_match(value) for value in values]
    if name == "source-ip":
        return [f"src {value}" for value in values]
    raise ValueError(f"condition {name} is unknown to ELB")


def match_lines(listener: Listener) -> Iterator[str]:
    """Set txn.rule to the number of the first rule whose conditions all hold; named ACLs of one name are
    alternatives."""
    for number, rule in enumerate(listener.rules, 1):
        conditions: Any = rule["Conditions"]
        names = []
        for position, condition in enumerate(conditions):
            name = f"rule{number}_{position}"
            names.append(name)
            for expression in _alternatives(condition):
                yield f"acl {name} {expression}"
        yield f"http-request set-var(txn.rule) int({number}) if !{{ var(txn.rule) -m found }} {' '.join(names)}"
    yield f"http-request set-var(txn.rule) int({DEFAULT_RULE}) if !{{ var(txn.rule) -m found }}"


# --- Actions


def _fixed_response(config: Mapping[str, Any], when: str) -> str:
    answer = f"http-request return status {config['StatusCode']}"
    if body := str(config.get("MessageBody") or ""):
        answer += f" content-type {quoted(config.get('ContentType') or 'text/plain')} file {CONFIG}/{body_file(body)}"
    return f"{answer} if {when}"


def _redirect(config: Mapping[str, Any], listener: Listener, when: str) -> Iterator[str]:
    """ELB's #{placeholders} become HAProxy's fetches. As AWS, the location always tells the port, and a query only
    where there is one."""
    fetches = {
        "#{protocol}": listener.protocol.lower(),
        "#{port}": str(listener.port),
        "#{host}": "%[req.hdr(host),field(1,:)]",
        "#{path}": "%[path,regsub(^/,)]",
        "#{query}": "%[query]",
    }

    def filled(field: str, default: str) -> str:
        given = config.get(field)
        parts = re.split(r"(#\{\w+\})", str(default if given is None else given).replace("%", "%%"))
        return "".join(fetches.get(part, part) for part in parts)

    protocol, query = filled("Protocol", "#{protocol}").lower(), filled("Query", "#{query}")
    code = str(config["StatusCode"]).removeprefix("HTTP_")
    location = f"{protocol}://{filled('Host', '#{host}')}:{filled('Port', '#{port}')}{filled('Path', '/#{path}')}"
    redirect = f"http-request redirect code {code} location"
    if query == fetches["#{query}"]:
        yield f"{redirect} {quoted(f'{location}?{query}')} if {when} {{ query -m len gt 0 }}"
        query = ""
    yield f"{redirect} {quoted(f'{location}?{query}' if query else location)} if {when}"


def backends(group: TargetGroup) -> tuple[str, str]:
    """The names of a target group's two backends: of checked servers, and of the same ones unchecked."""
    return f"tg_{group.name}", f"tg_{group.name}_open"


def _forward(action: Mapping[str, Any], groups: Mapping[str, TargetGroup], when: str) -> Iterator[str]:
    """One draw a request decides between weighted groups. A group with too few healthy targets fails open."""
    shares = [(groups[arn], weight) for arn, weight in weights(action).items() if arn in groups and weight]
    total = sum(weight for _, weight in shares)
    if len(shares) > 1:
        yield f"http-request set-var(txn.draw) rand({total}) if {when}"
    passed = 0
    for group, weight in shares:
        passed += weight
        share = f" {{ var(txn.draw) -m int lt {passed} }}" if passed < total else ""
        checked, fail_open = backends(group)
        yield f"use_backend {fail_open} if {when}{share} {{ nbsrv({checked}) lt {group.routing_minimum} }}"
        yield f"use_backend {checked} if {when}{share}"


def _rewrites(transforms: Sequence[Mapping[str, Any]], when: str) -> Iterator[str]:
    """ELB's groups are $1 and so on, HAProxy's \\1. A URL is rewritten with its query."""
    for transform in transforms:
        what, config = REWRITTEN[transform["Type"]]
        for rewrite in transform[config]["Rewrites"]:
            replacement = re.sub(r"\$(\d)", r"\\\1", rewrite["Replace"].replace("%", "%%"))
            yield f"http-request {what} {quoted(rewrite['Regex'])} {quoted(replacement)} if {when}"


def action_lines(listener: Listener, groups: Mapping[str, TargetGroup]) -> Iterator[str]:
    """What is done with a request whose rule is known."""
    rules: list[tuple[int, Any]] = [(n, rule["Actions"]) for n, rule in enumerate(listener.rules, 1)]
    for number, rule in enumerate(listener.rules, 1):
        transforms: Any = rule.get("Transforms") or ()
        yield from _rewrites(transforms, f"{{ var(txn.rule) -m int {number} }}")
    for number, of_rule in [*rules, (DEFAULT_RULE, listener.default_actions)]:
        when = f"{{ var(txn.rule) -m int {number} }}"
        for action in of_rule:
            if action["Type"] == "fixed-response":
                yield _fixed_response(action["FixedResponseConfig"], when)
            elif action["Type"] == "redirect":
                yield from _redirect(action["RedirectConfig"], listener, when)
            elif action["Type"] == "forward":
                yield from _forward(action, groups, when)
            else:
                raise ValueError(f"action {action['Type']} of {listener.arn} is not supported by the local region")
