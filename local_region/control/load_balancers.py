"""Load balancers: provisioning until the nodes are up, a node and its addresses in every zone, AWS's refusals."""

from __future__ import annotations

import re
from typing import Any

from moto.elbv2.exceptions import (
    DuplicateListenerError,
    DuplicateLoadBalancerName,
    ELBClientError,
    SubnetNotFoundError,
)
from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer, FakeTargetGroup

from local_region.control.addresses import attach_managed_interface, free_public_address, release_interface
from local_region.control.moment import Moment
from local_region.control.patching import around

# What DescribeLoadBalancerAttributes says of a new application load balancer.
ATTRIBUTES = {
    "access_logs.s3.enabled": "false",
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "health_check_logs.s3.enabled": "false",
    "health_check_logs.s3.bucket": "",
    "health_check_logs.s3.prefix": "",
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
FakeLoadBalancer.VALID_ATTRS |= ATTRIBUTES.keys()
NAME = re.compile(r"(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?")


@around(ELBv2Backend, "create_load_balancer")
def create_with_nodes(
    original: Any, self: Any, name: str, security_groups: list[str], subnet_ids: list[str], *args: Any, **kwargs: Any
) -> Any:
    mappings = kwargs.get("subnet_mappings") or []
    kwargs["scheme"] = kwargs.get("scheme") or "internet-facing"
    subnets = _subnets(self.ec2_backend, [*subnet_ids, *(mapping["SubnetId"] for mapping in mappings)])
    _refuse_invalid(self, name, security_groups, subnets, kwargs)
    groups = security_groups or [self.ec2_backend.get_default_security_group(subnets[0].vpc_id).id]
    balancer = original(self, name, groups, subnet_ids, *args, **kwargs)
    balancer.attrs = dict(ATTRIBUTES) if balancer.type == "application" else balancer.attrs
    _place_nodes(self.ec2_backend, balancer)
    return balancer


def _subnets(ec2: Any, ids: list[str]) -> list[Any]:
    known = {subnet.id: subnet for of_zone in ec2.subnets.values() for subnet in of_zone.values()}
    for unknown in set(ids) - known.keys():
        raise SubnetNotFoundError from KeyError(unknown)
    return [known[each] for each in ids]


def _refuse_invalid(elbv2: Any, name: str, groups: list[str], subnets: list[Any], options: dict[str, Any]) -> None:
    if not NAME.fullmatch(name):
        rule = "cannot be longer than '32' characters" if len(name) > 32 else "is not valid"
        raise ELBClientError("ValidationError", f"The load balancer name '{name}' {rule}")
    if any(balancer.name == name for balancer in elbv2.load_balancers.values()):
        raise DuplicateLoadBalancerName
    for unknown in (group for group in groups or () if not elbv2.ec2_backend.get_security_group_from_id(group)):
        raise ELBClientError("InvalidSecurityGroup", f"The security group '{unknown}' does not exist")
    if (options.get("loadbalancer_type") or "application") == "application":
        _refuse_zones(subnets)
    vpc = subnets[0].vpc_id
    attached = any(each.vpc and each.vpc.id == vpc for each in elbv2.ec2_backend.internet_gateways.values())
    if options["scheme"] == "internet-facing" and not attached:
        raise ELBClientError("InvalidSubnet", f"VPC {vpc} has no internet gateway")


def _refuse_zones(subnets: list[Any]) -> None:
    zones = [subnet.availability_zone for subnet in subnets]
    if len(set(zones)) < 2:
        message = "At least two subnets in two different Availability Zones must be specified"
        raise ELBClientError("ValidationError", message)
    if len(zones) > len(set(zones)):
        message = "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        raise ELBClientError("InvalidConfigurationRequest", message)


def _place_nodes(ec2: Any, balancer: Any) -> None:
    """A network interface in each of its subnets, with a public address when it faces the internet."""
    interfaces = getattr(balancer, "interfaces", {})
    wanted = {subnet.id: subnet for subnet in balancer.subnets}
    for subnet_id in interfaces.keys() - wanted.keys():
        release_interface(interfaces.pop(subnet_id))
    path = balancer.arn.partition(":loadbalancer/")[2]
    for subnet_id in wanted.keys() - interfaces.keys():
        groups = list(balancer.security_groups or ())
        interface = attach_managed_interface(ec2, wanted[subnet_id], groups, f"ELB {path}", "amazon-elb")
        if balancer.scheme == "internet-facing":
            interface.public_ip = free_public_address(ec2)
        interfaces[subnet_id] = interface
    balancer.interfaces = dict(sorted(interfaces.items()))


@around(ELBv2Backend, "modify_load_balancer_attributes")
def refuse_logs_without_bucket(original: Any, self: Any, arn: str, attrs: dict[str, Any]) -> Any:
    """ "This attribute is required if access logs are enabled"."""
    balancer = self.load_balancers.get(arn)
    merged = {**(balancer.attrs if balancer else {}), **attrs}
    for key in (key for key in attrs if key.endswith(".s3.enabled") and attrs[key] == "true"):
        if not merged.get(bucket := key.replace("enabled", "bucket")):
            raise ELBClientError("InvalidConfigurationRequest", f"{bucket} is required when {key} is true")
    return original(self, arn, attrs)


@around(FakeLoadBalancer, "activate")
def wait_for_nodes(original: Any, self: Any) -> None:
    """moto activates a load balancer when it is first described; here its nodes do."""


@around(ELBv2Backend, "set_subnets")
def move_nodes(original: Any, self: Any, arn: str, *args: Any, **kwargs: Any) -> Any:
    zones = original(self, arn, *args, **kwargs)
    _place_nodes(self.ec2_backend, self.load_balancers[arn])
    return zones


@around(ELBv2Backend, "set_security_groups")
def change_groups(original: Any, self: Any, arn: str, sec_groups: list[str]) -> None:
    original(self, arn, sec_groups)
    for interface in self.load_balancers[arn].interfaces.values():
        interface._group_set = [self.ec2_backend.get_security_group_from_id(group) for group in sec_groups]


@around(ELBv2Backend, "delete_load_balancer")
def delete_protected(original: Any, self: Any, arn: str) -> None:
    """The interfaces outlive the load balancer by a moment: what it used can't be deleted at once."""
    balancer = self.load_balancers.get(arn)
    if balancer is not None:
        if balancer.attrs.get("deletion_protection.enabled") == "true":
            message = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
            raise ELBClientError("OperationNotPermitted", message)
        self.leaving = {**getattr(self, "leaving", {}), arn: list(balancer.interfaces.values())}
    original(self, arn)


@around(ELBv2Backend, "create_listener")
def refuse_second_listener(original: Any, self: Any, load_balancer_arn: str, port: Any, **options: Any) -> Any:
    balancer = self.load_balancers.get(load_balancer_arn)
    if balancer and any(int(listener.port) == int(port) for listener in balancer.listeners.values()):
        raise DuplicateListenerError
    return original(self, load_balancer_arn=load_balancer_arn, port=port, **options)


def forwarding(elbv2: Any, group_arn: str) -> list[Any]:
    """The load balancers, all of its VPC, that have a listener or a rule which forwards to the target group."""
    group = elbv2.target_groups.get(group_arn)
    near = [each for each in elbv2.load_balancers.values() if group is None or each.vpc_id == group.vpc_id]
    return [balancer for balancer in near if group_arn in _forwarded(elbv2, balancer)]


def _forwarded(elbv2: Any, balancer: Any) -> set[str]:
    rules = (rule for listener in balancer.listeners.values() for rule in listener.rules.values())
    actions = (action for rule in rules for action in rule.actions if action.type == "forward")
    return {arn for action in actions for arn in elbv2._get_target_group_arns_from(action_data=action.data)}


def _load_balancer_arns(group: Any) -> list[str]:
    """moto remembers them when a listener is created, and never forgets."""
    from moto.elbv2.models import elbv2_backends

    return [each.arn for each in forwarding(elbv2_backends[group.account_id][group.region_name], group.arn)]


FakeTargetGroup.load_balancer_arns = property(_load_balancer_arns, lambda group, value: None)


def step(moment: Moment) -> None:
    """Load balancers follow their nodes."""
    elbv2 = moment.backends.elbv2
    for balancer in elbv2.load_balancers.values():
        body = moment.observed.load_balancers.get(balancer.arn)
        if balancer.state == "provisioning" and body in {"active", "failed"}:
            balancer.state = body
    for arn, interfaces in list(getattr(elbv2, "leaving", {}).items()):
        if arn not in moment.observed.load_balancers and moment.clock.over("load_balancer.deleting", arn):
            for interface in interfaces:
                release_interface(interface)
            del elbv2.leaving[arn]
