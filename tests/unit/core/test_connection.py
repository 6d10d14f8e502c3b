"""What a module says when it can't connect: one JSON answer with a remedy, from threads too, and within seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

KEYS = {"access_key": "key", "secret_key": "word", "region": "us-east-1"}
NOBODY = "http://127.0.0.1:9"
CASES = [
    pytest.param({"region": None}, "Give the module's region, or AWS_REGION", id="no region"),
    pytest.param({"endpoint_url": "localhost:9"}, "Invalid endpoint: localhost:9", id="no URL"),
    pytest.param({"endpoint_url": NOBODY}, f"endpoint_url: '{NOBODY}' can't be reached", id="nobody there"),
    pytest.param({"access_key": None, "secret_key": None, "profile": "nobodys"}, "Name a profile", id="no profile"),
    pytest.param({"profile": "nobodys"}, "both a profile and access tokens", id="profile and keys"),
]


def answer(module: str, options: dict[str, object]) -> dict[str, object]:
    """What the module prints, run in a process of its own as Ansible runs it."""
    arguments = {name: value for name, value in options.items() if value is not None}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-m", f"ansible_collections.ha_stack.aws.plugins.modules.{module}"],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        env={**environment, "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(("given", "said"), CASES)
def test_a_connection_that_can_not_be_is_told_once(given, said):
    told = answer("db_instance", {"name": "goals", "state": "absent", **KEYS, **given})
    assert told["failed"]
    assert said in told["msg"]
