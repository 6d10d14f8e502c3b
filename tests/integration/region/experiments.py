"""What the tests of the Fault Injection Service share: a role, templates, experiments and their ends."""

from __future__ import annotations

import itertools
import json
from typing import Any

from tests.integration.region.regions import Network, Region, eventually, launch, state

NUMBERS = itertools.count()
TRUST = {"Effect": "Allow", "Principal": {"Service": "fis.amazonaws.com"}, "Action": "sts:AssumeRole"}
ENDED = {"completed", "stopped", "failed", "cancelled"}
NO_CONDITION = [{"source": "none"}]


def instances(selection: str = "ALL", **more: Any) -> dict[str, Any]:
    return {"resourceType": "aws:ec2:instance", "selectionMode": selection, **more}


def wait(minutes: int = 1, **more: Any) -> dict[str, Any]:
    return {"actionId": "aws:fis:wait", "parameters": {"duration": f"PT{minutes}M"}, **more}


def running(region: Region, network: Network, **options: Any) -> tuple[str, str]:
    """An instance that runs, and the value of its tag "drill", which no other has."""
    drill = f"drill-{next(NUMBERS)}"
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "drill", "Value": drill}]}]
    name = launch(region, network, TagSpecifications=tags, **options)["InstanceId"]
    eventually(lambda: state(region.client("ec2"), name), lambda seen: seen == "running")
    return name, drill


class Faults:
    """FIS with an experiment role that may do everything, unless it is told what it may."""

    def __init__(self, region: Region) -> None:
        self.fis, self.iam = region.client("fis"), region.client("iam")
        self.role = self.make_role({"Effect": "Allow", "Action": "*", "Resource": "*"})

    def make_role(
        self, *statements: dict[str, Any], trust: dict[str, Any] = TRUST, attach: str = "", boundary: str = ""
    ) -> str:
        name = f"experiments-{next(NUMBERS)}"
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        bounded = {"PermissionsBoundary": boundary} if boundary else {}
        made = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **bounded)
        if statements:
            policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
            self.iam.put_role_policy(RoleName=name, PolicyName="faults", PolicyDocument=policy)
        if attach:
            self.iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/service-role/{attach}")
        return str(made["Role"]["Arn"])

    def template(self, actions: dict[str, Any], targets: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        wanted = {
            "description": "a drill", "actions": actions, "targets": targets or {}, "roleArn": self.role,
            "stopConditions": NO_CONDITION,
        } | more  # fmt: skip
        made: dict[str, Any] = self.fis.create_experiment_template(**wanted)["experimentTemplate"]
        return made

    def start(self, actions: dict[str, Any], targets: dict[str, Any] | None = None, **more: Any) -> str:
        """The id of an experiment that was just started."""
        template = self.template(actions, targets, **more)
        started = self.fis.start_experiment(experimentTemplateId=template["id"])["experiment"]
        assert started["state"]["status"] == "pending"
        return str(started["id"])

    def get(self, experiment: str) -> dict[str, Any]:
        got: dict[str, Any] = self.fis.get_experiment(id=experiment)["experiment"]
        return got

    def becomes(self, experiment: str, status: str) -> dict[str, Any]:
        """The experiment once it has the status; fails when it ends with another."""

        def there_or_over(seen: dict[str, Any]) -> bool:
            return seen["state"]["status"] in {status, *ENDED}

        seen: dict[str, Any] = eventually(lambda: self.get(experiment), there_or_over, timeout=30)
        assert seen["state"]["status"] == status, seen["state"]
        return seen

    def action(self, experiment: str, name: str, status: str) -> dict[str, Any]:
        """An action once it has the status."""

        def look() -> dict[str, Any]:
            action: dict[str, Any] = self.get(experiment)["actions"][name]
            return action

        seen: dict[str, Any] = eventually(look, lambda action: action["state"]["status"] == status, timeout=30)
        return seen

    def run(self, actions: dict[str, Any], targets: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """An experiment that completed."""
        return self.becomes(self.start(actions, targets, **more), "completed")
