"""The user data really runs: it installs what is missing, and says plainly why it can't go on."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import until

pytestmark = pytest.mark.e2e


@pytest.fixture
def launch(site):
    """Launch an instance from the group's template, outside of the group; its id. Terminated in the end."""
    made = []

    def run(*options: str) -> str:
        subnet = next(iter(site.subnets("app")))
        template = ("--launch-template", f"LaunchTemplateName={site.name}", "--subnet-id", subnet)
        made.append(site.aws("ec2", "run-instances", *template, *options)["Instances"][0]["InstanceId"])
        return made[-1]

    yield run
    if made:
        site.aws("ec2", "terminate-instances", "--instance-ids", *made)


def console(site, instance: str) -> str:
    return site.aws("ec2", "get-console-output", "--instance-id", instance).get("Output", "")


def test_docker_is_installed_where_it_is_missing(site, launch):
    instance = launch("--image-id", site.region["images"]["debian-12"])
    text = until(
        lambda: console(site, instance) if "finished at" in console(site, instance) else "",
        timeout=300,
        what="the bare image has booted",
    )
    assert "Setting up docker.io" in text
    assert "listens on port 8000" in text


def test_a_wrong_registry_password_fails_the_boot_visibly(site, launch):
    secret = f"{site.name}/registry"
    right = site.aws("secretsmanager", "get-secret-value", "--secret-id", secret)["SecretString"]
    wrong = json.dumps({**json.loads(right), "token": "not-the-token"})
    site.aws("secretsmanager", "put-secret-value", "--secret-id", secret, "--secret-string", wrong)
    try:
        instance = launch()
        text = until(
            lambda: console(site, instance) if "boot failed" in console(site, instance) else "",
            timeout=120,
            what="the boot has failed",
        )
        assert "refuses the user and token" in text
        assert "listens on port" not in text
        assert "not-the-token" not in text
    finally:
        site.aws("secretsmanager", "put-secret-value", "--secret-id", secret, "--secret-string", right)
