# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A target group: where a load balancer sends requests, and how it finds out who can take them.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, structure, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.attributes import from_api as attributes_from_api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import (
    Structure,
    number,
    spec,
    switch,
    text,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Model, given, hidden, identity

Target = dict[str, Any]

# Members of CreateTargetGroup that can't be changed afterwards.
FIXED: Structure = {
    "target_type": text("TargetType", "instance", "ip", "lambda"),
    "protocol": text("Protocol", "HTTP", "HTTPS"),
    "protocol_version": text("ProtocolVersion", "HTTP1", "HTTP2", "GRPC"),
    "port": number("Port"),
    "vpc_id": text("VpcId"),
    "ip_address_type": text("IpAddressType", "ipv4", "ipv6"),
    "target_control_port": number("TargetControlPort"),
}
HEALTH_CHECK: Structure = {
    "health_check_enabled": switch("HealthCheckEnabled"),
    "health_check_protocol": text("HealthCheckProtocol", "HTTP", "HTTPS"),
    "health_check_port": text("HealthCheckPort"),
    "health_check_path": text("HealthCheckPath"),
    "health_check_interval": number("HealthCheckIntervalSeconds"),
    "health_check_timeout": number("HealthCheckTimeoutSeconds"),
    "healthy_threshold": number("HealthyThresholdCount"),
    "unhealthy_threshold": number("UnhealthyThresholdCount"),
}
# By the keys of DescribeTargetGroupAttributes.
ATTRIBUTES: Structure = {
    "deregistration_delay": number("deregistration_delay.timeout_seconds"),
    "slow_start": number("slow_start.duration_seconds"),
    "load_balancing_algorithm": text(
        "load_balancing.algorithm.type", "round_robin", "least_outstanding_requests", "weighted_random"
    ),
    "anomaly_mitigation": text("load_balancing.algorithm.anomaly_mitigation", "on", "off"),
    "cross_zone": text("load_balancing.cross_zone.enabled", "use_load_balancer_configuration", "true", "false"),
    "stickiness_enabled": switch("stickiness.enabled"),
    "stickiness_type": text("stickiness.type", "lb_cookie", "app_cookie"),
    "stickiness_duration": number("stickiness.lb_cookie.duration_seconds"),
    "stickiness_app_cookie_name": text("stickiness.app_cookie.cookie_name"),
    "stickiness_app_cookie_duration": number("stickiness.app_cookie.duration_seconds"),
    **{
        f"{option}_minimum_healthy_{unit}": text(f"target_group_health.{purpose}.minimum_healthy_targets.{unit}")
        for option, purpose in {"dns_failover": "dns_failover", "routing": "unhealthy_state_routing"}.items()
        for unit in ("count", "percentage")
    },
    "lambda_multi_value_headers": switch("lambda.multi_value_headers.enabled"),
}
TARGET: Structure = {
    "id": text("Id", required=True),
    "port": number("Port"),
    "availability_zone": text("AvailabilityZone"),
}
SETTINGS: Structure = {**FIXED, **HEALTH_CHECK, **ATTRIBUTES}

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    **spec(SETTINGS),
    "success_codes": {},
    "targets": {"type": "list", "elements": "dict", "options": spec(TARGET)},
    "purge_targets": {"type": "bool", "default": True},
    "replace": {"type": "bool", "default": False},
    **tags.TAG_OPTIONS,
}
STAND_IN = "-stand-in"
NAME_LIMIT = 32
# What ELB takes where a new target group's options don't say: seconds, by the type of its targets.
INTERVAL = {"lambda": 35, "instance": 30, "ip": 30}
TIMEOUT = {"lambda": 30, "instance": 5, "ip": 5}


@dataclass(frozen=True)
class TargetGroup(Model):
    """``purge_targets`` says of what is wanted that the targets which are not listed go, and ``replaceable`` that the
    group may be replaced; ``stand_in`` is what a replacement that was interrupted has left."""

    name: str
    target_type: Any = UNSET
    protocol: Any = UNSET
    protocol_version: Any = UNSET
    port: Any = UNSET
    vpc_id: Any = UNSET
    ip_address_type: Any = UNSET
    target_control_port: Any = UNSET
    health_check_enabled: Any = UNSET
    health_check_protocol: Any = UNSET
    health_check_port: Any = UNSET
    health_check_path: Any = UNSET
    health_check_interval: Any = UNSET
    health_check_timeout: Any = UNSET
    healthy_threshold: Any = UNSET
    unhealthy_threshold: Any = UNSET
    success_codes: Any = UNSET
    deregistration_delay: Any = UNSET
    slow_start: Any = UNSET
    load_balancing_algorithm: Any = UNSET
    anomaly_mitigation: Any = UNSET
    cross_zone: Any = UNSET
    stickiness_enabled: Any = UNSET
    stickiness_type: Any = UNSET
    stickiness_duration: Any = UNSET
    stickiness_app_cookie_name: Any = UNSET
    stickiness_app_cookie_duration: Any = UNSET
    dns_failover_minimum_healthy_count: Any = UNSET
    dns_failover_minimum_healthy_percentage: Any = UNSET
    routing_minimum_healthy_count: Any = UNSET
    routing_minimum_healthy_percentage: Any = UNSET
    lambda_multi_value_headers: Any = UNSET
    targets: Any = UNSET
    tags: Any = UNSET
    arn: str = identity()
    load_balancer_arns: Any = identity(default=())
    purge_targets: bool = hidden(default=True)
    replaceable: bool = hidden(default=False)
    stand_in: TargetGroup | None = hidden(default=None)


