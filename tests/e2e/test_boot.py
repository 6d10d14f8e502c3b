"""The user data really runs: it installs what is missing, and says plainly why it can't go on."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import until

pytestmark = pytest.mark.e2e


ENDS = ("finished at", "boot failed")  # what cloud-init and the user data say last


def boot(site, instance: str) -> str:
    """The console's text once the boot has ended, well or not."""

    def ended() -> str:
        text = site.aws("ec2", "get-console-output", "--instance-id", instance).get("Output", "")
        return text if any(end in text for end in ENDS) else ""

    return until(ended, timeout=300, what=f"{instance} has booted")


def installs_docker(site, launch, *options: str) -> None:
    text = boot(site, launch("--image-id", site.region["images"]["debian-12"], *options))
    assert "Setting up docker.io" in text
    assert "listens on port 8000" in text


def test_docker_is_installed_where_it_is_missing(site, launch):
    installs_docker(site, launch)


@pytest.fixture
def wrong_password(site):
    """The registry's secret holds another token."""
    secret = f"{site.name}/registry"
    right = site.aws("secretsmanager", "get-secret-value", "--secret-id", secret)["SecretString"]
    wrong = json.dumps({**json.loads(right), "token": "not-the-token"})
    site.aws("secretsmanager", "put-secret-value", "--secret-id", secret, "--secret-string", wrong)
    yield
    site.aws("secretsmanager", "put-secret-value", "--secret-id", secret, "--secret-string", right)


def fails_the_boot_visibly(site, launch) -> None:
    text = boot(site, launch())
    assert "refuses the user and token" in text
    assert "listens on port" not in text
    assert "not-the-token" not in text


def test_a_wrong_registry_password_fails_the_boot_visibly(site, launch, wrong_password):
    fails_the_boot_visibly(site, launch)
