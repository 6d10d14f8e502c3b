"""RDS instances: creating, modifying and deleting take time, zones are where the plane put them, AWS's refusals."""

from __future__ import annotations

import base64
import json
import re
import secrets
from typing import Any

from moto.rds.exceptions import DBSubnetGroupNotFoundError, InvalidParameterCombination, RDSClientError
from moto.rds.models import DBInstance, MasterUserSecret, RDSBackend

from local_region.control.addresses import attach_managed_interface, release_interface
from local_region.control.moment import Moment
from local_region.control.patching import around

# PostgreSQL on RDS: major version -> (first, last) minor version that can be created.
POSTGRES = {13: (11, 22), 14: (8, 19), 15: (7, 14), 16: (3, 10), 17: (1, 6), 18: (1, 1)}
DEFAULT_MAJOR = 17
INSTANCE_CLASS = re.compile(
    r"db\.(t3|t4g|m5|m5d|m6g|m6gd|m6i|m6id|m7g|m7i|m8g|r5|r5b|r5d|r6g|r6gd|r6i|r6id|r7g|r7i|r8g|x2g|x2iedn|z1d)"
    r"\.(micro|small|medium|large|x?large|\d+xlarge)"
)
# A gp3 volume below 400 GiB has the baseline and can't be given another: (IOPS, MiB/s).
GP3_BASELINE = (3000, 125)
GP3_LARGE = (12000, 500)
GP3_LARGE_FROM = 400  # GiB, PostgreSQL


def latest_of(version: str | None) -> str | None:
    """The full version that ``version`` names ("16" is the latest 16), None when RDS has no such version."""
    major, _, minor = (version or str(DEFAULT_MAJOR)).partition(".")
    if not major.isdigit() or int(major) not in POSTGRES:
        return None
    first, last = POSTGRES[int(major)]
    if not minor:
        return f"{major}.{last}"
    return version if minor.isdigit() and first <= int(minor) <= last else None


@around(RDSBackend, "create_db_instance")
def create_slowly(original: Any, self: Any, db_kwargs: dict[str, Any]) -> Any:
    if db_kwargs.get("engine") != "postgres":
        return original(self, db_kwargs)
    settings = {**db_kwargs, **_checked(db_kwargs)}
    database = original(self, settings)
    database.dbi_resource_id = "db-" + base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
    database.option_group_name = f"default:postgres-{database.engine_version.partition('.')[0]}"
    database.publicly_accessible = bool(database.publicly_accessible)
    if database.ca_certificate_identifier == "rds-ca-default":
        database.ca_certificate_identifier = "rds-ca-rsa2048-g1"
    database.status = "creating"
    database.interfaces = []
    _place_interfaces(self, database)
    return database


def _checked(settings: dict[str, Any]) -> dict[str, Any]:
    """What AWS fills in, after it refused what is wrong."""
    version = _refuse_combination(settings)
    if not settings.get("allocated_storage"):
        raise RDSClientError("MissingParameter", "The request must contain the parameter AllocatedStorage")
    if not settings.get("manage_master_user_password") and not settings.get("master_user_password"):
        message = "The parameter MasterUserPassword must be provided and must not be blank."
        raise RDSClientError("InvalidParameterValue", message)
    filled = {"engine_version": version, **_storage(settings)}
    filled.setdefault("license_model", "postgresql-license")
    return filled


def _refuse_combination(settings: dict[str, Any]) -> str:
    version, wanted = latest_of(settings.get("engine_version")), settings.get("engine_version")
    if version is None:
        raise InvalidParameterCombination(f"Cannot find version {wanted} for postgres")
    instance_class = str(settings.get("db_instance_class"))
    if not INSTANCE_CLASS.fullmatch(instance_class):
        raise InvalidParameterCombination(
            "RDS does not support creating a DB instance with the following combination: "
            f"DBInstanceClass={instance_class}, Engine=postgres, EngineVersion={version}"
        )
    return version


def _storage(settings: dict[str, Any]) -> dict[str, Any]:
    kind = settings.get("storage_type") or "gp2"
    if kind != "gp3":
        return {"storage_type": kind}
    iops, throughput = GP3_LARGE if int(settings["allocated_storage"]) >= GP3_LARGE_FROM else GP3_BASELINE
    return {
        "storage_type": kind,
        "iops": settings.get("iops") or iops,
        "storage_throughput": settings.get("storage_throughput") or throughput,
    }