def from_params(params: Mapping[str, Any]) -> TargetGroup:
    targets = params["targets"]
    return TargetGroup(
        name=params["name"],
        **{option: given(params[option]) for option in (*SETTINGS, "success_codes")},
        targets=UNSET if targets is None else _in_order(structure.given(TARGET, each) for each in targets),
        purge_targets=params["purge_targets"],
        replaceable=params["replace"],
        tags=given(tags.from_params(params["tags"])),
    )


def from_api(
    group: Mapping[str, Any],
    attributes: list[Mapping[str, str]],
    group_tags: list[Mapping[str, str]],
    health: Iterable[Mapping[str, Any]] | None = None,
) -> TargetGroup:
    """From a TargetGroup of DescribeTargetGroups, its attributes and its tags, and its targets where they were read."""
    matcher = group.get("Matcher", {})
    told: dict[str, Any] = {
        **{option: group.get(member.name) for option, member in {**FIXED, **HEALTH_CHECK}.items()},
        **attributes_from_api(ATTRIBUTES, attributes),
    }
    return TargetGroup(
        name=group["TargetGroupName"],
        arn=group["TargetGroupArn"],
        load_balancer_arns=tuple(sorted(group.get("LoadBalancerArns", ()))),
        success_codes=matcher.get("HttpCode") or matcher.get("GrpcCode"),
        tags=tags.from_api(group_tags),
        targets=UNSET if health is None else _registered(health),
        **told,
    )


def _registered(health: Iterable[Mapping[str, Any]]) -> tuple[Target, ...]:
    """Of TargetHealthDescriptions. A target that is draining is registered no more."""
    staying = (each["Target"] for each in health if each["TargetHealth"]["State"] != "draining")
    return _in_order(structure.from_api(TARGET, target) for target in staying)


def _in_order(targets: Iterable[Target]) -> tuple[Target, ...]:
    return tuple(sorted(targets, key=target_key))


def target_key(target: Target) -> tuple[str, int]:
    """A target may be registered on several ports."""
    return target["id"], target.get("port") or 0


def stand_in_name(name: str) -> str:
    """A name is unique: what takes a target group's place until another one has its name has this one, and no other
    group's stand-in has it."""
    own = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: NAME_LIMIT - len(own) - len(STAND_IN) - 1].rstrip('-')}-{own}{STAND_IN}"


def created(want: TargetGroup) -> TargetGroup:
    """``want`` with what a new target group has where it isn't given."""
    if want.protocol is not UNSET or want.target_type == "lambda":
        return want
    return replace(want, protocol="HTTP")


def with_targets(want: TargetGroup, have: TargetGroup | None) -> TargetGroup:
    """``want`` with the targets it shall end up with: on the group's port and in the zone they are in where that isn't
    given, and with those that are there unless they are purged."""
    if want.targets is UNSET:
        return want
    there = {target_key(target): target for target in (have.targets or () if have else ())}
    own_port = {} if want.port is UNSET else {"port": want.port}
    wanted = {target_key(target): target for target in ({**own_port, **target} for target in want.targets)}
    listed = {key: {**there.get(key, {}), **target} for key, target in wanted.items()}
    return replace(want, targets=_in_order((listed if want.purge_targets else {**there, **listed}).values()))


def faults(params: Mapping[str, Any]) -> checks.Faults:
    """Ranges as the API reference gives them."""
    get = params.get
    return (
        *_place(params),
        *checks.load_balancing_name("name", get("name")),
        *checks.port("port", get("port")),
        *checks.port("target_control_port", get("target_control_port")),
        *_health_check(params),
        *checks.between("deregistration_delay", get("deregistration_delay"), 0, 3600, "seconds"),
        *_slow_start(get("slow_start"), get("load_balancing_algorithm")),
        *_mitigation(get("anomaly_mitigation"), get("load_balancing_algorithm")),
        *checks.between("stickiness_duration", get("stickiness_duration"), 1, 604800, "seconds"),
        *checks.between("stickiness_app_cookie_duration", get("stickiness_app_cookie_duration"), 1, 604800, "seconds"),
        *_app_cookie(get("stickiness_type"), get("stickiness_app_cookie_name")),
        *_minimums(params),
        *_targets(get("targets") or ()),
    )


