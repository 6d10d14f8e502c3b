"""RDS instances: creating, modifying and deleting take time, zones are where the plane put them, AWS's refusals."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from moto.rds.exceptions import InvalidParameterCombination, RDSClientError
from moto.rds.models import DBInstance, RDSBackend

from local_region.control.addresses import attach_managed_interface, release_interface
from local_region.control.databases import backups, events, modifications, parameters, reboots
from local_region.control.databases.settings import checked, refuse_combination
from local_region.control.moment import Moment
from local_region.control.patching import around
from local_region.world import DatabaseState


@around(RDSBackend, "create_db_instance")
def create_slowly(original: Any, self: Any, db_kwargs: dict[str, Any]) -> Any:
    if db_kwargs.get("engine") != "postgres":
        return original(self, db_kwargs)
    settings = {**db_kwargs, **checked(db_kwargs)}
    told = len(self.events)
    database = original(self, settings)
    del self.events[told:]  # it isn't created yet
    database.birth = "created", {}
    database.dbi_resource_id = "db-" + base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
    database.option_group_name = f"default:postgres-{database.engine_version.partition('.')[0]}"
    database.publicly_accessible = bool(database.publicly_accessible)
    if database.ca_certificate_identifier == "rds-ca-default":
        database.ca_certificate_identifier = "rds-ca-rsa2048-g1"
    database.status = "creating"
    database.interfaces = []
    _place_interfaces(self, database)
    return database


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
    for interface in database.interfaces[len(used) :]:
        release_interface(interface)
    del database.interfaces[len(used) :]


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
        version = refuse_combination({**merged, **{key: value for key, value in db_kwargs.items() if value}})
        if db_kwargs.get("engine_version"):
            db_kwargs["engine_version"] = version
    before = modifications.noted(database)
    changed = original(self, db_instance_identifier, db_kwargs)
    modifications.begin(changed, before, db_kwargs)
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
    final = None if options.get("skip_final_snapshot") else options.get("final_db_snapshot_identifier")
    database.final_snapshot = backups.take_final_snapshot(database, final)
    database.status = "deleting"
    options |= {"skip_final_snapshot": True, "final_db_snapshot_identifier": None}
    database.finish_deletion = lambda: original(self, database.db_instance_identifier, **options)
    return database


def has_body(database: Any) -> bool:
    """Whether servers run for the instance: until it is deleted, its final snapshot taken."""
    return database.engine == "postgres" and (database.status != "deleting" or _awaits_snapshot(database))


def _awaits_snapshot(database: Any) -> bool:
    snapshot = getattr(database, "final_snapshot", None)
    return snapshot is not None and snapshot.status == "creating"


def _endpoint(database: Any) -> dict[str, Any] | None:
    """AWS tells no endpoint before the instance was available once."""
    return None if database.status == "creating" else {"Address": database.address, "Port": database.port}


DBInstance.endpoint = property(_endpoint)


def step(moment: Moment) -> None:
    """Databases follow their bodies, and snapshots their data."""
    backups.step(moment)
    for name, database in list(moment.backends.rds.databases.items()):
        body = moment.observed.databases.get(name)
        if body is not None:
            database.availability_zone = body.zone or database.availability_zone
            database.secondary_availability_zone = body.standby_zone if database.multi_az else None
            events.follow(database, body)
        if move_on := STATUSES.get(database.status):
            move_on(moment, database, body)


def _created(moment: Moment, database: Any, body: DatabaseState | None) -> None:
    if body is not None and body.status != "creating":
        database.status = body.status
        what, values = database.birth
        events.tell(database, what, **values)
        backups.back_up(database)


def _rebooted(moment: Moment, database: Any, body: DatabaseState | None) -> None:
    if body is not None and reboots.done(database, body):
        database.status = "available"
        if getattr(database, "start_applies_parameters", False):
            parameters.applied(database)


def _modified(moment: Moment, database: Any, body: DatabaseState | None) -> None:
    name = database.db_instance_identifier
    if moment.clock.over("database.modifying", name) and modifications.done(database, body):
        moment.clock.forget("database.modifying", name)
        database.status = "available"
        modifications.finish(database)
        if database.engine == "postgres":
            _place_interfaces(moment.backends.rds, database)


def _deleted(moment: Moment, database: Any, body: DatabaseState | None) -> None:
    if body is None and moment.clock.over("database.deleting", database.db_instance_identifier):
        moment.clock.forget("database.deleting", database.db_instance_identifier)
        for interface in getattr(database, "interfaces", ()):
            release_interface(interface)
        database.deletion_protection = False
        database.finish_deletion()
        events.tell(database, "deleted")


# What ends a status that doesn't last; "backing-up" ends with the snapshot.
STATUSES: Mapping[str, Callable[[Moment, Any, DatabaseState | None], None]] = {
    "creating": _created,
    "rebooting": _rebooted,
    "modifying": _modified,
    "deleting": _deleted,
}
