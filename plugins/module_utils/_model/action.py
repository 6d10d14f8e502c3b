# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a listener or a rule does with a request.

An action is a mapping with one key: ``authenticate_oidc``, ``authenticate_cognito`` or ``jwt_validation``, which come
first, or ``forward``, ``redirect`` or ``fixed_response``, one of which comes last. What ELB fills in where nothing is
said is left out of it. Target groups stand in it by name: a name is unique in account and region, and a group that is
replaced has its traffic moved with it, so equal names are equal groups, and a plan can be made before a target group
exists.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import structure
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import (
    Member,
    Structure,
    many,
    number,
    spec,
    text,
    words,
)

Action = dict[str, Any]

# What ELB fills in where a redirect doesn't say otherwise: the part of the request that was made.
REDIRECT_DEFAULTS = {
    "protocol": "#{protocol}",
    "host": "#{host}",
    "port": "#{port}",
    "path": "/#{path}",
    "query": "#{query}",
}
RESPONSE_DEFAULTS = {"content_type": "text/plain", "body": ""}
SESSION_DEFAULTS = {
    "session_cookie_name": "AWSELBAuthSessionCookie",
    "scope": "openid",
    "session_timeout": 604800,
    "on_unauthenticated_request": "authenticate",
}
CONTENT_TYPES = ["text/plain", "text/css", "text/html", "application/javascript", "application/json"]
RENEWED = "(renewed)"  # stands for a client secret that is sent although nothing tells whether it differs

SESSION: Structure = {
    "session_cookie_name": text("SessionCookieName"),
    "scope": text("Scope"),
    "session_timeout": number("SessionTimeout"),
    "extra_params": Member("AuthenticationRequestExtraParams", {"type": "dict"}),
    "on_unauthenticated_request": text("OnUnauthenticatedRequest", "deny", "allow", "authenticate"),
}
OIDC: Structure = {
    "issuer": text("Issuer", required=True),
    "authorization_endpoint": text("AuthorizationEndpoint", required=True),
    "token_endpoint": text("TokenEndpoint", required=True, no_log=False),
    "user_info_endpoint": text("UserInfoEndpoint", required=True),
    "client_id": text("ClientId", required=True),
    **SESSION,
}
COGNITO: Structure = {
    "user_pool_arn": text("UserPoolArn", required=True),
    "user_pool_client_id": text("UserPoolClientId", required=True),
    "user_pool_domain": text("UserPoolDomain", required=True),
    **SESSION,
}
CLAIM: Structure = {
    "name": text("Name", required=True),
    "format": text("Format", "single-string", "string-array", "space-separated-values", required=True),
    "values": words("Values", required=True),
}
JWT: Structure = {
    "jwks_endpoint": text("JwksEndpoint", required=True),
    "issuer": text("Issuer", required=True),
    "additional_claims": many("AdditionalClaims", CLAIM, ordered=False),
}
# Kind -> the API's type, the member that says more, the structure there, and what ELB fills in.
AUTHENTICATION: dict[str, tuple[str, str, Structure, Mapping[str, Any]]] = {
    "authenticate_oidc": ("authenticate-oidc", "AuthenticateOidcConfig", OIDC, SESSION_DEFAULTS),
    "authenticate_cognito": ("authenticate-cognito", "AuthenticateCognitoConfig", COGNITO, SESSION_DEFAULTS),
    "jwt_validation": ("jwt-validation", "JwtValidationConfig", JWT, {"additional_claims": []}),
}
ROUTING = ("forward", "redirect", "fixed_response")

ACTION_OPTIONS: dict[str, Any] = {
    **{kind: {"type": "dict", "options": spec(members)} for kind, (_, _, members, _) in AUTHENTICATION.items()},
    "authenticate_oidc": {
        "type": "dict",
        "options": {**spec(OIDC), "client_secret": {"no_log": True}, "renew_client_secret": {"type": "bool"}},
    },
    "forward": {
        "type": "dict",
        "options": {
            "target_group": {},
            "target_groups": {
                "type": "list",
                "elements": "dict",
                "options": {"target_group": {"required": True}, "weight": {"type": "int", "default": 1}},
            },
            "stickiness_duration": {"type": "int"},
        },
    },
    "redirect": {
        "type": "dict",
        "options": {
            "protocol": {"choices": ["HTTP", "HTTPS"]},
            "host": {},
            "port": {},
            "path": {},
            "query": {},
            "status_code": {"type": "int", "choices": [301, 302], "default": 301},
        },
    },
    "fixed_response": {
        "type": "dict",
        "options": {
            "status_code": {"type": "int", "required": True},
            "content_type": {"choices": CONTENT_TYPES},
            "body": {},
        },
    },
}


