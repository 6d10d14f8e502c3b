"""DB instances are rebooted, with or without a failover."""

from __future__ import annotations

from local_region.control.fault_injection.actions.base import Action, ActionType
from local_region.control.fault_injection.parameters import Parameter, boolean


class RebootDatabases(Action):
    def start(self) -> None:
        for database in self.run.targets:
            self.run.role.call(
                "rds:RebootDBInstance", on=[database.arn],
                DBInstanceIdentifier=database.description["DBInstanceIdentifier"],
                ForceFailover=self.run.true("forceFailover"),
            )  # fmt: skip


ACTIONS = {
    "aws:rds:reboot-db-instances": ActionType(
        "Reboot the specified DB instances.",
        RebootDatabases,
        {"forceFailover": Parameter("Whether to force a failover to the other Availability Zone.", rule=boolean)},
        ("DBInstances", "aws:rds:db"),
    )
}
