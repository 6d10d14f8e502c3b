"""What the documentation's placeholders stand for, made before the examples run."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from local_region.plane.docker.ca import Authority
from tests.support.drills import probe_log, stack_log
from tests.support.goals_servers import Goals, Servers

FILES = {
    "templates/user_data.sh.j2": "#!/bin/sh\necho {{ inventory_hostname }}\n",
    "site/index.html": "<!DOCTYPE html>\n<title>Goals</title>\n",
    "site/404.html.j2": "<!DOCTYPE html>\n<title>{{ inventory_hostname }}</title>\n",
    "site/style.css": "body { margin: 0 }\n",
    "reports/README": "Reports of drills.\n",
    "drill/drill_report/probe.jsonl": "".join(json.dumps(each) + "\n" for each in probe_log()),
    "drill/drill_report/stack.jsonl": "".join(json.dumps(each) + "\n" for each in stack_log()),
    "drill/http_probe/README": "What the prober writes.\n",
    "drill/stack_recorder/README": "What the recorder writes.\n",
}
# Of a load balancer and a target group, in a chapter that registers both.
LOAD_BALANCER = "{{ balancer.load_balancer.arn.split(':loadbalancer/') | last }}"
TARGET_GROUP = "{{ target_group.target_group.arn.split(':') | last }}"
VERSION = "1.1.0"  # the one that the example of http_answer waits for


def project(folder: Path) -> None:
    """The files that a user has beside the playbook, and those that examples name by their whole path."""
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


@contextmanager
def server() -> Iterator[str]:
    """HOST:PORT of a server that answers as the load balancer, and as the website."""
    ready, done, port = Event(), Event(), []

    async def serve() -> None:
        async with Servers(Goals(version=VERSION), ("127.0.0.1",)) as servers:
            port.append(servers.port)
            ready.set()
            while not done.is_set():
                await asyncio.sleep(0.1)

    thread = Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(30)
    yield f"127.0.0.1:{port[0]}"
    done.set()
    thread.join()


def placeholders(aws: Callable[[str], Any], folder: Path, host: str) -> dict[str, str]:
    """From what the documentation writes to what is there."""
    page = json.dumps(Goals().answer("GET", "/index.html", b"")[1]).encode()
    aws("s3").create_bucket(Bucket="goals-flow-logs")
    return {
        **network(aws("ec2")),
        **certificates(aws("acm"), folder),
        "goals-1234567890.us-east-1.elb.amazonaws.com": host,
        "goals.s3-website-us-east-1.amazonaws.com": host,
        "9b9af6945c95f1aa302a61acf75c9bd6": hashlib.md5(page, usedforsecurity=False).hexdigest(),
        "app/goals/50dc6c495c0c9188/targetgroup/goals/73e2d6bc24d8a067": f"{LOAD_BALANCER}/{TARGET_GROUP}",
        "/srv/site": str(folder / "site"),
        "/tmp/drill": str(folder / "drill/{{ inventory_hostname }}"),
    }


def network(ec2: Any) -> dict[str, str]:
    vpc = ec2.create_vpc(CidrBlock="10.91.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    one, two = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.91.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]
        for n, zone in enumerate("ab")
    )
    return {
        "vpc-0123456789abcdef0": vpc,
        "subnet-0123456789abcdef0": one["SubnetId"],
        "subnet-11111111": one["SubnetId"],
        "subnet-0123456789abcdef1": two["SubnetId"],
        "subnet-0fedcba9876543210": two["SubnetId"],
        "subnet-22222222": two["SubnetId"],
        "sg-0123456789abcdef0": ec2.create_security_group(VpcId=vpc, GroupName="web", Description="web")["GroupId"],
        "rtb-0123456789abcdef0": ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"],
        "ami-0123456789abcdef0": ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"],
    }


def certificates(acm: Any, folder: Path) -> dict[str, str]:
    authority = Authority(folder / "ca", folder / "ca.crt", "examples")
    documented = ("11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000")
    return {
        f"arn:aws:acm:us-east-1:123456789012:certificate/{name}": imported(acm, authority, f"{name}.example")
        for name in documented
    }


def imported(acm: Any, authority: Authority, name: str) -> str:
    """The ARN of a certificate of that name."""
    issued = authority.issue(name)
    return str(acm.import_certificate(Certificate=issued.certificate, PrivateKey=issued.key)["CertificateArn"])