def _place(params: Mapping[str, Any]) -> checks.Faults:
    """A function has neither network nor port."""
    network = ("vpc_id", "port")
    if params.get("target_type") != "lambda":
        return checks.required(params, "present", network)
    nowhere = (*network, "protocol", "protocol_version", "ip_address_type", "target_control_port")
    return tuple(
        Fault(option, params[option], "has no meaning with target_type: lambda", "Leave it out")
        for option in nowhere
        if params.get(option) is not None
    )


def _health_check(params: Mapping[str, Any]) -> checks.Faults:
    get = params.get
    interval, timeout = get("health_check_interval"), get("health_check_timeout")
    return (
        *checks.between("health_check_interval", interval, 5, 300, "seconds"),
        *checks.between("health_check_timeout", timeout, 2, 120, "seconds"),
        *checks.between("healthy_threshold", get("healthy_threshold"), 2, 10),
        *checks.between("unhealthy_threshold", get("unhealthy_threshold"), 2, 10),
        *checks.matches("health_check_path", get("health_check_path"), r"/\S*", "is not a path", "Begin it with /"),
        *checks.matches(
            "health_check_port",
            get("health_check_port"),
            r"traffic-port|[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]",
            "is not a port",
            "Give 1 to 65535, or traffic-port for the targets' own",
        ),
        *checks.matches(
            "success_codes",
            get("success_codes"),
            r"\d{1,3}(-\d{1,3})?(,\d{1,3}(-\d{1,3})?)*",
            "are no codes",
            "Give them as 200, 200,202 or 200-299",
        ),
        *_timeout_within_interval(interval, timeout),
    )


def _slow_start(seconds: int | None, algorithm: str | None) -> checks.Faults:
    """A share can only grow where shares are given out in turn."""
    if seconds and algorithm not in (None, "round_robin"):
        remedy = "Give load_balancing_algorithm: round_robin, or 0"
        return (Fault("slow_start", seconds, f"is not possible with {algorithm}", remedy),)
    return checks.between("slow_start", seconds or None, 30, 900, "seconds, or 0 for none")


def _mitigation(switched: str | None, algorithm: str | None) -> checks.Faults:
    if switched != "on" or algorithm in (None, "weighted_random"):
        return ()
    remedy = "Give load_balancing_algorithm: weighted_random"
    return (Fault("anomaly_mitigation", switched, f"is not possible with {algorithm}", remedy),)


def _minimums(params: Mapping[str, Any]) -> checks.Faults:
    """How many healthy targets are enough. Without a count, sending requests to unhealthy ones has no meaning."""
    found: list[Fault] = []
    for option in (each for each in ATTRIBUTES if "_minimum_healthy_" in each):
        counted = option == "routing_minimum_healthy_count"
        number = r"100|[1-9]\d?" if option.endswith("percentage") else r"[1-9]\d{0,3}"
        remedy = f"Give 1 to {100 if option.endswith('percentage') else 1000}{'' if counted else ', or off in quotes'}"
        pattern = number if counted else f"off|{number}"
        found += checks.matches(option, params.get(option), pattern, "is not a number of targets", remedy)
    return tuple(found)


def _targets(targets: Sequence[Mapping[str, Any]]) -> checks.Faults:
    return tuple(
        fault
        for index, target in enumerate(targets)
        for fault in checks.port(f"targets[{index}].port", target.get("port"))
    )


def _app_cookie(kind: str | None, name: str | None) -> checks.Faults:
    """AWSALB, AWSALBAPP and AWSALBTG are the load balancer's own."""
    if kind == "app_cookie" and name is None:
        remedy = "Name the cookie that the application sets"
        return (Fault("stickiness_app_cookie_name", None, "is missing with stickiness_type: app_cookie", remedy),)
    own = "is the load balancer's own"
    return checks.matches("stickiness_app_cookie_name", name, r"(?!AWSALB).+", own, "Give the application's cookie")


def _timeout_within_interval(interval: Any, timeout: Any) -> checks.Faults:
    if interval is None or timeout is None or timeout < interval:
        return ()
    remedy = f"Give less than health_check_interval ({interval}): ELB refuses it otherwise"
    return (Fault("health_check_timeout", timeout, "is not shorter than the interval", remedy),)
