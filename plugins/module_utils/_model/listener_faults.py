# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about listeners and rules, found before AWS is asked anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.action import (
    AUTHENTICATION,
    ROUTING,
    target_group_name,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.condition import BY_REGEX
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault

Params = Mapping[str, Any]
ONE_KIND = f"Give one of {', '.join((*ROUTING, *AUTHENTICATION))}"
ROUTED = f"Give one of {', '.join(ROUTING)}, after {', '.join(AUTHENTICATION)} where that is wanted"


def faults(listeners: Iterable[Params] | None) -> checks.Faults:
    """Every fault of the option ``listeners``."""
    indexed = [(f"listeners[{index}]", listener) for index, listener in enumerate(listeners or ())]
    found = [fault for path, listener in indexed for fault in _listener(path, listener)]
    return (*found, *_unique("port", indexed, "listens for another listener too", "Give each port once"))


def _unique(option: str, indexed: list[tuple[str, Params]], cause: str, remedy: str) -> Iterator[Fault]:
    seen = Counter(each[option] for _, each in indexed)
    for path, each in indexed:
        if seen[each[option]] > 1:
            yield Fault(f"{path}.{option}", each[option], cause, remedy)


def _listener(path: str, listener: Params) -> Iterator[Fault]:
    yield from checks.port(f"{path}.port", listener["port"])
    yield from _security(path, listener)
    yield from _actions(path, "default_actions", listener)
    rules = [(f"{path}.rules[{index}]", rule) for index, rule in enumerate(_rules(listener))]
    for rule_path, rule in rules:
        yield from _rule(rule_path, rule)
    yield from _unique("priority", rules, "is another rule's priority too", "Give each priority once")


def _security(path: str, listener: Params) -> Iterator[Fault]:
    if listener["protocol"] == "HTTPS":
        if listener.get("certificate_arn") is None:
            yield Fault(f"{path}.certificate_arn", None, "is missing with protocol: HTTPS", "Give a certificate's ARN")
        yield from _mutual(f"{path}.mutual_authentication", listener.get("mutual_authentication") or {})
        return
    for option in ("certificate_arn", "additional_certificate_arns", "ssl_policy", "mutual_authentication"):
        if listener.get(option) is not None:
            yield _needs_https(f"{path}.{option}", listener[option])
    actions = [("default_actions", listener), *((f"rules[{n}].actions", r) for n, r in enumerate(_rules(listener)))]
    for option, holder in actions:
        for action in holder.get(option.rpartition(".")[2]) or ():
            if _kind(action) in AUTHENTICATION:
                yield _needs_https(f"{path}.{option}", _kind(action))


def _needs_https(option: str, value: Any) -> Fault:
    return Fault(option, value, "has no meaning with protocol: HTTP", "Give protocol: HTTPS, or leave it out")


def _rules(listener: Params) -> list[Params]:
    return listener.get("rules") or []


def _mutual(path: str, options: Params) -> Iterator[Fault]:
    """Certificates are verified against a trust store; the other options are of no use elsewhere."""
    verified = options.get("mode") == "verify"
    if verified and not options.get("trust_store_arn"):
        yield Fault(f"{path}.trust_store_arn", None, "is missing with mode: verify", "Give a trust store's ARN")
    for option, value in options.items():
        if not verified and option != "mode" and value is not None:
            yield Fault(f"{path}.{option}", value, "has no meaning without mode: verify", "Leave it out")


def _actions(path: str, option: str, holder: Params) -> Iterator[Fault]:
    actions, target_group = holder.get(option), holder.get("target_group")
    if (actions is None) == (target_group is None):
        cause = "is missing" if actions is None else "is given together with target_group"
        yield Fault(f"{path}.{option}", actions, cause, f"Give one of {option} and target_group")
    if actions is not None:
        yield from _sequence(f"{path}.{option}", [_kind(action) for action in actions])
    for index, action in enumerate(actions or ()):
        yield from _action(f"{path}.{option}[{index}]", action)


def _kind(action: Params) -> str | None:
    return next((kind for kind, options in action.items() if options is not None), None)


def _sequence(path: str, kinds: list[str | None]) -> Iterator[Fault]:
    """Who may ask is found out before the request goes somewhere, once each."""
    told = [kind for kind in kinds if kind]
    routed = [kind for kind in told if kind in ROUTING]
    if not kinds or len(routed) > 1 or (told and told[-1:] != routed) or len(set(told)) < len(told):
        yield Fault(path, told, "doesn't end in one action that answers", ROUTED)


