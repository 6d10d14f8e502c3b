"""Load balancers and target groups as the data plane is told of them. Called with the API's lock held."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from moto.acm.models import AWS_ROOT_CA

from local_region.control.backends import Backends
from local_region.control.listeners import RESPONSE_HEADERS
from local_region.control.zonal_shifts import zones_away
from local_region.world import Certificate, HealthCheck, Listener, LoadBalancer, Node, Target, TargetGroup

DEFAULT_STICKINESS = 86400  # seconds


def target_groups(backends: Backends) -> Iterator[TargetGroup]:
    """Those that an application load balancer may forward to."""
    instances = {i.id: i for reservation in backends.ec2.reservations.values() for i in reservation.instances}
    for group in backends.elbv2.target_groups.values():
        if group.protocol in {"HTTP", "HTTPS"}:
            attributes = group.attributes
            yield TargetGroup(
                arn=group.arn,
                name=group.name,
                health_check=_health_check(group),
                targets=tuple(_targets(backends, group, group.targets.values(), instances)),
                algorithm=attributes["load_balancing.algorithm.type"],
                protocol=group.protocol,
                draining=tuple(_targets(backends, group, [entry[0] for entry in group.draining.values()], instances)),
                slow_start=int(attributes.get("slow_start.duration_seconds") or 0),
                cookie_seconds=_cookie_seconds(attributes),
                cross_zone=attributes.get("load_balancing.cross_zone.enabled") != "false",
                dns_minimum=_minimum(attributes, "dns_failover"),
                routing_minimum=_minimum(attributes, "unhealthy_state_routing"),
            )


def _cookie_seconds(attributes: Mapping[str, Any]) -> int | None:
    """How long a session sticks to its target by the load balancer's own cookie."""
    if attributes.get("stickiness.enabled") != "true" or attributes.get("stickiness.type") != "lb_cookie":
        return None
    return int(attributes.get("stickiness.lb_cookie.duration_seconds") or DEFAULT_STICKINESS)


def _minimum(attributes: Mapping[str, Any], purpose: str) -> int:
    count = attributes.get(f"target_group_health.{purpose}.minimum_healthy_targets.count", "1")
    return int(count) if str(count).isdigit() else 1


def _targets(
    backends: Backends, group: Any, registered: Iterable[Mapping[str, Any]], instances: Mapping[str, Any]
) -> Iterator[Target]:
    for target in registered:
        id_, port = target["Id"], int(target.get("Port") or group.port)
        if group.target_type != "instance":
            yield Target(id_, id_, port, _zone_of(backends, group, id_))
        elif (instance := instances.get(id_)) and instance.nics:
            yield Target(id_, instance.private_ip_address, port, instance.placement.zone)


def _zone_of(backends: Backends, group: Any, address: str) -> str | None:
    """The zone of the subnet that an address is in; None outside of the VPC, which counts as all zones."""
    subnets = (subnet for of_zone in backends.ec2.subnets.values() for subnet in of_zone.values())
    here = (s for s in subnets if s.vpc_id == group.vpc_id and IPv4Address(address) in IPv4Network(s.cidr_block))
    return next((subnet.availability_zone for subnet in here), None)


def _health_check(group: Any) -> HealthCheck:
    port = group.health_check_port
    return HealthCheck(
        protocol=group.health_check_protocol,
        path=group.health_check_path or "/",
        port=None if port in {None, "traffic-port"} else int(port),
        interval=int(group.health_check_interval_seconds),
        timeout=int(group.health_check_timeout_seconds),
        healthy_threshold=int(group.healthy_threshold_count),
        unhealthy_threshold=int(group.unhealthy_threshold_count),
        matcher=group.matcher.get("HttpCode", "200"),
    )


def load_balancers(backends: Backends) -> Iterator[LoadBalancer]:
    for balancer in backends.elbv2.load_balancers.values():
        attributes = balancer.attrs
        yield LoadBalancer(
            arn=balancer.arn,
            name=balancer.name,
            dns_name=balancer.dns_name,
            security_group_ids=tuple(balancer.security_groups or ()),
            nodes=tuple(
                Node(interface.subnet.id, interface.private_ip_address, interface.public_ip)
                for interface in getattr(balancer, "interfaces", {}).values()
            ),
            listeners=tuple(
                _listener(backends, listener, balancer.dns_name) for listener in balancer.listeners.values()
            ),
            zones_away=zones_away(backends, balancer),
            idle_timeout=int(attributes.get("idle_timeout.timeout_seconds", "60")),
            client_keep_alive=int(attributes.get("client_keep_alive.seconds", "3600")),
            http2=attributes.get("routing.http2.enabled") != "false",
            forwarded_for=attributes.get("routing.http.xff_header_processing.mode", "append"),
        )


def _listener(backends: Backends, listener: Any, dns_name: str) -> Listener:
    rules = sorted(listener._non_default_rules.values(), key=lambda rule: int(rule.priority))
    return Listener(
        arn=listener.arn,
        port=int(listener.port),
        protocol=listener.protocol,
        default_actions=tuple(copy.deepcopy(action.data) for action in listener.default_actions),
        rules=tuple(
            {
                "RuleArn": rule.arn,
                "Priority": str(rule.priority),
                "Conditions": copy.deepcopy(rule.conditions),
                "Actions": [copy.deepcopy(action.data) for action in rule.actions],
                "Transforms": copy.deepcopy(getattr(rule, "transforms", [])),
                "IsDefault": False,
            }
            for rule in rules
        ),
        certificates=tuple(_certificates(backends, listener, dns_name)) if listener.protocol == "HTTPS" else (),
        headers=tuple(_headers(listener.attributes)),
        server=listener.attributes.get("routing.http.response.server.enabled") != "false",
    )


def _headers(attributes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """routing.http.response.strict_transport_security.header_value is the value of Strict-Transport-Security."""
    for key in RESPONSE_HEADERS:
        if value := attributes.get(key):
            yield key.split(".")[3].replace("_", "-").title(), value


def _certificates(backends: Backends, listener: Any, dns_name: str) -> Iterator[Certificate]:
    """By where they are kept, ACM or IAM; one that is in neither any more gets the load balancer's own name."""
    for arn in listener.certificates:
        if bundle := backends.acm._certificates.get(arn):
            names = dict.fromkeys(name for name in (bundle.common_name, *bundle.sans) if name)
            chain = bundle.chain.removesuffix(AWS_ROOT_CA + b"\n")  # which moto puts behind every chain
            pem = _pem(bundle.cert, bundle.key, chain) if bundle.type == "IMPORTED" else None
            yield Certificate(arn, tuple(names), pem)
        elif kept := backends.iam.get_certificate_by_arn(arn):
            parts = (kept.cert_body, kept.private_key, kept.cert_chain or "")
            yield Certificate(arn, (dns_name,), _pem(*(part.encode() for part in parts)))
        else:
            yield Certificate(arn, (dns_name,))


def _pem(*parts: bytes) -> bytes:
    return b"".join(part.strip() + b"\n" for part in parts if part.strip())
