# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An Application Load Balancer with its listeners and their rules.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import (
    checks,
    listener,
    listener_faults,
    load_balancer_logs,
    tags,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.attributes import from_api as attributes_from_api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.listener import LISTENER_OPTIONS, Listener
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import (
    Structure,
    number,
    spec,
    switch,
    text,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import (
    KNOWN_AFTER_APPLY,
    UNSET,
    Model,
    children,
    given,
    hidden,
    identity,
)

# By the keys of DescribeLoadBalancerAttributes.
ATTRIBUTES: Structure = {
    "deletion_protection": switch("deletion_protection.enabled"),
    "idle_timeout": number("idle_timeout.timeout_seconds"),
    "client_keep_alive": number("client_keep_alive.seconds"),
    "http2": switch("routing.http2.enabled"),
    "drop_invalid_header_fields": switch("routing.http.drop_invalid_header_fields.enabled"),
    "desync_mitigation_mode": text("routing.http.desync_mitigation_mode", "monitor", "defensive", "strictest"),
    "preserve_host_header": switch("routing.http.preserve_host_header.enabled"),
    "tls_version_and_cipher_suite_headers": switch("routing.http.x_amzn_tls_version_and_cipher_suite.enabled"),
    "xff_client_port": switch("routing.http.xff_client_port.enabled"),
    "xff_header_processing": text("routing.http.xff_header_processing.mode", "append", "preserve", "remove"),
    "waf_fail_open": switch("waf.fail_open.enabled"),
    "zonal_shift": switch("zonal_shift.config.enabled"),
    "ipv6_deny_all_igw_traffic": switch("ipv6.deny_all_igw_traffic"),
    "access_logs": switch("access_logs.s3.enabled"),
    "access_logs_bucket": text("access_logs.s3.bucket"),
    "access_logs_prefix": text("access_logs.s3.prefix"),
    "connection_logs": switch("connection_logs.s3.enabled"),
    "connection_logs_bucket": text("connection_logs.s3.bucket"),
    "connection_logs_prefix": text("connection_logs.s3.prefix"),
    "health_check_logs": switch("health_check_logs.s3.enabled"),
    "health_check_logs_bucket": text("health_check_logs.s3.bucket"),
    "health_check_logs_prefix": text("health_check_logs.s3.prefix"),
}
FIXED = ("scheme", "customer_owned_ipv4_pool")
LISTS = ("subnet_ids", "security_group_ids")  # in no order

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "scheme": {"choices": ["internet-facing", "internal"]},
    "subnet_ids": {"type": "list", "elements": "str"},
    "security_group_ids": {"type": "list", "elements": "str"},
    "ip_address_type": {"choices": ["ipv4", "dualstack", "dualstack-without-public-ipv4"]},
    "customer_owned_ipv4_pool": {},
    "ipam_pool_id": {},
    "web_acl_arn": {},
    "listeners": {"type": "list", "elements": "dict", "options": LISTENER_OPTIONS},
    "purge_listeners": {"type": "bool", "default": True},
    **spec(ATTRIBUTES),
    **tags.TAG_OPTIONS,
}
DELETING = "deleting"  # no state of ELB's: the load balancer is gone, its network interfaces are not


