# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A target group: where a load balancer sends requests, and how it finds out who can take them.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Model, given, identity

# Option -> member of the API's TargetGroup. Only the health check's can be changed afterwards.
FIXED = {
    "target_type": "TargetType",
    "protocol": "Protocol",
    "protocol_version": "ProtocolVersion",
    "port": "Port",
    "vpc_id": "VpcId",
}
HEALTH_CHECK = {
    "health_check_protocol": "HealthCheckProtocol",
    "health_check_port": "HealthCheckPort",
    "health_check_path": "HealthCheckPath",
    "health_check_interval": "HealthCheckIntervalSeconds",
    "health_check_timeout": "HealthCheckTimeoutSeconds",
    "healthy_threshold": "HealthyThresholdCount",
    "unhealthy_threshold": "UnhealthyThresholdCount",
}
# Option -> key of DescribeTargetGroupAttributes, whose values are all strings.
ATTRIBUTES = {
    "deregistration_delay": "deregistration_delay.timeout_seconds",
    "slow_start": "slow_start.duration_seconds",
    "load_balancing_algorithm": "load_balancing.algorithm.type",
    "stickiness_enabled": "stickiness.enabled",
    "stickiness_type": "stickiness.type",
    "stickiness_duration": "stickiness.lb_cookie.duration_seconds",
    "stickiness_app_cookie_name": "stickiness.app_cookie.cookie_name",
    "stickiness_app_cookie_duration": "stickiness.app_cookie.duration_seconds",
}

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "vpc_id": {},
    "target_type": {"choices": ["instance", "ip"], "default": "instance"},
    "protocol": {"choices": ["HTTP", "HTTPS"], "default": "HTTP"},
    "protocol_version": {"choices": ["HTTP1", "HTTP2", "GRPC"]},
    "port": {"type": "int"},
    "health_check_protocol": {"choices": ["HTTP", "HTTPS"]},
    "health_check_port": {},
    "health_check_path": {},
    "health_check_interval": {"type": "int"},
    "health_check_timeout": {"type": "int"},
    "healthy_threshold": {"type": "int"},
    "unhealthy_threshold": {"type": "int"},
    "success_codes": {},
    "deregistration_delay": {"type": "int"},
    "slow_start": {"type": "int"},
    "load_balancing_algorithm": {"choices": ["round_robin", "least_outstanding_requests", "weighted_random"]},
    "stickiness_enabled": {"type": "bool"},
    "stickiness_type": {"choices": ["lb_cookie", "app_cookie"]},
    "stickiness_duration": {"type": "int"},
    "stickiness_app_cookie_name": {},
    "stickiness_app_cookie_duration": {"type": "int"},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class TargetGroup(Model):
    name: str
    vpc_id: Any = UNSET
    target_type: Any = UNSET
    protocol: Any = UNSET
    protocol_version: Any = UNSET
    port: Any = UNSET
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
    stickiness_enabled: Any = UNSET
    stickiness_type: Any = UNSET
    stickiness_duration: Any = UNSET
    stickiness_app_cookie_name: Any = UNSET
    stickiness_app_cookie_duration: Any = UNSET
    tags: Any = UNSET
    arn: str = identity()
    load_balancer_arns: Any = identity(default=())


def from_params(params: Mapping[str, Any]) -> TargetGroup:
    options = {option: given(params[option]) for option in OPTIONS if option not in ("tags", "purge_tags")}
    return TargetGroup(**options, tags=given(tags.from_params(params["tags"])))


def from_api(
    group: Mapping[str, Any], attributes: list[Mapping[str, str]], group_tags: list[Mapping[str, str]]
) -> TargetGroup:
    """From a TargetGroup of DescribeTargetGroups, its attributes and its tags."""
    matcher = group.get("Matcher", {})
    return TargetGroup(
        name=group["TargetGroupName"],
        arn=group["TargetGroupArn"],
        load_balancer_arns=tuple(sorted(group.get("LoadBalancerArns", ()))),
        success_codes=matcher.get("HttpCode") or matcher.get("GrpcCode"),
        tags=tags.from_api(group_tags),
        **{option: group.get(member) for option, member in {**FIXED, **HEALTH_CHECK}.items()},
        **attributes_from_api(attributes),
    )


def attributes_from_api(attributes: list[Mapping[str, str]]) -> dict[str, Any]:
    values = {attribute["Key"]: attribute["Value"] for attribute in attributes}
    return {option: _typed(option, values.get(key)) for option, key in ATTRIBUTES.items()}


def _typed(option: str, value: Any) -> Any:
    kind = OPTIONS[option].get("type", "str")
    if value is None or kind == "str":
        return value
    return value == "true" if kind == "bool" else int(value)


def faults(params: Mapping[str, Any]) -> checks.Faults:
    """Ranges as the API reference gives them."""
    get = params.get
    return (
        *checks.required(params, "present", ("vpc_id", "port")),
        *checks.load_balancing_name("name", get("name")),
        *checks.port("port", get("port")),
        *_health_check(params),
        *checks.between("deregistration_delay", get("deregistration_delay"), 0, 3600, "seconds"),
        *_slow_start(get("slow_start"), get("load_balancing_algorithm")),
        *checks.between("stickiness_duration", get("stickiness_duration"), 1, 604800, "seconds"),
        *checks.between("stickiness_app_cookie_duration", get("stickiness_app_cookie_duration"), 1, 604800, "seconds"),
        *_app_cookie(get("stickiness_type"), get("stickiness_app_cookie_name")),
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