def _place_interfaces(rds: Any, database: Any) -> None:
    """RDS holds an interface in a subnet of each zone that the instance uses: they can't be deleted meanwhile."""
    group = getattr(database, "db_subnet_group", None)
    zones = {subnet.availability_zone: subnet for subnet in reversed(group._subnets)} if group else {}
    used = [zones[zone] for zone in sorted(zones)][: 2 if database.multi_az else 1]
    for subnet in used[len(database.interfaces) :]:
        interface = attach_managed_interface(
            _ec2(rds), subnet, database.vpc_security_group_ids, "RDSNetworkInterface", "amazon-rds"
        )
        database.interfaces.append(interface)


def _ec2(rds: Any) -> Any:
    from moto.ec2.models import ec2_backends

    return ec2_backends[rds.account_id][rds.region_name]


@around(RDSBackend, "modify_db_instance")
def modify_slowly(original: Any, self: Any, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> Any:
    database = self.describe_db_instances(db_instance_identifier)[0]
    if database.status != "available":
        message = f"Database instance: {db_instance_identifier} is not in available state."
        raise RDSClientError("InvalidDBInstanceState", message)
    if database.engine == "postgres":
        merged = {"engine_version": database.engine_version, "db_instance_class": database.db_instance_class}
        version = _refuse_combination({**merged, **{key: value for key, value in db_kwargs.items() if value}})
        if db_kwargs.get("engine_version"):
            db_kwargs["engine_version"] = version
    changed = original(self, db_instance_identifier, db_kwargs)
    changed.status = "modifying"
    for interface in getattr(changed, "interfaces", ()):
        groups = (_ec2(self).get_security_group_from_id(group) for group in changed.vpc_security_group_ids)
        interface._group_set = [group for group in groups if group]
    return changed


@around(RDSBackend, "delete_db_instance")
def delete_slowly(original: Any, self: Any, db_instance_identifier: str, **options: Any) -> Any:
    database = self.describe_db_instances(db_instance_identifier)[0]
    if database.status == "deleting":
        message = f"Instance {db_instance_identifier} is already being deleted."
        raise RDSClientError("InvalidDBInstanceState", message)
    if database.deletion_protection:
        message = "Cannot delete protected DB Instance, please disable deletion protection and try again."
        raise InvalidParameterCombination(message)
    if not options.get("skip_final_snapshot") and not options.get("final_db_snapshot_identifier"):
        message = "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
        raise InvalidParameterCombination(message)
    database.status = "deleting"
    database.finish_deletion = lambda: original(self, database.db_instance_identifier, **options)
    return database


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


@around(MasterUserSecret, "_generate_secret_string")
def random_password(original: Any, self: Any) -> str:
    """moto gives every database the same user and password."""
    return json.dumps({"username": self.resource.master_username, "password": secrets.token_urlsafe(21)})


def _endpoint(database: Any) -> dict[str, Any] | None:
    """AWS tells no endpoint before the instance was available once."""
    return None if database.status == "creating" else {"Address": database.address, "Port": database.port}


DBInstance.endpoint = property(_endpoint)


def step(moment: Moment) -> None:
    """Databases follow their bodies."""
    for name, database in list(moment.backends.rds.databases.items()):
        body = moment.observed.databases.get(name)
        if body is not None:
            database.availability_zone = body.zone or database.availability_zone
            database.secondary_availability_zone = body.standby_zone if database.multi_az else None
        if database.status == "creating" and body is not None and body.status != "creating":
            database.status = body.status
        elif database.status == "modifying" and moment.clock.over("database.modifying", name):
            database.status = "available"
            moment.clock.forget("database.modifying", name)
            _place_interfaces(moment.backends.rds, database)
        elif database.status == "deleting" and body is None and moment.clock.over("database.deleting", name):
            moment.clock.forget("database.deleting", name)
            _delete(database)


def _delete(database: Any) -> None:
    for interface in getattr(database, "interfaces", ()):
        release_interface(interface)
    database.deletion_protection = False
    database.finish_deletion()
