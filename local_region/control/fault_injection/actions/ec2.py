"""Instances are stopped, rebooted and terminated; Auto Scaling groups find no capacity in a zone."""

from __future__ import annotations

from local_region.control.fault_injection.actions.base import Action, ActionType, Run
from local_region.control.fault_injection.errors import Failure
from local_region.control.fault_injection.parameters import Parameter, boolean, duration
from local_region.control.fault_injection.resource_types import ids

INSTANCES = ("Instances", "aws:ec2:instance")
GONE = frozenset({"shutting-down", "terminated"})


def on_instances(run: Run, action: str, instances: list[str] | None = None) -> None:
    """Call EC2's action on the targets, or on some of them."""
    chosen = [each for each in run.targets if instances is None or each.description["InstanceId"] in instances]
    run.role.call(action, on=[each.arn for each in chosen], InstanceIds=ids(chosen, "InstanceId"))


class TerminateInstances(Action):
    def start(self) -> None:
        on_instances(self.run, "ec2:TerminateInstances")


class RebootInstances(Action):
    def start(self) -> None:
        on_instances(self.run, "ec2:RebootInstances")


class StopInstances(Action):
    """With startInstancesAfterDuration they are started after it, or when the experiment is stopped before."""

    def start(self) -> None:
        on_instances(self.run, "ec2:StopInstances")

    def over(self) -> bool:
        return self.run.past("startInstancesAfterDuration")

    def undo(self) -> bool:
        if "startInstancesAfterDuration" not in self.run.parameters:
            return True
        states = self._states()
        if stopped := [name for name, state in states.items() if state == "stopped"]:
            on_instances(self.run, "ec2:StartInstances", stopped)
        if "stopping" in states.values():
            return False
        if gone := [name for name, state in states.items() if state in GONE]:
            self._terminated(gone)
        return True

    def _states(self) -> dict[str, str]:
        answer = self.run.role.call("ec2:DescribeInstances", InstanceIds=ids(self.run.targets, "InstanceId"))
        instances = (each for reservation in answer["Reservations"] for each in reservation["Instances"])
        return {each["InstanceId"]: each["State"]["Name"] for each in instances}

    def _terminated(self, gone: list[str]) -> None:
        if not self.run.true("completeIfInstancesTerminated"):
            raise Failure(
                "InvalidTarget",
                f"{', '.join(gone)} can't be started: terminated meanwhile. "
                "The parameter completeIfInstancesTerminated lets the action complete nevertheless.",
            )


ACTIONS = {
    "aws:ec2:reboot-instances": ActionType("Reboot the specified EC2 instances.", RebootInstances, target=INSTANCES),
    "aws:ec2:stop-instances": ActionType(
        "Stop the specified EC2 instances.",
        StopInstances,
        {
            "startInstancesAfterDuration": Parameter(
                "The time to wait before restarting the instances (ISO 8601 duration).", rule=duration
            ),
            "completeIfInstancesTerminated": Parameter(
                "Complete also when the instances were terminated and can't be restarted.", rule=boolean
            ),
        },
        INSTANCES,
    ),
    "aws:ec2:terminate-instances": ActionType(
        "Terminate the specified EC2 instances.", TerminateInstances, target=INSTANCES
    ),
}
