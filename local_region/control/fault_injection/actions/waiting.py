"""Actions without a target: waiting, and looking at alarms."""

from __future__ import annotations

from local_region.control.fault_injection.actions.base import Action, ActionType
from local_region.control.fault_injection.alarms import states
from local_region.control.fault_injection.errors import Failure
from local_region.control.fault_injection.parameters import Parameter, duration, listed, some_of


class Wait(Action):
    """Nothing is done until the duration has gone by."""


class AssertAlarmState(Action):
    def start(self) -> None:
        self.run.role.require("cloudwatch:DescribeAlarms")
        wanted = listed(self.run.parameters["alarmStates"])
        known = states(self.run.role.backends.cloudwatch)
        for arn in listed(self.run.parameters["alarmArns"]):
            if arn not in known:
                raise Failure("InvalidTarget", f"The alarm {arn} does not exist.")
            if known[arn] not in wanted:
                raise Failure("ConfigurationFailure", f"The alarm {arn} is {known[arn]}, not {' or '.join(wanted)}.")


ACTIONS = {
    "aws:cloudwatch:assert-alarm-state": ActionType(
        "Assert that the specified alarms are in one of the specified states.",
        AssertAlarmState,
        {
            "alarmArns": Parameter("The ARNs of the alarms, separated by commas.", required=True),
            "alarmStates": Parameter(
                "The expected states, separated by commas.",
                required=True,
                rule=some_of("OK", "ALARM", "INSUFFICIENT_DATA"),
            ),
        },
    ),
    "aws:fis:wait": ActionType(
        "Wait for the specified duration. Stop condition monitoring will continue during this time.",
        Wait,
        {"duration": Parameter("The length of time to wait (ISO 8601 duration).", required=True, rule=duration)},
    ),
}
