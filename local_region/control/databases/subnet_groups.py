"""DB subnet groups: at least two zones, and none whose subnets are in use is changed under an instance."""

from __future__ import annotations

from typing import Any

from moto.rds.exceptions import DBSubnetGroupNotFoundError, RDSClientError
from moto.rds.models import RDSBackend

from local_region.control.patching import around


@around(RDSBackend, "create_subnet_group")
def refuse_one_zone(original: Any, self: Any, subnet_name: str, description: str, subnets: list[Any], tags: Any) -> Any:
    if subnet_name.lower() in self.subnet_groups:
        message = f"The DB subnet group '{subnet_name}' already exists."
        raise RDSClientError("DBSubnetGroupAlreadyExists", message)
    _refuse_coverage(subnets)
    return original(self, subnet_name.lower(), description, subnets, tags)


@around(RDSBackend, "modify_db_subnet_group")
def refuse_unknown_or_one_zone(original: Any, self: Any, subnet_name: str, description: str, subnets: list[Any]) -> Any:
    if subnet_name.lower() not in self.subnet_groups:
        raise DBSubnetGroupNotFoundError(subnet_name)
    _refuse_coverage(subnets)
    group = self.subnet_groups[subnet_name.lower()]
    for database in self.databases.values():
        used = {interface.subnet.id for interface in getattr(database, "interfaces", ())}
        if getattr(database, "db_subnet_group", None) is group and used - {subnet.id for subnet in subnets}:
            lost = ", ".join(sorted(used - {subnet.id for subnet in subnets}))
            raise RDSClientError("SubnetAlreadyInUse", f"The specified subnets are in use: {lost}")
    return original(self, subnet_name.lower(), description or group.description, subnets)


def _refuse_coverage(subnets: list[Any]) -> None:
    zones = sorted({subnet.availability_zone for subnet in subnets})
    if len(zones) < 2:
        message = "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
        message += f"Current AZ coverage: {', '.join(zones)}. Add subnets to cover at least 2 AZs."
        raise RDSClientError("DBSubnetGroupDoesNotCoverEnoughAZs", message)


@around(RDSBackend, "delete_subnet_group")
def refuse_used_group(original: Any, self: Any, subnet_name: str) -> Any:
    group = self.subnet_groups.get(subnet_name.lower())
    users = [
        database.db_instance_identifier
        for database in self.databases.values()
        if group is not None and getattr(database, "db_subnet_group", None) is group
    ]
    if users:
        message = f"Cannot delete the subnet group '{subnet_name}' because at least one database instance: "
        raise RDSClientError("InvalidDBSubnetGroupStateFault", f"{message}{users[0]} is still using it.")
    return original(self, subnet_name.lower())
