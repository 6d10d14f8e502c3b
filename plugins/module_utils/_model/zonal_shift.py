# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A zonal shift: a resource's traffic is led away from one Availability Zone, for a time.

Source: https://docs.aws.amazon.com/arc-zonal-shift/latest/api/API_StartZonalShift.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Model, given, hidden, identity

OPTIONS: dict[str, Any] = {
    "resource_arn": {"required": True},
    "away_from": {},
    "expires_in": {"default": "1h"},
    "comment": {},
}
DURATION = re.compile(r"([1-9][0-9]*)([mh])")
LONGEST = 72 * 60  # minutes
COMMENT = 128  # characters


@dataclass(frozen=True)
class ZonalShift(Model):
    """``away_from`` is the zone's name, ``zone_id`` what the API calls it. How long a shift was to last can't be read:
    ``expires_in`` matters only to one that is started."""

    resource_arn: str
    away_from: Any = UNSET
    comment: Any = UNSET
    zone_id: str = identity()
    id: str = identity()
    start_time: str | None = identity(default=None)
    expiry_time: str | None = identity(default=None)
    expires_in: str = hidden(default="")


def faults(params: Mapping[str, Any]) -> checks.Faults:
    found = []
    if ":loadbalancer/" not in params["resource_arn"]:
        found.append(Fault("resource_arn", params["resource_arn"], "is no load balancer's ARN", "Give one"))
    if params["state"] == "present" and not params["away_from"]:
        found.append(Fault("away_from", params["away_from"], "is missing", "Give the zone that traffic shall leave"))
    if not _minutes(params["expires_in"]):
        remedy = f"Give minutes or hours such as 30m or 2h, at most {LONGEST // 60}h"
        found.append(Fault("expires_in", params["expires_in"], "is no time that a shift may last", remedy))
    if len(params["comment"] or "") > COMMENT:
        found.append(Fault("comment", params["comment"], "is too long", f"Give at most {COMMENT} characters"))
    return tuple(found)


def _minutes(duration: str) -> int | None:
    found = DURATION.fullmatch(duration)
    minutes = int(found[1]) * {"m": 1, "h": 60}[found[2]] if found else 0
    return minutes if 0 < minutes <= LONGEST else None


def from_params(params: Mapping[str, Any]) -> ZonalShift:
    return ZonalShift(
        resource_arn=params["resource_arn"],
        away_from=given(params["away_from"]),
        comment=given(params["comment"]),
        expires_in=params["expires_in"],
    )


def from_api(shift: Mapping[str, Any], zone: str) -> ZonalShift:
    """From a ZonalShiftSummary and the name of the zone that it leads away from."""
    return ZonalShift(
        resource_arn=shift["resourceIdentifier"],
        away_from=zone,
        comment=shift["comment"],
        zone_id=shift["awayFrom"],
        id=shift["zonalShiftId"],
        start_time=shift["startTime"].isoformat(),
        expiry_time=shift["expiryTime"].isoformat(),
    )
