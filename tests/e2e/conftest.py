"""The site as ``make site`` builds it on the full region, seen from outside: the AWS CLI, a browser, the engine."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import docker
import pytest
from awscli.clidriver import create_clidriver
from playwright.sync_api import Browser, sync_playwright

from tests.support.calls import Calls
from tests.support.left_over import left_over as what_is_left

REPOSITORY = Path(__file__).parents[2]
STATE = REPOSITORY / ".region"


def make(*arguments: str) -> str:
    """Run one of the Makefile's habits; what it printed."""
    own = ("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "ARGS")  # of the make that runs these tests
    environment = {name: value for name, value in os.environ.items() if name not in own}
    done = subprocess.run(
        ["make", *arguments], cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return done.stdout


def until(look: Callable[[], Any], *, timeout: float, what: str) -> Any:
    """The first truthy answer of ``look``; fails, with the last answer, after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    while not (seen := look()):
        assert time.monotonic() < deadline, f"{what}: not within {timeout:g} s, last saw {seen!r}"
        time.sleep(0.5)
    return seen


# Chromium's own connections to the outside are off: a closed network would have it wait for them.
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield browser
        browser.close()


# The AWS CLI's: nothing of whoever runs the tests.
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_CONFIG_FILE": os.devnull}


@dataclass(frozen=True)
class Site:
    """The running site. ``output`` is what the ``make site`` that built it printed."""

    output: str
    name: str = "goals"

    @property
    def frontend(self) -> str:
        """The URL of the frontend, as the run printed it."""
        return next(
            word for word in self.output.replace('"', " ").split() if ".s3-website" in word and word.startswith("http")
        )

    @property
    def region(self) -> dict[str, Any]:
        return json.loads((STATE / "region.json").read_text())

    @property
    def calls(self) -> Calls:
        return Calls(STATE / "calls.jsonl")

    def aws(self, *command: str) -> Any:
        """What the AWS CLI, which shares no code with the collection, answers."""
        connection = ["--endpoint-url", self.region["endpoint"], "--region", "us-east-1", "--output", "json"]
        answer, complaint = io.StringIO(), io.StringIO()
        # In this process: it takes ten times as long to start as to answer.
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(answer), redirect_stderr(complaint):
            for name, value in ENVIRONMENT.items():
                patch.setenv(name, value)
            status = create_clidriver().main([*command, *connection])
        assert status == 0, f"aws {' '.join(command)}: {complaint.getvalue()}"
        return json.loads(answer.getvalue()) if answer.getvalue().strip() else None

    def group(self) -> dict[str, Any]:
        """The Auto Scaling Group."""
        command = ("autoscaling", "describe-auto-scaling-groups", "--auto-scaling-group-names", self.name)
        return self.aws(*command)["AutoScalingGroups"][0]

    def instances(self) -> list[dict[str, Any]]:
        """The group's instances in service, as DescribeInstances tells them."""
        ids = [i["InstanceId"] for i in self.group()["Instances"] if i["LifecycleState"] == "InService"]
        reservations = self.aws("ec2", "describe-instances", "--instance-ids", *ids)["Reservations"]
        return [instance for reservation in reservations for instance in reservation["Instances"]]

    def load_balancer(self) -> dict[str, Any]:
        return self.aws("elbv2", "describe-load-balancers", "--names", self.name)["LoadBalancers"][0]

    def target_group(self) -> dict[str, Any]:
        return self.aws("elbv2", "describe-target-groups", "--names", self.name)["TargetGroups"][0]

    def health(self) -> dict[str, str]:
        """The state of each target."""
        arn = self.target_group()["TargetGroupArn"]
        described = self.aws("elbv2", "describe-target-health", "--target-group-arn", arn)
        return {d["Target"]["Id"]: d["TargetHealth"]["State"] for d in described["TargetHealthDescriptions"]}

    def database(self) -> dict[str, Any]:
        command = ("rds", "describe-db-instances", "--db-instance-identifier", self.name)
        return self.aws(*command)["DBInstances"][0]

    @property
    def api(self) -> str:
        return f"http://{self.load_balancer()['DNSName']}"

    def security_group(self, suffix: str) -> dict[str, Any]:
        filters = f"Name=group-name,Values={self.name}-{suffix}"
        return self.aws("ec2", "describe-security-groups", "--filters", filters)["SecurityGroups"][0]

    def subnets(self, tier: str) -> dict[str, dict[str, Any]]:
        """A tier's subnets by id."""
        described = self.aws("ec2", "describe-subnets", "--filters", f"Name=tag:Name,Values={self.name}-{tier}-*")
        return {subnet["SubnetId"]: subnet for subnet in described["Subnets"]}


@pytest.fixture(scope="session")
def site(keep: bool) -> Iterator[Site]:
    """Built by ``make site`` at Ansible's most verbose; removed at the end unless --keep is given."""
    yield Site(make("site", "ARGS=-vvv"))
    if not keep:
        make("region-down")


@pytest.fixture(scope="session")
def engine() -> Any:
    """The container engine's client."""
    return docker.from_env()


@pytest.fixture
def bodies(site: Site, engine: Any) -> dict[tuple[str, ...], Any]:
    """(kind, id) -> container, of everything the region runs now."""
    prefix = f"lr-{site.region['name']}-"
    found = engine.containers.list(filters={"label": f"local-region={site.region['name']}"})
    return {tuple(body.name.removeprefix(prefix).split("-", 1)): body for body in found}


def body(bodies: dict[tuple[str, ...], Any], kind: str, part: str = "") -> Any:
    """The first container of a kind whose id contains ``part``."""
    return next(found for (known, *rest), found in sorted(bodies.items()) if known == kind and part in "-".join(rest))


@pytest.fixture
def stranger(site, bodies, engine):
    """An instance in the application's subnet that has only the VPC's default security group."""
    subnet = next(iter(site.subnets("app").values()))
    image = site.instances()[0]["ImageId"]
    command = (
        "ec2",
        "run-instances",
        "--image-id",
        image,
        "--instance-type",
        "t3.micro",
        "--subnet-id",
        subnet["SubnetId"],
    )
    made = site.aws(*command)["Instances"][0]["InstanceId"]
    name = f"lr-{site.region['name']}-instance-{made}"
    yield until(lambda: next(iter(engine.containers.list(filters={"name": name})), None), timeout=60, what=made)
    site.aws("ec2", "terminate-instances", "--instance-ids", made)


@pytest.fixture
def outsider(engine, bodies):
    """A host on the internet: the registry's."""
    return body(bodies, "registry")


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


@pytest.fixture
def left_over(site: Site) -> Callable[[], dict[str, list[str]]]:
    """What of the stack the API still shows."""
    endpoint, names = site.region["endpoint"], ("region_name", "aws_access_key_id", "aws_secret_access_key")
    connection = dict(zip(names, ("us-east-1", "local", "local"), strict=True))
    return lambda: what_is_left(lambda service: boto3.client(service, endpoint_url=endpoint, **connection))
