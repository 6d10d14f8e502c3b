"""The site as a person runs it, on a region without data plane that each file has for itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.integration.conftest import CREDENTIALS, region_command
from tests.support.calls import Calls
from tests.support.playbook import play, play_until
from tests.support.ports import free_port

NAME = "goals"  # the local inventory's stack
TOKEN = "registry-token-of-the-site"  # where the local inventory finds it, as a region with a registry puts it there
CONTROL_PLANE_ONLY = ("-e", "backend_validate=false", "-e", "frontend_validate=false")


def image(version: str) -> str:
    return f"backend_image=registry.gitlab.example/goals/backend:{version}"


def instance_ids(group: dict[str, Any]) -> set[str]:
    return {each["InstanceId"] for each in group["Instances"]}


class Region:
    """A region of its own, and the site's playbooks run on it."""

    def __init__(self, state: Path) -> None:
        self.state, self.port = state, free_port()
        self.environment = {
            "LOCAL_REGION_ENDPOINT": f"http://127.0.0.1:{self.port}",
            "LOCAL_REGION_STATE": str(state),
        }
        self.calls = Calls(state / "calls.jsonl")

    def up(self, *delays: str) -> None:
        ports = ["--port", str(self.port), "--imds-port", str(free_port())]
        name = ["--name", f"site{self.port}", "--state-dir", str(self.state)]
        region_command("up", "--no-data-plane", *(delays or ("--time-scale", "0.2")), *name, *ports)
        (self.state / "secrets").mkdir(exist_ok=True)
        (self.state / "secrets" / "registry-password").write_text(TOKEN)

    def down(self) -> None:
        region_command("down", "--state-dir", str(self.state))

    def aws(self, service):
        return boto3.client(service, endpoint_url=self.environment["LOCAL_REGION_ENDPOINT"], **CREDENTIALS)

    def site(self, *options: str, check: bool = False):
        return play("site", *CONTROL_PLANE_ONLY, *options, environment=self.environment, check=check)

    def deploy(self, version: str, *options: str, check: bool = False):
        options = (*CONTROL_PLANE_ONLY, "-e", image(version), *options)
        return play("deploy", *options, environment=self.environment, check=check)

    def canary(self, version: str, *options: str, check: bool = False):
        options = (*CONTROL_PLANE_ONLY, "-e", image(version), *options)
        return play("canary", *options, environment=self.environment, check=check)

    def canary_killed_when(self, so, version: str, *options: str) -> None:
        play_until("canary", *CONTROL_PLANE_ONLY, "-e", image(version), *options, environment=self.environment, so=so)

    def rollback(self, *options: str, check: bool = False):
        return play("rollback", *CONTROL_PLANE_ONLY, *options, environment=self.environment, check=check)

    def scale(self, *options: str, check: bool = False):
        return play("scale", *CONTROL_PLANE_ONLY, *options, environment=self.environment, check=check)

    def drill(self, name: str, *options: str, confirm: str = NAME):
        chosen = ("-e", f"drill={name}", "-e", f"drill_confirm={confirm}")
        return play("drill", *chosen, *options, environment=self.environment)

    def destroy(self, *options: str, confirm: str = NAME):
        return play("destroy", "-e", f"confirm={confirm}", *options, environment=self.environment)


@pytest.fixture(scope="module")
def region(tmp_path_factory):
    region = Region(tmp_path_factory.mktemp("site"))
    region.up()
    yield region
    region.down()


@pytest.fixture(scope="module")
def built(region):
    """The first real run."""
    run = region.site()
    assert run.returncode == 0, run.messages()
    return run