def target_group_name(name_or_arn: str) -> str:
    """arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID -> NAME; a name stays as it is."""
    return name_or_arn.split("/")[1] if name_or_arn.startswith("arn:") else name_or_arn


def given_target_groups(options: Any) -> dict[str, str]:
    """The target groups that a module's listeners, however deep in them, name by ARN: name -> ARN."""
    if isinstance(options, str):
        return {target_group_name(options): options} if ":targetgroup/" in options else {}
    within = options.values() if isinstance(options, Mapping) else options if isinstance(options, list) else ()
    return {name: arn for each in within for name, arn in given_target_groups(each).items()}


def target_groups(actions: Iterable[Action]) -> set[str]:
    """The names of the target groups that ``actions`` forward to."""
    forwards = [action["forward"] for action in actions if "forward" in action]
    single = {forward["target_group"] for forward in forwards if "target_group" in forward}
    return single | {group["target_group"] for forward in forwards for group in forward.get("target_groups", ())}


def shared(actions: Iterable[Action], old: str, new: str) -> tuple[Action, ...]:
    """``actions`` with the target group ``new`` beside ``old``, for no request yet: ELB checks the targets of a group
    that an action names, whatever its weight."""
    return _reweighted(actions, old, lambda weights: {old: weights[old], new: weights.get(new, 0)})


def moved(actions: Iterable[Action], old: str, new: str) -> tuple[Action, ...]:
    """``actions`` with the target group ``new`` in the place of ``old``."""
    return _reweighted(actions, old, lambda weights: {new: weights[old] + weights.get(new, 0)})


def _reweighted(
    actions: Iterable[Action], group: str, instead: Callable[[Mapping[str, int]], Mapping[str, int]]
) -> tuple[Action, ...]:
    return tuple(
        {"forward": _with_weights(action["forward"], group, instead)} if group in target_groups([action]) else action
        for action in actions
    )


def _with_weights(
    forward: Mapping[str, Any], group: str, instead: Callable[[Mapping[str, int]], Mapping[str, int]]
) -> dict[str, Any]:
    groups = forward.get("target_groups") or [{"target_group": forward["target_group"], "weight": 1}]
    weights = {each["target_group"]: each["weight"] for each in groups}
    others = {name: weight for name, weight in weights.items() if name != group}
    forwarded: dict[str, Any] = _forward({**others, **instead(weights)}, forward.get("stickiness_duration"))
    return dict(forwarded["forward"])


def client_secret(actions: Iterable[Mapping[str, Any]] | None) -> str | None:
    """The secret that the options of ``actions`` give."""
    oidc = (action.get("authenticate_oidc") for action in actions or ())
    return next((each["client_secret"] for each in oidc if each and each.get("client_secret")), None)


def with_oidc(actions: Any) -> bool:
    return any("authenticate_oidc" in action for action in actions or ())


def from_params(actions: Iterable[Mapping[str, Any]] | None, target_group: str | None) -> tuple[Action, ...]:
    """The options default_actions or actions, or target_group in short for forwarding to one target group."""
    if target_group is not None:
        return (_forward({target_group_name(target_group): 1}, None),)
    return tuple(_from_params(action) for action in actions or ())


def _from_params(action: Mapping[str, Any]) -> Action:
    kind, options = next((kind, options) for kind, options in action.items() if options is not None)
    if kind in AUTHENTICATION:
        _, _, members, defaults = AUTHENTICATION[kind]
        renewed = {"client_secret": RENEWED} if options.get("renew_client_secret") else {}
        wanted = _without_defaults(structure.given(members, options), defaults)
        if "extra_params" in wanted:
            wanted["extra_params"] = {str(key): str(value) for key, value in wanted["extra_params"].items()}
        return {kind: {**wanted, **renewed}}
    if kind == "redirect":
        return {kind: _without_defaults(options, REDIRECT_DEFAULTS)}
    if kind == "fixed_response":
        return {kind: _without_defaults(options, RESPONSE_DEFAULTS)}
    weights = {target_group_name(each["target_group"]): each["weight"] for each in options.get("target_groups") or ()}
    if options.get("target_group") is not None:
        weights = {target_group_name(options["target_group"]): 1}
    return _forward(weights, options.get("stickiness_duration"))


def _forward(weights: Mapping[str, int], stickiness: int | None) -> Action:
    """The weight of a single target group has no meaning."""
    if len(weights) == 1 and not stickiness:
        return {"forward": {"target_group": next(iter(weights))}}
    groups = [{"target_group": name, "weight": weight} for name, weight in sorted(weights.items())]
    return {"forward": {"target_groups": groups, **({"stickiness_duration": stickiness} if stickiness else {})}}


