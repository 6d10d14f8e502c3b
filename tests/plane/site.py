"""A site's World made by hand, as the control plane would make it, and what its instances need to come up."""

from __future__ import annotations

import http.client
import http.server
import io
import tarfile
import threading
from dataclasses import dataclass, replace

import docker

from local_region.plane.docker.layout import HOST, REGISTRY_HOST, REGISTRY_USER
from local_region.settings import AMI_DEBIAN_12_DOCKER, Settings
from local_region.world import (
    Database,
    HealthCheck,
    Instance,
    Listener,
    LoadBalancer,
    NatGateway,
    Node,
    Route,
    RouteTable,
    Rule,
    SecurityGroup,
    Subnet,
    Target,
    TargetGroup,
    Vpc,
    World,
)

GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/1"
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/1"
ALB_NAME = "web-1.us-east-1.elb.amazonaws.com"
DB_NAME = "goals.abc.us-east-1.rds.amazonaws.com"
PASSWORD = "correct horse battery"
ALB_PUBLIC = ("198.18.0.65", "198.18.0.66")
NAT_PUBLIC = "198.18.0.64"
INSTANCES = {"i-0000000000000000a": "10.0.10.11", "i-0000000000000000b": "10.0.11.11"}
EGRESS = Rule("egress", "-1", None, None, cidr="0.0.0.0/0")
IMAGE = "local-region-test/web"


def user_data(password: str) -> bytes:
    """Log in, pull, run; the page names the instance. Real user data reads the password from Secrets Manager."""
    return f"""#!/bin/sh
set -e
command -v docker || (apt-get update && apt-get install -y --no-install-recommends docker.io)
printf %s '{password}' | docker login --username {REGISTRY_USER} --password-stdin {REGISTRY_HOST}
docker run -d --name web --restart always -e NAME="$(hostname)" -p 8000:8000 {REGISTRY_HOST}/test/web:latest
echo boots >> /root/boots
""".encode()


def build_image(busybox: bytes) -> str:
    """A container image of 2 MB that serves a page with the instance's name on port 8000, and /env with the request's
    headers."""
    out = io.BytesIO()
    script = (
        '#!/bin/sh\nmkdir -p /www/cgi-bin\necho "$NAME" > /www/index.html\n'
        "printf '#!/bin/sh\\nprintf \"Content-Type: text/plain\\r\\n\\r\\n\"\\nenv\\n' > /www/cgi-bin/env\n"
        "printf '#!/bin/sh\\nsleep 3\\nprintf \"Content-Type: text/plain\\r\\n\\r\\nslow\"\\n' > /www/cgi-bin/slow\n"
        "chmod +x /www/cgi-bin/*\nexec httpd -f -p 8000 -h /www\n"
    )
    dockerfile = (
        'FROM scratch\nCOPY busybox /bin/busybox\nCOPY start /start\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n'
        'CMD ["/bin/busybox", "sh", "/start"]\n'
    )
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in (("Dockerfile", dockerfile.encode()), ("busybox", busybox), ("start", script.encode())):
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o755
            tar.addfile(info, io.BytesIO(content))
    out.seek(0)
    for event in docker.APIClient().build(fileobj=out, custom_context=True, tag=IMAGE, decode=True, rm=True):
        assert "error" not in event, event
    return IMAGE


def groups() -> tuple[SecurityGroup, ...]:
    """The three tiers: the internet -> alb:80 -> app:8000 -> db:5432."""
    return (
        SecurityGroup("sg-alb", "vpc-1", (Rule("ingress", "tcp", 80, 80, cidr="0.0.0.0/0"), EGRESS)),
        SecurityGroup("sg-app", "vpc-1", (Rule("ingress", "tcp", 8000, 8000, group_id="sg-alb"), EGRESS)),
        SecurityGroup("sg-db", "vpc-1", (Rule("ingress", "tcp", 5432, 5432, group_id="sg-app"), EGRESS)),
        SecurityGroup("sg-none", "vpc-1", (EGRESS,)),
    )


