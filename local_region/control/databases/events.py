"""RDS's events, in its own words and categories (User Guide, "Amazon RDS event categories and event messages").

Where that page ends a message with a full stop and DescribeEvents doesn't, DescribeEvents is followed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from moto.core.responses import ActionResult, PaginatedResult
from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue
from moto.rds.models import Event, RDSBackend
from moto.rds.responses import RDSResponse

from local_region.control.patching import around
from local_region.world import DatabaseState

CATEGORIES = {
    "availability": {
        "shutdown": "DB instance shutdown",  # RDS-EVENT-0004
        "restarted": "DB instance restarted",  # 0006
    },
    "backup": {
        "backup started": "Backing up DB instance",  # 0001
        "backup finished": "Finished DB Instance backup",  # 0002
    },
    "configuration change": {
        "class change started": "Applying modification to database instance class",  # 0012
        "class change finished": "Finished applying modification to DB instance class",  # 0014
        "credentials reset": "Reset master credentials",  # 0016
        "storage change finished": "Finished applying modification to allocated storage",  # 0017
        "storage change started": "Applying modification to allocated storage",  # 0018
        "multi-az conversion started": "Applying modification to convert to a Multi-AZ DB Instance",  # 0024
        "multi-az conversion finished": "Finished applying modification to convert to a Multi-AZ DB Instance",  # 0025
        "backups disabled": "Disabled automated backups",  # 0028
        "single-az conversion finished": "Finished applying modification to convert to a standard (Single-AZ) DB "
        "Instance",  # 0029
        "single-az conversion started": "Applying modification to convert to a standard (Single-AZ) DB "
        "Instance",  # 0030
        "backups enabled": "Enabled automated backups",  # 0032
    },
    "creation": {
        "created": "DB instance created",  # 0005
        "manual snapshot started": "Creating manual snapshot",  # 0040, of a snapshot, as the other three
        "manual snapshot finished": "Manual snapshot created",  # 0042
        "automated snapshot started": "Creating automated snapshot",  # 0090
        "automated snapshot finished": "Automated snapshot created",  # 0091
    },
    "deletion": {
        "deleted": "DB instance deleted",  # 0003
        "snapshot deleted": "Deleted user snapshot",  # 0041
    },
    "failover": {
        "failover started": "Multi-AZ instance failover started.",  # 0013
        "failover abandoned": "Abandoning user requested failover since a failover recently occurred on the database "
        "instance.",  # 0034
        "failover completed": "Multi-AZ instance failover completed",  # 0049
    },
    "recovery": {
        "recovery started": "Recovery of the DB instance has started. Recovery time will vary with the amount of data "
        "to be recovered.",  # 0020
        "recovery completed": "Recovery of the DB instance is complete.",  # 0021
        "standby recovery started": "Recovery of standby DB instance has started.",  # 0361
        "standby recovery completed": "Recovery of standby DB instance has completed.",  # 0362
    },
    "restoration": {
        "restored to a time": "Restored from DB instance {source} to {time}.",  # 0019
        "restored from snapshot": "Restored from snapshot {snapshot}",  # 0043
    },
}
# Why an instance failed over: an event without a category, of the moment in which the failover was completed
# (User Guide, "Failing over a Multi-AZ DB instance").
REASONS = {
    "requested": "The user requested a failover of the DB instance.",
    "unhealthy": "The primary host of the RDS Multi-AZ instance is unhealthy.",
    "unreachable": "The primary host of the RDS Multi-AZ instance is unreachable due to loss of network connectivity.",
    "unresponsive": "The RDS Multi-AZ primary instance is busy and unresponsive.",
}
Event.EVENT_MAP |= {
    name: {"Categories": [category], "Message": message}
    for category, messages in CATEGORIES.items()
    for name, message in messages.items()
}
Event.EVENT_MAP |= {name: {"Categories": [], "Message": message} for name, message in REASONS.items()}

SOURCE_TYPES = (
    "db-instance", "db-parameter-group", "db-security-group", "db-snapshot", "db-cluster", "db-cluster-snapshot",
    "custom-engine-version", "db-proxy", "blue-green-deployment", "db-shard-group", "zero-etl",
)  # fmt: skip
KEPT = timedelta(days=14)


def tell(resource: Any, what: str, at: datetime | None = None, **values: str) -> None:
    """Add an event of ``resource`` (an instance or a snapshot); ``at`` when it isn't now."""
    resource.add_event(what)
    event = resource.backend.events[-1]
    event.message = event.message.format(**values)
    if at is not None:
        event.date = at.astimezone(UTC).replace(tzinfo=None)  # as moto keeps them


def follow(database: Any, body: DatabaseState) -> None:
    """Tell what happened to the bodies since the last time."""
    for event in body.events[getattr(database, "told", 0) :]:
        tell(database, event.what, event.at)
        if event.cause:
            tell(database, event.cause, event.at)
    database.told = len(body.events)


@around(RDSBackend, "describe_events")
def describe(original: Any, self: Any, **request: Any) -> list[Any]:
    """Those of the last hour, unless another time is asked for; the oldest first."""
    kind, source = request.get("source_type"), request.get("source_identifier")
    if kind is not None and kind not in SOURCE_TYPES:
        raise InvalidParameterValue(f"Invalid source type: {kind}")
    start, end = _period(request)
    wanted = set(request.get("event_categories") or ())
    found = original(self, source_type=kind, source_identifier=source.lower() if source else None)
    return sorted(
        (
            event
            for event in found
            if start <= event.date.replace(tzinfo=UTC) <= end and (not wanted or wanted & set(event.event_categories))
        ),
        key=lambda event: event.date,
    )


def _period(request: dict[str, Any]) -> tuple[datetime, datetime]:
    """RDS keeps events for 14 days. Duration is in minutes, and means the last ones without a StartTime."""
    now = datetime.now(UTC)
    start, end, minutes = (
        _moment(request.get("start_time")),
        _moment(request.get("end_time")),
        request.get("duration"),
    )
    span = timedelta(minutes=int(minutes or 60))
    if start is None:
        start = (end or now) - span
    elif end is None and minutes:
        end = start + span
    if end is not None and end < start:
        raise InvalidParameterCombination("The start time must be before the end time.")
    return max(start, now - KEPT), end or now


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value if isinstance(value, datetime) else None


def describe_events(response: Any) -> ActionResult:
    """moto's own has no pages."""
    return PaginatedResult({"Events": response.backend.describe_events(**response.params)})


RDSResponse.describe_events = describe_events
