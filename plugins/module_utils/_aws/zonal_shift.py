# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls of ARC that start, change and cancel a zonal shift."""

from __future__ import annotations

from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.zonal_shift import ZonalShift, from_api

SERVICE = "arc-zonal-shift"


def read(session: Session, want: ZonalShift) -> ZonalShift | None:
    """The shift that is in force."""
    shifts, zones = session.together(lambda: _active(session, want.resource_arn), lambda: _zones(session))
    names = {zone_id: name for name, zone_id in zones.items()}
    session.ids.update({("zone", name): zone_id for name, zone_id in zones.items()})
    return from_api(shifts[0], names.get(shifts[0]["awayFrom"], shifts[0]["awayFrom"])) if shifts else None


def _active(session: Session, resource: str) -> list[dict[str, Any]]:
    pages = session.client(SERVICE).get_paginator("list_zonal_shifts")
    return [each for page in pages.paginate(status="ACTIVE", resourceIdentifier=resource) for each in page["items"]]


def _zones(session: Session) -> dict[str, str]:
    """Zone name -> zone id. The names are the account's own, and the API wants the ids, which are AWS's."""
    zones = session.client("ec2").describe_availability_zones()["AvailabilityZones"]
    return {zone["ZoneName"]: zone["ZoneId"] for zone in zones}


def start(session: Session, change: Change) -> None:
    """A comment is required: it tells people why traffic avoids the zone."""
    zone = change.after["away_from"]
    if ("zone", zone) not in session.ids:
        known = ", ".join(sorted(name for kind, name in session.ids if kind == "zone"))
        raise StackError(f"away_from: {zone!r} is no Availability Zone of this region. Give one of {known}.")
    session.client(SERVICE).start_zonal_shift(
        resourceIdentifier=change.want.resource_arn,
        awayFrom=session.ids["zone", zone],
        expiresIn=change.want.expires_in,
        comment=change.after.get("comment") or "Ansible",
    )


def update(session: Session, change: Change) -> None:
    session.client(SERVICE).update_zonal_shift(zonalShiftId=change.have.id, comment=change.after["comment"])


def cancel(session: Session, change: Change) -> None:
    session.client(SERVICE).cancel_zonal_shift(zonalShiftId=change.have.id)


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("zonal shift", "create"): start,
    ("zonal shift", "update"): update,
    ("zonal shift", "delete"): cancel,
}
