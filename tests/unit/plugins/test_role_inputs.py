"""role_inputs, run by Ansible: its inputs are names, and what it says is in them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

VARIABLES = {
    "app_name": "goals",
    "app_port": "{{ base_port + 1 }}",
    "base_port": 7999,
    "app_subnets": [],
    "app_url": "",
}
TARGET_GROUP = {
    "module": "target_group",
    "variables": {"name": "app_name", "port": "app_port"},
    "options": {"vpc_id": "(known after apply)"},
}
OTHER = {
    **TARGET_GROUP,
    "options": {"vpc_id": "(known after apply)", "health_check_path": "health"},
    "names": {"health_check_path": "app_check"},
}
NO_PLACE = {"module": "load_balancer", "variables": {"listeners[0].port": "app_port"}}
LOAD_BALANCER = {
    "module": "load_balancer",
    "variables": {"name": "app_name", "subnet_ids": "app_subnets"},
    "options": {
        "subnet_ids": ["(known after apply)"] * 2,
        "listeners": [{"port": 80, "protocol": "HTTP", "target_group": "goals"}],
    },
}
# name: (variables of the host, the task's arguments, the message)
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "nothing": ({}, {}, ""),
    "good": ({}, {"rules": {"app_port": "port"}, "modules": [TARGET_GROUP, LOAD_BALANCER]}, ""),
    "rule": ({"base_port": 70000}, {"rules": {"app_port": "port"}}, "app_port: 70001 "),
    "module": ({"base_port": 70000}, {"modules": [TARGET_GROUP]}, "app_port: 70001 is out of range. Give 1 to 65535."),
    "once": ({"app_name": "g" * 33}, {"modules": [TARGET_GROUP, TARGET_GROUP]}, "app_name: "),
    "both": ({"base_port": -1}, {"rules": {"app_name": "url"}, "modules": [TARGET_GROUP]}, "app_name: 'goals' is"),
    "no module": ({}, {"modules": [{"module": "lambda_function"}]}, "'lambda_function' is no module"),
    "no resource": ({}, {"modules": [{"module": "http_answer"}]}, "'http_answer' is no module that manages"),
    "no place": ({}, {"modules": [NO_PLACE]}, "options has no place for one of listeners[0].port"),
    "other option": ({}, {"modules": [OTHER]}, "app_check: 'health'"),
    "found before": ({}, {"faults": ["app: is not nice. Be nice."]}, "app: is not nice. Be nice."),
    "no variable": ({}, {"rules": {"nobody": "port"}}, "there is no variable nobody."),
    "no rule": ({}, {"rules": {"app_port": "colour"}}, "no rule colour; there are image, "),
    "no option": ({}, {"rule": {}}, "rule"),
}  # fmt: skip


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each case's host failed with; empty for one that passed."""
    folder: Path = tmp_path_factory.mktemp("role_inputs")
    hosts, tasks = {}, []
    for number, (given, arguments, _) in enumerate(CASES.values()):
        hosts[f"case{number}"] = {**VARIABLES, **given, "asked": number}
        tasks.append({"ha_stack.aws.role_inputs": arguments, "when": f"asked == {number}"})
    (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": {"ansible_connection": "local"}}}))
    (folder / "play.json").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", folder / "hosts.json", folder / "play.json"],
        capture_output=True,
        text=True,
        env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
        check=False,
    )
    assert done.stdout.startswith("{"), done.stdout + done.stderr
    said = dict.fromkeys(hosts, "")
    for task in json.loads(done.stdout)["plays"][0]["tasks"]:
        said |= {host: result["msg"] for host, result in task["hosts"].items() if result.get("failed")}
    return said


@pytest.mark.parametrize("number", range(len(CASES)), ids=CASES)
def test_what_is_wrong_is_told_in_the_variables_names(messages: dict[str, str], number: int) -> None:
    wanted = list(CASES.values())[number][2]
    message = messages[f"case{number}"]
    assert wanted in message if wanted else message == ""
    assert len(message.splitlines()) == (2 if list(CASES)[number] == "both" else bool(wanted))