@dataclass(frozen=True)
class LoadBalancer(Model):
    """``purge_listeners`` says of what is wanted that listeners which are not listed go."""

    name: str
    scheme: Any = UNSET
    subnet_ids: Any = UNSET
    security_group_ids: Any = UNSET
    ip_address_type: Any = UNSET
    customer_owned_ipv4_pool: Any = UNSET
    ipam_pool_id: Any = UNSET
    web_acl_arn: Any = UNSET
    deletion_protection: Any = UNSET
    idle_timeout: Any = UNSET
    client_keep_alive: Any = UNSET
    http2: Any = UNSET
    drop_invalid_header_fields: Any = UNSET
    desync_mitigation_mode: Any = UNSET
    preserve_host_header: Any = UNSET
    tls_version_and_cipher_suite_headers: Any = UNSET
    xff_client_port: Any = UNSET
    xff_header_processing: Any = UNSET
    waf_fail_open: Any = UNSET
    zonal_shift: Any = UNSET
    ipv6_deny_all_igw_traffic: Any = UNSET
    access_logs: Any = UNSET
    access_logs_bucket: Any = UNSET
    access_logs_prefix: Any = UNSET
    connection_logs: Any = UNSET
    connection_logs_bucket: Any = UNSET
    connection_logs_prefix: Any = UNSET
    health_check_logs: Any = UNSET
    health_check_logs_bucket: Any = UNSET
    health_check_logs_prefix: Any = UNSET
    tags: Any = UNSET
    listeners: Any = children(UNSET)
    arn: str = identity()
    dns_name: str = identity()
    canonical_hosted_zone_id: str = identity()
    vpc_id: str = identity()
    availability_zones: Any = identity(default=())
    state: str = identity()
    state_reason: Any = hidden(None)
    network_interface_ids: Any = hidden(())
    purge_listeners: bool = hidden(default=True)


def from_params(params: Mapping[str, Any]) -> LoadBalancer:
    listeners = params["listeners"]
    return LoadBalancer(
        name=params["name"],
        scheme=given(params["scheme"]),
        ip_address_type=given(params["ip_address_type"]),
        customer_owned_ipv4_pool=given(params["customer_owned_ipv4_pool"]),
        **{option: _cleared(params[option]) for option in ("ipam_pool_id", "web_acl_arn")},
        **{option: given(params[option]) for option in ATTRIBUTES},
        **{option: given(_unordered(params[option])) for option in LISTS},
        tags=given(tags.from_params(params["tags"])),
        listeners=UNSET if listeners is None else _by_port(listener.from_params(each) for each in listeners),
        purge_listeners=params["purge_listeners"],
    )


def _cleared(value: str | None) -> Any:
    """An empty string takes the value away, which the API tells by leaving it out (None)."""
    return None if value == "" else given(value)


def from_api(
    balancer: Mapping[str, Any],
    attributes: list[Mapping[str, str]] | None,
    balancer_tags: list[Mapping[str, str]],
    listeners: Iterable[Listener],
    web_acl_arn: Any = UNSET,
) -> LoadBalancer:
    """From a LoadBalancer of DescribeLoadBalancers, its attributes and web ACL where they were read, its tags and
    listeners."""
    zones = balancer.get("AvailabilityZones", ())
    read = {} if attributes is None else attributes_from_api(ATTRIBUTES, attributes)
    return LoadBalancer(
        name=balancer["LoadBalancerName"],
        scheme=balancer.get("Scheme"),
        subnet_ids=_unordered(zone["SubnetId"] for zone in zones),
        security_group_ids=_unordered(balancer.get("SecurityGroups", ())),
        ip_address_type=balancer.get("IpAddressType"),
        customer_owned_ipv4_pool=balancer.get("CustomerOwnedIpv4Pool"),
        ipam_pool_id=balancer.get("IpamPools", {}).get("Ipv4IpamPoolId"),
        web_acl_arn=web_acl_arn,
        tags=tags.from_api(balancer_tags),
        listeners=_by_port(listeners),
        arn=balancer["LoadBalancerArn"],
        dns_name=balancer["DNSName"],
        canonical_hosted_zone_id=balancer.get("CanonicalHostedZoneId", ""),
        vpc_id=balancer.get("VpcId", ""),
        availability_zones=_unordered(zone["ZoneName"] for zone in zones),
        state=balancer["State"]["Code"],
        state_reason=balancer["State"].get("Reason"),
        **read,
    )