def _without_defaults(options: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None and value != defaults.get(name)}


def from_api(actions: Iterable[Mapping[str, Any]]) -> tuple[Action, ...]:
    """In the order they are performed. ELB leaves Order out where there is one action."""
    return tuple(_from_api(action) for action in sorted(actions, key=lambda action: action.get("Order") or 0))


def _from_api(action: Mapping[str, Any]) -> Action:
    for kind, (api_type, config, members, defaults) in AUTHENTICATION.items():
        if action["Type"] == api_type:
            return {kind: _without_defaults(structure.from_api(members, action[config]), defaults)}
    if action["Type"] == "redirect":
        return {"redirect": _redirect_from_api(action["RedirectConfig"])}
    if action["Type"] == "fixed-response":
        return {"fixed_response": _response_from_api(action["FixedResponseConfig"])}
    if action["Type"] == "forward":
        return _forward_from_api(action)
    return {action["Type"].replace("-", "_"): {}}  # of a newer API: shown by its name, so that it is a difference


def _redirect_from_api(config: Mapping[str, Any]) -> dict[str, Any]:
    options = {name: config.get(name.capitalize()) for name in REDIRECT_DEFAULTS}
    status = int(config["StatusCode"].removeprefix("HTTP_"))
    return _without_defaults({**options, "status_code": status}, REDIRECT_DEFAULTS)


def _response_from_api(config: Mapping[str, Any]) -> dict[str, Any]:
    options = {"content_type": config.get("ContentType"), "body": config.get("MessageBody")}
    return _without_defaults({**options, "status_code": int(config["StatusCode"])}, RESPONSE_DEFAULTS)


def _forward_from_api(action: Mapping[str, Any]) -> Action:
    """ELB tells a single target group twice, as TargetGroupArn and in ForwardConfig."""
    config = action.get("ForwardConfig") or {}
    groups = config.get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"]}]
    stickiness = config.get("TargetGroupStickinessConfig") or {}
    weights = {target_group_name(group["TargetGroupArn"]): int(group.get("Weight", 1)) for group in groups}
    return _forward(weights, stickiness.get("DurationSeconds") if stickiness.get("Enabled") else None)


def to_api(actions: Iterable[Action], arns: Mapping[str, str], secret: str | None = None) -> list[dict[str, Any]]:
    """For CreateListener and its like. ``arns`` are the target groups' by name.

    ``secret`` is the client secret of OpenID Connect. Without one, ELB keeps the one it has.
    """
    sent = [_to_api(*next(iter(action.items())), arns, secret) for action in actions]
    return sent if len(sent) == 1 else [{**action, "Order": place} for place, action in enumerate(sent, 1)]


def _to_api(kind: str, options: Mapping[str, Any], arns: Mapping[str, str], secret: str | None) -> dict[str, Any]:
    if kind in AUTHENTICATION:
        api_type, member, members, _ = AUTHENTICATION[kind]
        credentials = _credentials(secret) if kind == "authenticate_oidc" else {}
        return {"Type": api_type, member: {**structure.to_api(members, options), **credentials}}
    if kind == "redirect":
        config = {name.capitalize(): options[name] for name in REDIRECT_DEFAULTS if name in options}
        return {"Type": kind, "RedirectConfig": {**config, "StatusCode": f"HTTP_{options['status_code']}"}}
    if kind == "fixed_response":
        return {"Type": "fixed-response", "FixedResponseConfig": _response_to_api({**RESPONSE_DEFAULTS, **options})}
    if "target_group" in options:
        return {"Type": kind, "TargetGroupArn": arns[options["target_group"]]}
    return {"Type": kind, "ForwardConfig": _forward_to_api(options, arns)}


def _credentials(secret: str | None) -> dict[str, Any]:
    return {"ClientSecret": secret} if secret else {"UseExistingClientSecret": True}


def _response_to_api(response: Mapping[str, Any]) -> dict[str, Any]:
    body = {"MessageBody": response["body"]} if response["body"] else {}
    return {"StatusCode": str(response["status_code"]), "ContentType": response["content_type"], **body}


def _forward_to_api(forward: Mapping[str, Any], arns: Mapping[str, str]) -> dict[str, Any]:
    stickiness: dict[str, Any] = {"Enabled": False}
    if forward.get("stickiness_duration"):
        stickiness = {"Enabled": True, "DurationSeconds": forward["stickiness_duration"]}
    return {
        "TargetGroups": [
            {"TargetGroupArn": arns[group["target_group"]], "Weight": group["weight"]}
            for group in forward["target_groups"]
        ],
        "TargetGroupStickinessConfig": stickiness,
    }
