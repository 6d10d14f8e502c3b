"""moto's state as a ``World``. Called with the API's lock held."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from local_region.control import load_balancing, run_commands
from local_region.control.backends import Backends
from local_region.control.databases.backups import backups as database_backups
from local_region.control.databases.lifecycle import has_body
from local_region.control.databases.passwords import master_password
from local_region.world import (
    Command,
    Database,
    Instance,
    NatGateway,
    NetworkAcl,
    NetworkAclEntry,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    Vpc,
    World,
)

LIVE = frozenset({"pending", "running", "stopping", "stopped"})


def snapshot(backends: Backends) -> World:
    """Every resource that has a body. The account's default VPC is left out while nothing lives in it."""
    instances = tuple(_instances(backends.ec2))
    gateways = tuple(_nat_gateways(backends.ec2))
    balancers = tuple(load_balancing.load_balancers(backends))
    databases = tuple(_databases(backends))
    inhabited = {instance.subnet_id for instance in instances} | {gateway.subnet_id for gateway in gateways}
    inhabited |= {node.subnet_id for balancer in balancers for node in balancer.nodes}
    inhabited |= {subnet for database in databases for subnet in database.subnet_ids}
    vpcs = _vpcs(backends.ec2, inhabited)
    return World(
        vpcs=tuple(vpcs.values()),
        subnets=tuple(_subnets(backends.ec2, vpcs)),
        route_tables=tuple(_route_tables(backends.ec2, vpcs)),
        nat_gateways=gateways,
        security_groups=tuple(_security_groups(backends.ec2, vpcs)),
        network_acls=tuple(_network_acls(backends.ec2, vpcs)),
        instances=instances,
        commands=tuple(_commands(backends, instances)),
        target_groups=tuple(load_balancing.target_groups(backends)),
        load_balancers=balancers,
        databases=databases,
        backups=tuple(database_backups(backends.rds)),
    )


def _all_subnets(ec2: Any) -> list[Any]:
    return [subnet for of_zone in ec2.subnets.values() for subnet in of_zone.values()]


def _vpcs(ec2: Any, inhabited: set[str]) -> dict[str, Vpc]:
    used = {subnet.vpc_id for subnet in _all_subnets(ec2) if subnet.id in inhabited}
    attached = {gateway.vpc.id: gateway.id for gateway in ec2.internet_gateways.values() if gateway.vpc}
    return {
        vpc.id: Vpc(vpc.id, vpc.cidr_block, attached.get(vpc.id))
        for vpc in ec2.vpcs.values()
        if not vpc.is_default or vpc.id in used
    }


def _subnets(ec2: Any, vpcs: Mapping[str, Vpc]) -> Iterator[Subnet]:
    explicit = {target: table.id for table in ec2.route_tables.values() for target in table._associations.values()}
    main = {table.vpc_id: table.id for table in ec2.route_tables.values() if table.main_association_id}
    acls = {each.subnet_id: acl.id for acl in ec2.network_acls.values() for each in acl.associations}
    for subnet in _all_subnets(ec2):
        if subnet.vpc_id in vpcs:
            table = explicit.get(subnet.id) or main.get(subnet.vpc_id, "")
            acl = acls.get(subnet.id, "")
            yield Subnet(subnet.id, subnet.vpc_id, subnet.cidr_block, subnet.availability_zone, table, acl)


def _route_tables(ec2: Any, vpcs: Mapping[str, Vpc]) -> Iterator[RouteTable]:
    for table in ec2.route_tables.values():
        if table.vpc_id in vpcs:
            routes = tuple(
                Route(route.destination_cidr_block, _route_target(route, vpcs[table.vpc_id]))
                for route in table._routes.values()
                if route.destination_cidr_block
            )
            yield RouteTable(table.id, table.vpc_id, routes)


def _route_target(route: Any, vpc: Vpc) -> str:
    """A route whose gateway is gone or detached stays in the table, as a blackhole."""
    if route.local:
        return "local"
    if route.nat_gateway:
        return str(route.nat_gateway.id) if route.nat_gateway.state in {"pending", "available"} else ""
    if route.gateway and route.gateway.id == vpc.internet_gateway_id:
        return str(route.gateway.id)
    return ""