def _unordered(values: Iterable[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(sorted(values))


def _by_port(listeners: Iterable[Listener]) -> tuple[Listener, ...]:
    return tuple(sorted(listeners, key=lambda each: each.port))


def leaving(name: str, network_interface_ids: Iterable[str]) -> LoadBalancer:
    """A load balancer that is deleted, but for its network interfaces."""
    return LoadBalancer(name=name, state=DELETING, network_interface_ids=tuple(sorted(network_interface_ids)))


def attributes_matter(want: LoadBalancer) -> bool:
    """Whether one is given: the others stay as they are, whatever they are."""
    return any(getattr(want, option) is not UNSET for option in ATTRIBUTES)


def matters(want: LoadBalancer, port: int, part: str) -> bool:
    """Whether ``part`` (such as tags) of the listener on ``port`` is given, and so has to be read."""
    return any(each.port == port and getattr(each, part) is not UNSET for each in want.listeners or ())


def rules_matter(want: LoadBalancer, port: int) -> bool:
    """Whether those of the listener on ``port`` are given, or it may have to go with them."""
    goes = want.listeners is not UNSET and all(each.port != port for each in want.listeners)
    return goes or matters(want, port, "rules")


def rule_tags_matter(want: LoadBalancer, port: int) -> bool:
    rules = (rule for each in want.listeners or () if each.port == port for rule in each.rules or ())
    return any(rule.tags is not UNSET for rule in rules)


def in_state(seen: LoadBalancer, balancer: Mapping[str, Any]) -> LoadBalancer:
    """What was seen, in the state that a LoadBalancer of DescribeLoadBalancers tells now."""
    return replace(seen, state=balancer["State"]["Code"], state_reason=balancer["State"].get("Reason"))


def created(want: LoadBalancer) -> LoadBalancer:
    """``want`` with what a new load balancer has where it isn't given."""
    return replace(want, scheme="internet-facing") if want.scheme is UNSET else want


def pending(balancer: LoadBalancer) -> str | None:
    """AWS: active_impaired routes traffic, but can't get all that it needs to scale."""
    if balancer.state == "failed":
        raise StackError(
            f"load balancer {balancer.name} has failed: {balancer.state_reason or 'AWS gives no reason'}. "
            "Delete it (state: absent), remove the cause, and run this again."
        )
    return None if balancer.state in ("active", "active_impaired") else f"its state is {balancer.state}"


def remaining(balancer: LoadBalancer) -> str:
    if balancer.state != DELETING:
        return f"load balancer {balancer.name} is still {balancer.state}"
    interfaces = ", ".join(balancer.network_interface_ids)
    return f"AWS has not yet released its network interfaces ({interfaces})"


def faults(params: Mapping[str, Any]) -> checks.Faults:
    """Ranges as the API reference gives them."""
    get = params.get
    if get("state") == "absent":
        return checks.load_balancing_name("name", get("name"))
    return (
        *checks.required(params, "present", ("subnet_ids",)),
        *checks.load_balancing_name("name", get("name")),
        *_subnets(get("subnet_ids")),
        *_security_groups(get("security_group_ids")),
        *checks.matches(
            "web_acl_arn",
            get("web_acl_arn") or None,
            r"arn:[^:]+:wafv2:.+:regional/webacl/.+",
            "is not the ARN of a regional web ACL",
            "Give that of a web ACL of AWS WAF in the load balancer's region",
        ),
        *load_balancer_logs.faults(params),
        *checks.between("idle_timeout", get("idle_timeout"), 1, 4000, "seconds"),
        *checks.between("client_keep_alive", get("client_keep_alive"), 60, 604800, "seconds"),
        *listener_faults.faults(get("listeners")),
    )


def _subnets(ids: list[str] | None) -> checks.Faults:
    """Subnets that are still to be made all look the same."""
    if ids is None:
        return ()
    known = [each for each in ids if each != KNOWN_AFTER_APPLY]
    remedy = "Give one subnet in each of two or more Availability Zones"
    if len(ids) < 2:
        return (Fault("subnet_ids", ids, "are too few for an Application Load Balancer", remedy),)
    if len(set(known)) < len(known):
        return (Fault("subnet_ids", ids, "name a subnet twice", remedy),)
    return ()


def _security_groups(ids: list[str] | None) -> checks.Faults:
    if ids == []:
        remedy = "Give one at least: an Application Load Balancer can't be without"
        return (Fault("security_group_ids", ids, "is empty", remedy),)
    return ()
