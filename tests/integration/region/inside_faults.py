"""A program like inside.py: experiments of the Fault Injection Service. A minute takes no time at its time scale."""

from __future__ import annotations

import json
from typing import Any

from local_region.control.fault_injection.actions import ACTIONS
from local_region.control.fault_injection.actions.base import Action, ActionType
from local_region.world import CommandResult
from tests.integration.region.experiments import TRUST, wait
from tests.integration.region.inside import Inside, managed_instance, outcome


class Experiments(Inside):
    def __init__(self) -> None:
        super().__init__()
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        trust, policy = (json.dumps({"Version": "2012-10-17", "Statement": [each]}) for each in (TRUST, allow))
        iam = self.client("iam")
        self.role = iam.create_role(RoleName="faults", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        iam.put_role_policy(RoleName="faults", PolicyName="all", PolicyDocument=policy)

    def start(self, actions: dict[str, Any], **targets: dict[str, Any]) -> str:
        """The experiment; its actions have started."""
        fis = self.client("fis")
        template = fis.create_experiment_template(
            description="drill", actions=actions, targets=targets, stopConditions=[{"source": "none"}],
            roleArn=self.role,
        )["experimentTemplate"]  # fmt: skip
        experiment = fis.start_experiment(experimentTemplateId=template["id"])["experiment"]["id"]
        self.turn(3)
        return str(experiment)

    def look(self, experiment: str) -> dict[str, Any]:
        told: dict[str, Any] = self.client("fis").get_experiment(id=experiment)["experiment"]
        return told

    def send(self) -> tuple[str, str, str]:
        """An experiment whose command was sent, the command, its instance."""
        instance = managed_instance(self)
        given = {
            "documentArn": "arn:aws:ssm:us-east-1::document/AWS-RunShellScript", "duration": "PT1M",
            "documentParameters": '{"commands": "docker kill goals"}',
        }  # fmt: skip
        act = {"actionId": "aws:ssm:send-command", "parameters": given, "targets": {"Instances": "those"}}
        arn = f"arn:aws:ec2:us-east-1:123456789012:instance/{instance}"
        those = {"resourceType": "aws:ec2:instance", "selectionMode": "ALL", "resourceArns": [arn]}
        experiment = self.start({"act": act}, those=those)
        (command,) = self.client("ssm").list_commands()["Commands"]
        return experiment, command["CommandId"], instance


def a_command_that_fails_fails_its_experiment(region: Experiments) -> None:
    experiment, command, instance = region.send()
    assert region.look(experiment)["state"]["status"] == "running"
    region.turn(commands={(command, instance): CommandResult("exited", 1)})
    region.turn()
    told = region.look(experiment)
    assert told["state"]["error"]["code"] == "DependentServiceFailure"
    assert told["actions"]["act"]["state"]["reason"] == f"The command {command} of ssm:SendCommand is Failed."


def a_command_that_still_runs_at_the_end_is_cancelled(region: Experiments) -> None:
    experiment, command, instance = region.send()
    region.turn(commands={(command, instance): CommandResult("running")})
    assert region.look(experiment)["state"]["status"] == "completed"
    (seen,) = region.client("ssm").list_commands(CommandId=command)["Commands"]
    assert seen["Status"] == "Cancelling"
    region.turn(2, commands={})
    (seen,) = region.client("ssm").list_commands(CommandId=command)["Commands"]
    assert seen["Status"] == "Cancelled"


def the_plane_is_given_the_clone_and_then_the_subnets_own(region: Experiments) -> None:
    def acls() -> list[str]:
        return [each.network_acl_id for each in region.plane.world.subnets if each.id in region.network.subnets]

    region.turn()
    before = acls()
    cut = {
        "actionId": "aws:network:disrupt-connectivity", "parameters": {"scope": "all", "duration": "PT1M"},
        "targets": {"Subnets": "those"},
    }  # fmt: skip
    chosen = {"availabilityZoneIdentifier": "us-east-1a", "vpc": region.network.vpc}
    those = {"resourceType": "aws:ec2:subnet", "selectionMode": "ALL", "parameters": chosen}
    experiment = region.start({"cut": cut}, those=those)
    region.turn()
    assert (acls()[0] == before[0], acls()[1]) == (False, before[1])
    region.turn()
    assert region.look(experiment)["state"]["status"] == "completed"
    assert acls() == before


class Broken(Action):
    def start(self) -> None:
        raise RuntimeError("no such thing")


def a_fault_of_the_regions_own_fails_that_experiment_only(region: Experiments) -> None:
    ACTIONS["aws:fis:broken"] = ActionType("Breaks.", Broken)
    broken = region.start({"act": {"actionId": "aws:fis:broken"}, "after": wait(startAfter=["act"])})
    other = region.start({"pause": wait()})
    region.turn(2)
    told = region.look(broken)
    assert (told["state"]["status"], told["state"]["error"]["code"]) == ("failed", "InternalFailure")
    assert "RuntimeError: no such thing" in told["state"]["reason"]
    assert told["actions"]["after"]["state"]["status"] == "cancelled"
    assert region.look(other)["state"]["status"] == "completed"


SCENARIOS = {
    each.__name__: each
    for each in (
        a_command_that_fails_fails_its_experiment, a_command_that_still_runs_at_the_end_is_cancelled,
        the_plane_is_given_the_clone_and_then_the_subnets_own, a_fault_of_the_regions_own_fails_that_experiment_only,
    )
}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps({name: outcome(scenario, Experiments) for name, scenario in SCENARIOS.items()}))
