"""Zonal shifts (arc-zonal-shift): traffic of an application load balancer is moved away from an Availability Zone.

A load balancer is a managed resource while its attribute zonal_shift.config.enabled is true. While a shift is in effect
the zone's node is left out of DNS and the zone's targets get no requests from the other nodes either ("Using cross-zone
load balancing with zonal shift", AWS Networking & Content Delivery Blog).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from local_region.control.backends import Backends
from local_region.control.services import Refusal, Service

SERVICE = Service("arc-zonal-shift")
LONGEST = timedelta(hours=72)  # for which a shift may be started; it can be prolonged
UNITS = {"m": "minutes", "h": "hours"}
# Of several shifts of a resource the customer's own is in effect, then an experiment's (ZonalShiftInResource).
PRECEDENCE = ("ZONAL_SHIFT", "FIS_EXPERIMENT")
Kind = Literal["ZONAL_SHIFT", "FIS_EXPERIMENT"]


@dataclass
class ZonalShift:
    """``zone`` is the id (use1-az1) of the Availability Zone that traffic is moved away from."""

    id: str
    resource: str
    zone: str
    comment: str
    started: datetime
    expires: datetime
    kind: Kind
    cancelled: bool = False

    @property
    def status(self) -> Literal["ACTIVE", "EXPIRED", "CANCELED"]:
        if self.cancelled:
            return "CANCELED"
        return "ACTIVE" if datetime.now(UTC) < self.expires else "EXPIRED"

    def described(self) -> dict[str, Any]:
        return {
            "zonalShiftId": self.id,
            "resourceIdentifier": self.resource,
            "awayFrom": self.zone,
            "expiryTime": self.expires,
            "startTime": self.started,
            "status": self.status,
            "comment": self.comment,
            "shiftType": self.kind,
        }


# --- What the region's other parts use


def start(
    backends: Backends, resource_arn: str, zone: str, expires_in: str, comment: str, kind: Kind = "ZONAL_SHIFT"
) -> ZonalShift:
    """Start a shift of a load balancer away from ``zone`` (name or id), for a time such as "30m" or "2h".

    Raises:
        Refusal: as StartZonalShift refuses.
    """
    balancer = _managed(backends, resource_arn)
    zones = _zones(balancer)
    zone_id = zones.get(zone, zone)
    if zone_id not in zones.values():
        message = f"{zone} is no Availability Zone of {balancer.arn}, which has {', '.join(sorted(zones.values()))}"
        raise Refusal("ValidationException", message, reason="InvalidAz")
    for other in _active(backends, balancer.arn):
        if other.kind == kind:
            message = f"{balancer.arn} is shifted away from {other.zone} already: cancel zonal shift {other.id} first"
            raise Refusal("ConflictException", message, reason="ZonalShiftAlreadyExists", zonalShiftId=other.id)
    now = datetime.now(UTC)
    shift = ZonalShift(str(uuid.uuid4()), balancer.arn, zone_id, comment, now, now + _length(expires_in), kind)
    backends.zonal_shifts[shift.id] = shift
    return shift


def cancel(backends: Backends, shift_id: str) -> ZonalShift:
    """End a shift that is active.

    Raises:
        Refusal: as CancelZonalShift refuses.
    """
    shift = _active_one(backends, shift_id)
    shift.cancelled = True
    return shift


def zones_away(backends: Backends, balancer: Any) -> tuple[str, ...]:
    """The names of the zones that a load balancer's traffic is moved away from: one at most."""
    shift = _applied(backends, balancer.arn)
    if shift is None or not _enabled(balancer):
        return ()
    return tuple(name for name, id_ in _zones(balancer).items() if id_ == shift.zone)


# --- What they know


def _length(expires_in: str) -> timedelta:
    found = re.fullmatch(r"([1-9][0-9]*)([mh])", expires_in)
    length = timedelta(**{UNITS[found[2]]: int(found[1])}) if found else timedelta.max
    if length > LONGEST:
        message = f"expiresIn is {expires_in}: it is a number of minutes or hours such as 30m or 2h, 72 hours at most"
        raise Refusal("ValidationException", message, reason="InvalidExpiresIn")
    return length


def _enabled(balancer: Any) -> bool:
    return bool(balancer.attrs.get("zonal_shift.config.enabled") == "true")


def _managed(backends: Backends, identifier: str) -> Any:
    found = backends.elbv2.load_balancers.get(identifier)
    if found is None or not _enabled(found):
        message = (
            f"{identifier} is no managed resource: it must be the ARN of a load balancer whose attribute "
            "zonal_shift.config.enabled is true"
        )
        raise Refusal("ResourceNotFoundException", message)
    return found


