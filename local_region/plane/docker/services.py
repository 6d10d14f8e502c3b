"""What every region has once: the resolver, the registry and the edge before the API, and its NAT gateways' bodies."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from local_region.plane.docker.ca import Authority, write_private
from local_region.plane.docker.engine import Body, Engine, Leg, Mount, read_only
from local_region.plane.docker.layout import (
    EDGE,
    HOST,
    OUTSIDE,
    REGISTRY,
    REGISTRY_HOST,
    REGISTRY_USER,
    RESOLVER,
    SERVICES,
    Layout,
    gateway,
)
from local_region.plane.docker.names import dnsmasq_config
from local_region.plane.docker.networks import Networks
from local_region.world import NatGateway, Subnet, Vpc

CONFIG = "/etc/region"


def two_legged(subnet: Subnet, vpc: Vpc, private: str, public: str) -> tuple[tuple[Leg, ...], dict[str, str]]:
    """Legs and routes of a body that stands in a public subnet and, by its public address, on the internet."""
    routes = {"VPC_CIDR": vpc.cidr, "VPC_GATEWAY": gateway(subnet.cidr), "OUTSIDE_GATEWAY": str(OUTSIDE[1])}
    return (Leg(subnet.id, private), Leg("outside", public)), routes


def nat_gateway(image: str, nat: NatGateway, subnet: Subnet, vpc: Vpc) -> Body:
    """A NAT gateway's body."""
    legs, routes = two_legged(subnet, vpc, nat.private_ip, nat.public_ip)
    return Body(
        "nat", nat.id, image, legs, ("nat",), {**routes, "PUBLIC_IP": nat.public_ip},
        sysctls={"net.ipv4.ip_forward": "1"},
    )  # fmt: skip


class Services:
    """Makes the configuration and the bodies; all of them start in well under a second."""

    def __init__(self, layout: Layout, engine: Engine, authority: Authority, image: str) -> None:
        self._layout = layout
        self._engine = engine
        self._authority = authority
        self._image = image
        self._names: Mapping[str, tuple[str, ...]] = {}

    def _folder(self, name: str) -> Path:
        folder = self._layout.runtime_dir / name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def start(self) -> None:
        """Make the two networks and the three bodies."""
        networks = Networks(self._layout, self._engine)
        networks.create("outside", str(OUTSIDE))
        networks.create("services", str(SERVICES))
        self._start_resolver()
        self._start_registry()
        self._start_edge()

    def _start_resolver(self) -> None:
        folder = self._folder("dns")
        (folder / "hosts.d").mkdir(exist_ok=True)
        (folder / "dnsmasq.conf").write_text(dnsmasq_config(self._layout))
        legs = (Leg("services", str(RESOLVER)),)
        self._engine.ensure(Body("dns", "vpc", self._image, legs, ("dns",), mounts=(read_only(folder, CONFIG),)))

    def publish(self, hosts: str) -> None:
        """Have the resolver answer from ``hosts``, in the format of hosts(5)."""
        path = self._folder("dns") / "hosts.d" / "names"
        if path.exists() and path.read_text() == hosts:
            return
        path.write_text(hosts)
        self._engine.signal("dns", "vpc", "HUP")  # inotify tells dnsmasq of new names, not of changed ones

    def _start_registry(self) -> None:
        folder = self._folder("registry")
        password = self._layout.settings.secrets_dir / "registry-password"
        if not password.exists():
            write_private(password, secrets.token_urlsafe(24).encode())
        write_private(folder / "password", password.read_bytes())
        issued = self._authority.issue(REGISTRY_HOST)
        write_private(folder / "tls.crt", issued.certificate)
        write_private(folder / "tls.key", issued.key)
        write_private(folder / "registry.yml", registry_config().encode())
        storage = self._engine.ensure_volume("registry", "storage")
        mounts = (read_only(folder, CONFIG), Mount(storage, "/var/lib/registry", volume=True))
        legs = (Leg("outside", str(REGISTRY)),)
        self._engine.ensure(
            Body("registry", "private", self._image, legs, ("registry",), {"REGISTRY_USER": REGISTRY_USER}, mounts,
                 ports={443: 0})
        )  # fmt: skip

    def _start_edge(self) -> None:
        folder = self._folder("edge")
        region = self._layout.settings.region
        issued = self._authority.issue(
            "amazonaws.com", "*.amazonaws.com", f"*.{region}.amazonaws.com", f"*.s3.{region}.amazonaws.com",
            f"*.s3-website-{region}.amazonaws.com", "*.s3.amazonaws.com", f"*.dkr.ecr.{region}.amazonaws.com",
            "*.cloudfront.net",
        )  # fmt: skip
        write_private(folder / "tls.pem", issued.pem)
        (folder / "haproxy.cfg").write_text(edge_config(self._layout.settings.api_port))
        legs = (Leg("outside", str(EDGE)),)
        self._engine.ensure(Body("edge", "api", self._image, legs, ("haproxy",), mounts=(read_only(folder, CONFIG),)))


def registry_config() -> str:
    """docker-registry's configuration (YAML, of which JSON is a part)."""
    return json.dumps(
        {
            "version": 0.1,
            "log": {"level": "warn", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": "/var/lib/registry"}, "delete": {"enabled": True}},
            "http": {
                "addr": ":443",
                "relativeurls": True,
                "secret": secrets.token_urlsafe(24),
                "tls": {"certificate": f"{CONFIG}/tls.crt", "key": f"{CONFIG}/tls.key"},
            },
            "auth": {"htpasswd": {"realm": REGISTRY_HOST, "path": "/run/htpasswd"}},
        }
    )


def edge_config(api_port: int) -> str:
    """HAProxy before the control plane: AWS's endpoints over TLS, S3 websites over HTTP, distributions over both."""
    return f"""\
global
    log stdout format raw local0 notice
    maxconn 500
defaults
    mode http
    timeout connect 5s
    timeout client 75s
    timeout server 300s
    option forwardfor
frontend aws
    bind :443 ssl crt {CONFIG}/tls.pem alpn http/1.1
    bind :80
    http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
    default_backend control_plane
backend control_plane
    server api {HOST}:{api_port}
"""
