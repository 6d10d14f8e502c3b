"""No password and no token anywhere but where it belongs."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from tests.e2e.conftest import STATE

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def secrets(site):
    """The registry's token and the database's password."""
    arn = site.database()["MasterUserSecret"]["SecretArn"]
    password = json.loads(site.aws("secretsmanager", "get-secret-value", "--secret-id", arn)["SecretString"])[
        "password"
    ]
    token = (STATE / "secrets" / "registry-password").read_text().strip()
    assert len(password) > 10
    assert len(token) > 10
    return {"the database's password": password, "the registry's token": token}


def found(secrets: dict[str, str], text: str) -> list[str]:
    return [name for name, secret in secrets.items() if secret in text]


def test_not_in_ansible_output_at_its_most_verbose(site, secrets):
    assert "<127.0.0.1> EXEC" in site.output or "task path" in site.output, "the run that built the site was verbose"
    assert found(secrets, site.output) == []


def test_not_in_user_data_or_launch_template(site, secrets):
    template = ("ec2", "describe-launch-template-versions", "--launch-template-name", site.name)
    versions = site.aws(*template)["LaunchTemplateVersions"]
    for version in versions:
        text = base64.b64decode(version["LaunchTemplateData"]["UserData"]).decode()
        assert text.startswith("#!/bin/bash")
        assert found(secrets, text + json.dumps(version)) == []


def test_not_in_the_state_folder_where_others_can_read_it(secrets):
    readable = [
        path
        for path in STATE.rglob("*")
        if path.is_file() and "secrets" not in path.parts and path.stat().st_mode & 0o044
    ]
    assert readable
    assert {path: found(secrets, path.read_text(errors="replace")) for path in readable} == {
        path: [] for path in readable
    }
    assert STATE.joinpath("secrets").stat().st_mode & 0o077 == 0


def test_not_in_the_instances_consoles(secrets):
    consoles = list((STATE / "instances").glob("*/console.log"))
    assert consoles
    assert [path for path in consoles if found(secrets, path.read_text(errors="replace"))] == []


def test_not_in_process_lists_or_environments(secrets, bodies):
    """Of this machine, which sees the processes of every body too."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_text(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        assert found(secrets, arguments) == [], arguments
    assert [name for name, body in bodies.items() if found(secrets, json.dumps(body.attrs))] == []


def test_not_in_the_application_container_configuration(site, secrets, bodies):
    for (kind, *_), body in bodies.items():
        if kind == "instance":
            inspected = body.exec_run(["docker", "inspect", "backend"]).output.decode()
            assert "PGPASSFILE" in inspected
            assert found(secrets, inspected) == []