def _nat_gateways(ec2: Any) -> Iterator[NatGateway]:
    for gateway in ec2.nat_gateways.values():
        if gateway.state in {"pending", "available"}:
            interface = gateway._eni
            yield NatGateway(gateway.id, gateway.subnet_id, interface.private_ip_address, interface.public_ip or "")


def _security_groups(ec2: Any, vpcs: Mapping[str, Vpc]) -> Iterator[SecurityGroup]:
    for vpc_id in vpcs:
        for group in ec2.groups.get(vpc_id, {}).values():
            rules = [_rule(rule, "ingress") for rule in group.ingress_rules]
            rules += [_rule(rule, "egress") for rule in group.egress_rules]
            yield SecurityGroup(group.id, vpc_id, tuple(rule for rule in rules if rule))


def _rule(rule: Any, direction: Any) -> Rule | None:
    """None for an IPv6 or prefix-list rule: the region's networks are IPv4."""
    ported = rule.ip_protocol in {"tcp", "udp"}
    cidr, group = rule.cidr_ipv4, (rule.source_group or {}).get("GroupId")
    if not cidr and not group:
        return None
    first, last = (int(rule.from_port), int(rule.to_port)) if ported else (None, None)
    return Rule(direction, rule.ip_protocol, first, last, cidr=cidr, group_id=group)


def _network_acls(ec2: Any, vpcs: Mapping[str, Vpc]) -> Iterator[NetworkAcl]:
    for acl in ec2.network_acls.values():
        if acl.vpc_id in vpcs:
            entries = (_network_acl_entry(entry) for entry in acl.network_acl_entries if entry.cidr_block)
            yield NetworkAcl(acl.id, acl.vpc_id, tuple(sorted(entries, key=lambda entry: entry.number)))


def _network_acl_entry(entry: Any) -> NetworkAclEntry:
    return NetworkAclEntry(
        number=int(entry.rule_number),
        direction="egress" if entry.egress else "ingress",
        action=entry.rule_action,
        protocol=str(entry.protocol),
        cidr=entry.cidr_block,
        from_port=entry.port_range_from,
        to_port=entry.port_range_to,
        icmp_type=entry.icmp_type,
        icmp_code=entry.icmp_code,
    )


def _instances(ec2: Any) -> Iterator[Instance]:
    for reservation in ec2.reservations.values():
        for instance in reservation.instances:
            if instance.state in LIVE and instance.nics:
                yield Instance(
                    id=instance.id,
                    image_id=instance.image_id,
                    subnet_id=instance.subnet_id,
                    private_ip=instance.private_ip_address,
                    security_group_ids=tuple(sorted(group.id for group in instance.nics[0].group_set)),
                    user_data=base64.b64decode(str(instance.user_data)) if instance.user_data else b"",
                    wanted="running" if instance.state in {"pending", "running"} else "stopped",
                    boots=getattr(instance, "boots", 1),
                )


def _commands(backends: Backends, instances: Iterable[Instance]) -> Iterator[Command]:
    there = {instance.id for instance in instances}
    return (command for command in run_commands.bodies(backends.ssm) if command.instance_id in there)


def _databases(backends: Backends) -> Iterator[Database]:
    for database in backends.rds.databases.values():
        if has_body(database):
            group = getattr(database, "db_subnet_group", None)
            yield Database(
                id=database.db_instance_identifier,
                address=database.address,
                port=int(database.port),
                engine_version=database.engine_version,
                name=database.db_name,
                username=database.master_username,
                password=master_password(database),
                subnet_ids=tuple(_in_zone_order(group, database.availability_zone)),
                security_group_ids=tuple(database.vpc_security_group_ids),
                multi_az=bool(database.multi_az),
                reboots=getattr(database, "reboots", 0),
                failovers=getattr(database, "failovers", 0),
                backup_id=database.made_from.backup_id if hasattr(database, "made_from") else None,
                source_id=database.source_db_instance_identifier if database.is_replica else None,
            )


def _in_zone_order(group: Any, first: str | None) -> list[str]:
    """The group's subnets, the first zone's in front: the primary is made there."""
    subnets = sorted(group._subnets, key=lambda subnet: (subnet.availability_zone != first, subnet.availability_zone))
    return [subnet.id for subnet in subnets]