def network() -> World:
    """A VPC of three tiers over two zones; one NAT gateway."""
    tiers = {"public": 0, "app": 10, "db": 20}
    subnets = tuple(
        Subnet(f"subnet-{tier}-{zone}", "vpc-1", f"10.0.{base + n}.0/24", f"us-east-1{zone}", f"rtb-{tier}")
        for tier, base in tiers.items()
        for n, zone in enumerate("ab")
    )
    local = Route("10.0.0.0/16", "local")
    return World(
        vpcs=(Vpc("vpc-1", "10.0.0.0/16", "igw-1"),),
        subnets=subnets,
        route_tables=(
            RouteTable("rtb-public", "vpc-1", (local, Route("0.0.0.0/0", "igw-1"))),
            RouteTable("rtb-app", "vpc-1", (local, Route("0.0.0.0/0", "nat-1"))),
            RouteTable("rtb-db", "vpc-1", (local,)),
        ),
        nat_gateways=(NatGateway("nat-1", "subnet-public-a", "10.0.0.10", NAT_PUBLIC),),
        security_groups=groups(),
    )


def instances(data: bytes) -> tuple[Instance, ...]:
    return tuple(
        Instance(id_, AMI_DEBIAN_12_DOCKER, f"subnet-app-{zone}", address, ("sg-app",), data)
        for (id_, address), zone in zip(INSTANCES.items(), "ab", strict=True)
    )


def target_group(path: str = "/", interval: int = 5) -> TargetGroup:
    check = HealthCheck("HTTP", path, None, interval, 2, 2, 2, "200")
    targets = tuple(Target(i, a, 8000, f"us-east-1{z}") for (i, a), z in zip(INSTANCES.items(), "ab", strict=True))
    return TargetGroup(GROUP, "web", check, targets)


def deregistered(group: TargetGroup, id_: str) -> TargetGroup:
    """The group with one target draining."""
    kept, leaving = (tuple(t for t in group.targets if (t.id == id_) is gone) for gone in (False, True))
    return replace(group, targets=kept, draining=leaving)


def balancer() -> LoadBalancer:
    forward = {"Type": "forward", "TargetGroupArn": GROUP}
    nodes = tuple(Node(f"subnet-public-{zone}", f"10.0.{n}.20", ALB_PUBLIC[n]) for n, zone in enumerate("ab"))
    return LoadBalancer(BALANCER, "web", ALB_NAME, ("sg-alb",), nodes, (Listener("l-80", 80, "HTTP", (forward,)),))


def database(multi_az: bool = True) -> Database:
    return Database(
        "goals",
        DB_NAME,
        5432,
        "15.5",
        "goals",
        "goals_admin",
        PASSWORD,
        ("subnet-db-a", "subnet-db-b"),
        ("sg-db",),
        multi_az,
    )


def site(data: bytes) -> World:
    """The whole."""
    return replace(
        network(),
        instances=instances(data),
        target_groups=(target_group(),),
        load_balancers=(balancer(),),
        databases=(database(),),
    )


class Metadata:
    """The instance metadata service, by a world: user data by source address, IMDSv2 only."""

    def __init__(self, settings: Settings) -> None:
        metadata = self
        self.world = World()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                self._answer(200, b"token")

            def do_GET(self) -> None:
                found = [i for i in metadata.world.instances if i.private_ip == self.client_address[0]]
                if self.headers.get("X-aws-ec2-metadata-token") != "token":
                    self._answer(401, b"")
                elif found and self.path == "/latest/user-data" and found[0].user_data:
                    self._answer(200, found[0].user_data)
                elif found and self.path == "/latest/meta-data/instance-id":
                    self._answer(200, found[0].id.encode())
                else:
                    self._answer(404, b"")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer((str(HOST), settings.imds_port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; redirects are not followed."""

    status: int
    headers: dict[str, str]
    body: str


def get(address: str, path: str = "/", headers: dict[str, str] | None = None, timeout: float = 12) -> Answer:
    """GET over one connection of its own.

    Raises:
        OSError: no connection, or none in time.
    """
    connection = http.client.HTTPConnection(address, 80, timeout=timeout)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read().decode())
    except http.client.HTTPException as error:
        raise OSError(repr(error)) from error
    finally:
        connection.close()
