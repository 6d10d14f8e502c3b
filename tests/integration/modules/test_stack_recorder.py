"""What is written down while a group's instances come, fail and are replaced."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._drill import log as logs

from tests.integration.modules.fis import make_role, remove_role

SECONDS = 60


class Recording:
    """The module as Ansible runs it, in a process of its own."""

    def __init__(self, endpoint: str, directory: Path, **options: Any) -> None:
        self.log, self.status, self.stop = directory / "log", directory / "status", directory / "stop"
        given = {"log": self.log, "status_file": self.status, "stop_file": self.stop, "interval": 0.3}
        keys = {"access_key": "local", "secret_key": "local", "region": "us-east-1", "endpoint_url": endpoint}
        arguments = {name: str(value) for name, value in {**given, **keys, **options}.items()}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ansible_collections.ha_stack.aws.plugins.modules.stack_recorder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
        self._process.stdin.close()

    def until(self, seen: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + SECONDS
        while not (self.status.exists() and seen(json.loads(self.status.read_text()))):
            assert time.monotonic() < deadline, self.status.exists() and self.status.read_text()
            assert self._process.poll() is None, self._process.stdout.read()
            time.sleep(0.1)
        return json.loads(self.status.read_text())

    def result(self) -> dict[str, Any]:
        printed = self._process.stdout.read()
        self._process.wait()
        return json.loads(printed)

    def records(self, kind: str) -> list[dict[str, Any]]:
        return [dict(each) for each in logs.read(self.log) if each["kind"] == kind]


@pytest.fixture
def crash(module, aws):
    """Terminate an instance as an experiment of the Fault Injection Service does."""
    role = make_role(aws("iam"))

    def terminate(instance: str) -> None:
        target = {"name": "victim", "resource_type": "aws:ec2:instance"}
        target["resource_arns"] = [f"arn:aws:ec2:us-east-1:123456789012:instance/{instance}"]
        action = {"name": "crash", "action_id": "aws:ec2:terminate-instances", "targets": {"Instances": "victim"}}
        module("fis_experiment_template")(name="crash", role_arn=role, targets=[target], actions=[action])
        module("fis_experiment")(name="crash", template="crash")

    yield terminate
    module("fis_experiment_template")(name="crash", state="absent")
    remove_role(aws("iam"))


def test_the_states_of_a_replaced_instance_and_why_it_was_replaced(ground, module, crash, endpoint, tmp_path):
    healthy = {"target_group_arns": [ground.target_group], "health_check_grace_period": 0}
    module("autoscaling_group")(**ground.options(**healthy))
    recording = Recording(endpoint, tmp_path, autoscaling_group="group")
    before = recording.until(lambda stack: stack["healthy"] == 2)
    lost = min(before["instance"])
    crash(lost)
    recording.until(lambda stack: stack["healthy"] == 2 and lost not in stack["instance"])
    recording.stop.touch()
    result = recording.result()
    assert (result["changed"], result["samples_failed"]) == (False, 0)
    assert result["samples"] >= 3

    states = recording.records("state")
    assert {each["subject"] for each in states} == {"group", "instance"}
    of_the_lost = [each for each in states if each["id"] == lost]
    assert of_the_lost[0]["target"] == "healthy"
    assert of_the_lost[-1]["gone"]
    instances = {each["id"] for each in states if each["subject"] == "instance"}
    assert {each["id"] for each in recording.records("names")} == instances
    assert all(each["private_dns"].startswith("ip-") for each in recording.records("names"))
    (nodes, _) = recording.records("nodes")
    assert {each["zone"] for each in nodes["nodes"]} == {"us-east-1a", "us-east-1b"}
    told = recording.records("event")
    assert [each["at"] for each in told] == sorted(each["at"] for each in told)
    (fault,) = (each for each in told if each["source"] == "fault")
    assert fault["what"] == "crash (aws:ec2:terminate-instances): completed"
    assert fault["until"] >= fault["at"] > before["at"]
    replaced = [each for each in told if each["source"] == "autoscaling" and lost in each["what"]]
    assert any(each["detail"] for each in replaced), told
    assert recording.records("unknown") == recording.records("blind") == []
    assert recording.records("recorder_end")[0]["samples"] == result["samples"]


def test_a_group_that_is_not_there_is_told(endpoint, tmp_path):
    told = Recording(endpoint, tmp_path, autoscaling_group="nobody").result()
    assert told["failed"]
    assert told["msg"] == "autoscaling_group: 'nobody' is not there. Give the name of a group in this region."


def test_a_stop_file_that_is_there_already_is_refused(endpoint, tmp_path):
    (tmp_path / "stop").touch()
    told = Recording(endpoint, tmp_path, autoscaling_group="nobody").result()
    assert told["failed"]
    assert "is there already" in told["msg"]
