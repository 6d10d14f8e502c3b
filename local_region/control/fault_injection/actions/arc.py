"""Traffic is shifted away from an Availability Zone, as a zonal autoshift would."""

from __future__ import annotations

import time
from collections.abc import Iterable

from local_region.control import zonal_shifts
from local_region.control.fault_injection.actions.base import Action, ActionType, Run
from local_region.control.fault_injection.errors import Failure
from local_region.control.fault_injection.parameters import Parameter, duration, listed, one_of, some_of
from local_region.control.fault_injection.resource_types import Resource
from local_region.control.services import Refusal

LEASE = "1m"  # "expiresIn ... set to 1 minute as a safety mechanism" (FIS actions reference)
RENEWAL = 20.0  # seconds; zonal shifts expire by the clock, whatever the region's time scale
KINDS = {":loadbalancer/app/": "ALB", ":loadbalancer/net/": "NLB", ":autoScalingGroup:": "ASG", ":cluster/": "EKS"}


class StartZonalAutoshift(Action):
    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.shifts: list[zonal_shifts.ZonalShift] = []
        self.renewed = time.monotonic()

    def start(self) -> None:
        wanted, status = self.run.parameters["managedResourceTypes"], self.run.parameters.get("zonalAutoshiftStatus")
        shifted = [each for each in self.run.targets if _concerned(each, listed(wanted), status or "ENABLED")]
        if not shifted:
            raise Failure("InvalidTarget", f"No target is of {wanted} with zonalAutoshiftStatus {status or 'ENABLED'}.")
        self._require("StartZonalShift", shifted)
        for each in shifted:
            self._shift(each)

    def _shift(self, resource: Resource) -> None:
        zone, comment = self.run.parameters["availabilityZoneIdentifier"], f"Started by {self.run.role.experiment}"
        backends = self.run.role.backends
        try:
            self.shifts.append(zonal_shifts.start(backends, resource.arn, zone, LEASE, comment, "FIS_EXPERIMENT"))
        except Refusal as refusal:
            raise Failure(
                "ConfigurationFailure", f"arc-zonal-shift:StartZonalShift failed: {refusal.message}"
            ) from refusal

    def _require(self, operation: str, resources: Iterable[Resource]) -> None:
        self.run.role.require(f"arc-zonal-shift:{operation}", on=[each.arn for each in resources])

    def over(self) -> bool:
        if ended := [f"{shift.id} is {shift.status}" for shift in self.shifts if shift.status != "ACTIVE"]:
            raise Failure("DependentServiceFailure", f"Zonal shift {', '.join(ended)}, ended by somebody else.")
        if time.monotonic() - self.renewed > RENEWAL:
            self._require("UpdateZonalShift", self.run.targets)
            for shift in self.shifts:
                asked = {"zonalShiftId": shift.id, "expiresIn": LEASE}
                zonal_shifts.update_zonal_shift(self.run.role.backends, asked)
            self.renewed = time.monotonic()
        return super().over()

    def undo(self) -> bool:
        self._require("CancelZonalShift", self.run.targets)
        for shift in self.shifts:
            if shift.status == "ACTIVE":
                zonal_shifts.cancel(self.run.role.backends, shift.id)
        return True


def _concerned(resource: Resource, kinds: list[str], status: str) -> bool:
    kind = next((kind for part, kind in KINDS.items() if part in resource.arn), "")
    return kind in kinds and status in {"ANY", resource.description["zonalAutoshiftStatus"]}


ACTIONS = {
    "aws:arc:start-zonal-autoshift": ActionType(
        "Shift the traffic of zonal shift managed resources away from an Availability Zone.",
        StartZonalAutoshift,
        {
            "duration": Parameter("The duration of the action (ISO 8601 duration).", required=True, rule=duration),
            "availabilityZoneIdentifier": Parameter("The name or id of the Availability Zone.", required=True),
            "managedResourceTypes": Parameter(
                "The types of resources, separated by commas.", required=True, rule=some_of(*KINDS.values())
            ),
            "zonalAutoshiftStatus": Parameter(
                "The zonal autoshift status of resources to shift.", rule=one_of("ENABLED", "DISABLED", "ANY")
            ),
        },
        ("ManagedResources", "aws:arc:zonal-shift-managed-resource"),
    )
}