def _action(path: str, action: Params) -> Iterator[Fault]:
    kinds = [kind for kind, options in action.items() if options is not None]
    if len(kinds) != 1:
        yield Fault(path, kinds, "is not one action", ONE_KIND)
    login = action.get("authenticate_oidc") or {}
    if login.get("renew_client_secret") and not login.get("client_secret"):
        yield Fault(f"{path}.authenticate_oidc.client_secret", None, "is missing with renew_client_secret", "Give it")
    if action.get("forward") is not None:
        yield from _forward(f"{path}.forward", action["forward"])
    redirect = action.get("redirect")
    if redirect is not None and not any(redirect.get(part) for part in ("protocol", "host", "port", "path")):
        remedy = "Give another protocol, host, port or path"
        yield Fault(f"{path}.redirect", dict(redirect), "leads to the request itself", remedy)
    if action.get("fixed_response") is not None:
        yield from _response(f"{path}.fixed_response", action["fixed_response"])


def _forward(path: str, forward: Params) -> Iterator[Fault]:
    groups = forward.get("target_groups") or ()
    if (forward.get("target_group") is None) == (not groups):
        remedy = "Give either target_group, or target_groups with their weights"
        yield Fault(path, dict(forward), "doesn't say which target group", remedy)
    if len(groups) > 5:
        yield Fault(f"{path}.target_groups", len(groups), "are too many", "Give at most 5: ELB forwards to no more")
    names = [target_group_name(group["target_group"]) for group in groups]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        yield Fault(f"{path}.target_groups", twice, "is given twice", "Give each target group once")
    for index, group in enumerate(groups):
        yield from checks.between(f"{path}.target_groups[{index}].weight", group["weight"], 0, 999)
    yield from checks.between(
        f"{path}.stickiness_duration", forward.get("stickiness_duration"), 0, 604800, "seconds (0 for none)"
    )


def _response(path: str, response: Params) -> Iterator[Fault]:
    status = str(response["status_code"])
    yield from checks.matches(
        f"{path}.status_code", status, r"[245]\d\d", "is no status that ELB answers", "Give one of 2xx, 4xx and 5xx"
    )
    if len(response.get("body") or "") > 1024:
        yield Fault(f"{path}.body", response["body"][:20] + "...", "is too long", "Give at most 1024 characters")


def rule_faults(rule: Params) -> checks.Faults:
    """Every fault of a rule's options, of which some may not be given."""
    found = list(checks.between("priority", rule.get("priority"), 1, 50000))
    if rule.get("actions") is not None or rule.get("target_group") is not None:
        found += _actions("", "actions", rule)
    if rule.get("conditions") is not None:
        found += _conditions("", rule["conditions"])
    return tuple(replace(fault, option=fault.option.removeprefix(".")) for fault in found)


def _rule(path: str, rule: Params) -> Iterator[Fault]:
    yield from checks.between(f"{path}.priority", rule["priority"], 1, 50000)
    yield from _actions(path, "actions", rule)
    yield from _conditions(path, rule["conditions"])


def _conditions(path: str, conditions: list[Params]) -> Iterator[Fault]:
    if not conditions:
        yield Fault(f"{path}.conditions", [], "is empty", "Give a condition, or make it the listener's default action")
    for index, condition in enumerate(conditions):
        yield from _condition(f"{path}.conditions[{index}]", condition)


def _condition(path: str, condition: Params) -> Iterator[Fault]:
    field = condition["field"]
    needed = "query_strings" if field == "query-string" else "values"
    by_regex = bool(condition.get("regex_values"))
    if by_regex and field not in BY_REGEX:
        remedy = f"Give {needed}, or one of {', '.join(BY_REGEX)}"
        yield Fault(f"{path}.regex_values", condition["regex_values"], f"goes not with field: {field}", remedy)
    elif by_regex and condition.get("values"):
        yield Fault(f"{path}.regex_values", condition["regex_values"], "is given together with values", "Give one")
    elif not by_regex and not condition.get(needed):
        yield Fault(f"{path}.{needed}", condition.get(needed), f"is missing with field: {field}", f"Give {needed}")
    if field == "http-header" and not condition.get("http_header_name"):
        remedy = "Name the header that is looked at"
        yield Fault(f"{path}.http_header_name", None, "is missing with field: http-header", remedy)
