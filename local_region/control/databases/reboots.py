"""RebootDBInstance, with and without a failover: moto answers and does nothing."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import InvalidParameterCombination, RDSClientError
from moto.rds.models import RDSBackend
from moto.rds.responses import RDSResponse

from local_region.control.patching import around
from local_region.world import DatabaseState

REBOOTABLE = ("available", "storage-optimization", "incompatible-credentials", "incompatible-parameters")


@around(RDSBackend, "reboot_db_instance")
def reboot(original: Any, self: Any, db_instance_identifier: str, force_failover: bool = False) -> Any:
    """The instance is "rebooting" until its bodies did it. Refusals as API_RebootDBInstance has them."""
    database = original(self, db_instance_identifier)
    if database.status not in REBOOTABLE:
        message = f"Can only reboot db instances with state in: {', '.join(REBOOTABLE)}."
        raise RDSClientError("InvalidDBInstanceState", message)
    if force_failover and not database.multi_az:
        raise InvalidParameterCombination(
            "ForceFailover cannot be specified since the instance is not configured for either MultiAZ or "
            "High Availability"
        )
    if database.engine == "postgres":  # the others have no body
        database.start_applies_parameters = not force_failover
        kind = "failovers" if force_failover else "reboots"
        setattr(database, kind, getattr(database, kind, 0) + 1)
        database.status = "rebooting"
    return database


def reboot_db_instance(response: Any) -> ActionResult:
    """moto's own doesn't read ForceFailover."""
    force = bool(response.params.get("ForceFailover"))
    return ActionResult(
        {"DBInstance": response.backend.reboot_db_instance(response.params["DBInstanceIdentifier"], force)}
    )


RDSResponse.reboot_db_instance = reboot_db_instance


def done(database: Any, body: DatabaseState) -> bool:
    """Whether the bodies did all that was asked for."""
    return body.reboots >= getattr(database, "reboots", 0) and body.failovers >= getattr(database, "failovers", 0)
