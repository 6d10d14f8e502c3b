"""Auto Scaling groups find no capacity in Availability Zones."""

from __future__ import annotations

from local_region.control import capacity
from local_region.control.fault_injection.actions.base import Action, ActionType, Run
from local_region.control.fault_injection.errors import Failure
from local_region.control.fault_injection.parameters import Parameter, duration, percentage
from local_region.control.fault_injection.resource_types import Resource, zone_names

ACTION = "aws:ec2:asg-insufficient-instance-capacity-error"


class InsufficientCapacity(Action):
    """For groups with a launch template only, as on AWS."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.token = ""

    def start(self) -> None:
        arns, parameters = [group.arn for group in self.run.targets], self.run.parameters
        if without := [group.arn for group in self.run.targets if not _has_template(group)]:
            raise Failure("InvalidTarget", f"{', '.join(without)} has no launch template.")
        told = {"ec2:FisActionId": [ACTION], "ec2:FisTargetArns": arns}
        self.run.role.require("ec2:InjectApiError", context=told)
        zones = zone_names(self.run.role, parameters["availabilityZoneIdentifiers"])
        percent = int(parameters.get("percentage", "100"))
        self.token = capacity.refuse(zones=zones, resources=arns, percentage=percent)

    def undo(self) -> bool:
        capacity.restore(self.token)
        return True


def _has_template(group: Resource) -> bool:
    return bool(group.description.get("LaunchTemplate") or group.description.get("MixedInstancesPolicy"))


ACTIONS = {
    ACTION: ActionType(
        "Inject insufficient instance capacity errors on requests made by the target Auto Scaling groups.",
        InsufficientCapacity,
        {
            "duration": Parameter("The duration of the action (ISO 8601 duration).", required=True, rule=duration),
            "availabilityZoneIdentifiers": Parameter(
                "The names or ids of the Availability Zones, separated by commas.", required=True
            ),
            "percentage": Parameter("The percentage of launches that fail.", rule=percentage),
        },
        ("AutoScalingGroups", "aws:ec2:autoscaling-group"),
    )
}