def _zones(balancer: Any) -> dict[str, str]:
    """Name -> id of the zones that a load balancer has a node in."""
    return {subnet.availability_zone: subnet.availability_zone_id for subnet in balancer.subnets}


def _active(backends: Backends, resource: str) -> list[ZonalShift]:
    shifts = (s for s in backends.zonal_shifts.values() if s.resource == resource and s.status == "ACTIVE")
    return sorted(shifts, key=lambda shift: PRECEDENCE.index(shift.kind))


def _applied(backends: Backends, resource: str) -> ZonalShift | None:
    return next(iter(_active(backends, resource)), None)


def _active_one(backends: Backends, shift_id: str) -> ZonalShift:
    shift: ZonalShift | None = backends.zonal_shifts.get(shift_id)
    if shift is None:
        raise Refusal("ResourceNotFoundException", f"there is no zonal shift {shift_id}")
    if shift.status != "ACTIVE":
        message = f"zonal shift {shift_id} is {shift.status}: only an active one can be changed"
        raise Refusal("ConflictException", message, reason="ZonalShiftStatusNotActive", zonalShiftId=shift_id)
    return shift


def _weights(backends: Backends, balancer: Any) -> dict[str, float]:
    away = zones_away(backends, balancer)
    return {id_: 0.0 if name in away else 1.0 for name, id_ in sorted(_zones(balancer).items())}


def _in_resource(backends: Backends, arn: str) -> Iterator[dict[str, Any]]:
    applied = _applied(backends, arn)
    for shift in _active(backends, arn):
        yield {**shift.described(), "appliedStatus": "APPLIED" if shift is applied else "NOT_APPLIED"}


def _page(items: list[dict[str, Any]], asked: dict[str, Any]) -> dict[str, Any]:
    first = int(asked.get("nextToken") or 0)
    last = first + int(asked.get("maxResults") or 100)
    return {"items": items[first:last], **({"nextToken": str(last)} if last < len(items) else {})}


# --- The API


@SERVICE.operation("StartZonalShift")
def start_zonal_shift(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    return start(
        backends, asked["resourceIdentifier"], asked["awayFrom"], asked["expiresIn"], asked["comment"]
    ).described()


def _customers_own(backends: Backends, shift_id: str) -> ZonalShift:
    """A shift that an experiment started ends with the experiment, and by it alone."""
    shift = _active_one(backends, shift_id)
    if shift.kind == "FIS_EXPERIMENT":
        message = f"zonal shift {shift_id} belongs to an AWS FIS experiment: stop the experiment to end it"
        raise Refusal("ValidationException", message, reason="FISExperimentUpdateNotAllowed")
    return shift


@SERVICE.operation("UpdateZonalShift")
def update_zonal_shift(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    shift = _customers_own(backends, asked["zonalShiftId"])
    if "expiresIn" in asked:
        shift.expires = datetime.now(UTC) + _length(asked["expiresIn"])
    shift.comment = asked.get("comment", shift.comment)
    return shift.described()


@SERVICE.operation("CancelZonalShift")
def cancel_zonal_shift(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    return cancel(backends, _customers_own(backends, asked["zonalShiftId"]).id).described()


@SERVICE.operation("ListZonalShifts")
def list_zonal_shifts(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    shifts = [
        shift.described()
        for shift in backends.zonal_shifts.values()
        if asked.get("status") in {None, shift.status} and asked.get("resourceIdentifier") in {None, shift.resource}
    ]
    return _page(shifts, asked)


def _resource(backends: Backends, balancer: Any) -> dict[str, Any]:
    return {
        "arn": balancer.arn,
        "name": balancer.name,
        "availabilityZones": sorted(_zones(balancer).values()),
        "appliedWeights": _weights(backends, balancer),
        "zonalShifts": list(_in_resource(backends, balancer.arn)),
        "autoshifts": [],
        "zonalAutoshiftStatus": "DISABLED",
    }


@SERVICE.operation("GetManagedResource")
def get_managed_resource(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    return _resource(backends, _managed(backends, asked["resourceIdentifier"]))


@SERVICE.operation("ListManagedResources")
def list_managed_resources(backends: Backends, asked: dict[str, Any]) -> dict[str, Any]:
    balancers = backends.elbv2.load_balancers.values()
    return _page([_resource(backends, balancer) for balancer in balancers if _enabled(balancer)], asked)
