"""The instance metadata service (169.254.169.254), versions 1 and 2.

The request's source address says which instance asks: the data plane leads the link-local address here and keeps the
source. Version 1 is refused when the instance's metadata options require tokens, and a token's answer travels no
further than their hop limit allows.
"""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import socket
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from local_region.control.backends import Backends
from local_region.control.snapshot import LIVE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

Tree = Mapping[str, Any]  # of str (a leaf) or Tree
TTL_HEADER = "HTTP_X_AWS_EC2_METADATA_TOKEN_TTL_SECONDS"
TOKEN_HEADER = "HTTP_X_AWS_EC2_METADATA_TOKEN"
LONGEST_TTL = 21600  # seconds
CREDENTIALS_LAST = 6 * 3600  # seconds
RENEW_BEFORE = 900  # seconds before they expire
VERSIONS = "1.0\n2009-04-04\n2016-09-02\n2018-09-24\n2021-03-23\n2021-07-15\nlatest"
DEFAULT_HOPS = 64


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class MetadataService:
    """WSGI application."""

    def __init__(self, backends: Backends, lock: contextlib.AbstractContextManager[object]) -> None:
        self._backends = backends
        self._lock = lock
        self._tokens: dict[str, tuple[str, float]] = {}  # token -> instance id, until when
        self._credentials: dict[str, tuple[Any, float]] = {}  # instance id -> assumed role, until when

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        headers = [("Content-Type", "text/plain"), ("Server", "EC2ws")]
        try:
            with self._lock:
                status, body = "200 OK", self._answer(environ, headers)
        except Refused as refused:
            status, body = refused.status, refused.status.encode()
        start_response(status, headers)
        return [body]

    def _answer(self, environ: dict[str, Any], headers: list[tuple[str, str]]) -> bytes:
        instance = self._asking(environ.get("REMOTE_ADDR", ""))
        if instance.metadata_options.http_endpoint == "disabled":
            raise Refused("403 Forbidden")
        path = environ.get("PATH_INFO", "/")
        if environ["REQUEST_METHOD"] == "PUT":
            return self._issue(instance, environ, headers, path)
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            raise Refused("405 Method Not Allowed")
        _limit_hops(environ, DEFAULT_HOPS)
        self._check_token(instance, environ.get(TOKEN_HEADER))
        return self._read(instance, [part for part in path.split("/") if part])

    def _asking(self, address: str) -> Any:
        for reservation in self._backends.ec2.reservations.values():
            for instance in reservation.instances:
                if instance.state in LIVE and instance.nics and instance.private_ip_address == address:
                    return instance
        raise Refused("404 Not Found")

    def _issue(self, instance: Any, environ: dict[str, Any], headers: list[tuple[str, str]], path: str) -> bytes:
        if path.rstrip("/") != "/latest/api/token":
            raise Refused("404 Not Found")
        if "HTTP_X_FORWARDED_FOR" in environ:  # a token must not pass through an open proxy
            raise Refused("403 Forbidden")
        ttl = environ.get(TTL_HEADER, "")
        if not ttl.isdigit() or not 1 <= int(ttl) <= LONGEST_TTL:
            raise Refused("400 Bad Request")
        _limit_hops(environ, int(instance.metadata_options.http_put_response_hop_limit or 1))
        self._tokens = {key: value for key, value in self._tokens.items() if value[1] > time.monotonic()}
        token = base64.urlsafe_b64encode(secrets.token_bytes(40)).decode()
        self._tokens[token] = (instance.id, time.monotonic() + int(ttl))
        headers.append(("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", ttl))
        return token.encode()

    def _check_token(self, instance: Any, token: str | None) -> None:
        if token is None:
            if instance.metadata_options.http_tokens == "required":
                raise Refused("401 Unauthorized")
            return
        owner, until = self._tokens.get(token, ("", 0.0))
        if owner != instance.id or until < time.monotonic():
            raise Refused("401 Unauthorized")

    def _read(self, instance: Any, parts: list[str]) -> bytes:
        if not parts:
            return VERSIONS.encode()
        if parts[1:] == ["user-data"]:
            if not instance.user_data:
                raise Refused("404 Not Found")
            return base64.b64decode(str(instance.user_data))
        node: Any = self._tree(instance)
        for part in parts[1:]:
            if not isinstance(node, Mapping) or part not in node:
                raise Refused("404 Not Found")
            node = node[part]
        return (node if isinstance(node, str) else _listing(node)).encode()

    def _tree(self, instance: Any) -> Tree:
        return {
            "dynamic": {"instance-identity": {"document": self._document(instance)}},
            "meta-data": {**_meta_data(instance), **self._iam(instance)},
            "user-data": "",
        }

    def _document(self, instance: Any) -> str:
        document = {
            "accountId": self._backends.ec2.account_id,
            "architecture": instance.architecture,
            "availabilityZone": instance.placement.zone,
            "imageId": instance.image_id,
            "instanceId": instance.id,
            "instanceType": instance.instance_type,
            "pendingTime": instance.launch_time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "privateIp": instance.private_ip_address,
            "region": self._backends.ec2.region_name,
            "version": "2017-09-30",
        }
        return json.dumps(document, indent=2)

    def _iam(self, instance: Any) -> Tree:
        profile = self._profile(instance)
        if profile is None or not profile.roles:
            return {}
        info = {
            "Code": "Success",
            "LastUpdated": _utc(0),
            "InstanceProfileArn": profile.arn,
            "InstanceProfileId": profile.id,
        }
        role = profile.roles[0]
        return {"iam": {"info": json.dumps(info), "security-credentials": {role.name: self._role(instance, role)}}}

    def _profile(self, instance: Any) -> Any:
        arn = (instance.iam_instance_profile or {}).get("Arn")
        return next((each for each in self._backends.iam.instance_profiles.values() if each.arn == arn), None)

    def _role(self, instance: Any, role: Any) -> str:
        assumed, until = self._credentials.get(instance.id, (None, 0.0))
        if assumed is None or assumed.role_arn != role.arn or until < time.monotonic():
            region = self._backends.ec2.region_name
            assumed = self._backends.sts.assume_role(region, instance.id, role.arn, "", CREDENTIALS_LAST, "")
            self._credentials[instance.id] = assumed, time.monotonic() + CREDENTIALS_LAST - RENEW_BEFORE
        credentials = {
            "Code": "Success",
            "LastUpdated": _utc(0),
            "Type": "AWS-HMAC",
            "AccessKeyId": assumed.access_key_id,
            "SecretAccessKey": assumed.secret_access_key,
            "Token": assumed.session_token,
            "Expiration": assumed.expiration.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return json.dumps(credentials)


def _meta_data(instance: Any) -> dict[str, Any]:
    interface = instance.nics[0]
    leaves = {
        "ami-id": instance.image_id,
        "ami-launch-index": str(instance.ami_launch_index),
        "hostname": instance.private_dns_name,
        "instance-id": instance.id,
        "instance-life-cycle": "on-demand",
        "instance-type": instance.instance_type,
        "local-hostname": instance.private_dns_name,
        "local-ipv4": instance.private_ip_address,
        "mac": interface.mac_address,
        "network": {"interfaces": {"macs": {interface.mac_address: _interface(interface)}}},
        "placement": {
            "availability-zone": instance.placement.zone,
            "availability-zone-id": interface.subnet.availability_zone_id,
            "region": instance.region_name,
        },
        "security-groups": "\n".join(sorted(group.name for group in interface.group_set)),
        "services": {"domain": "amazonaws.com", "partition": "aws"},
    }
    if instance.public_ip_address:
        leaves["public-ipv4"] = instance.public_ip_address
    if instance.metadata_options.instance_metadata_tags == "enabled":
        leaves["tags"] = {"instance": {tag["key"]: tag["value"] for tag in instance.get_tags()}}
    return leaves


def _interface(interface: Any) -> Tree:
    vpc = interface.ec2_backend.get_vpc(interface.subnet.vpc_id)
    return {
        "device-number": str(interface.device_index),
        "interface-id": interface.id,
        "local-ipv4s": interface.private_ip_address,
        "mac": interface.mac_address,
        "owner-id": interface.owner_id,
        "security-group-ids": "\n".join(sorted(group.id for group in interface.group_set)),
        "subnet-id": interface.subnet.id,
        "subnet-ipv4-cidr-block": interface.subnet.cidr_block,
        "vpc-id": interface.subnet.vpc_id,
        "vpc-ipv4-cidr-block": vpc.cidr_block,
    }


def _listing(node: Tree) -> str:
    return "\n".join(f"{name}/" if isinstance(child, Mapping) else name for name, child in sorted(node.items()))


def _utc(after: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + after))


def _limit_hops(environ: dict[str, Any], hops: int) -> None:
    """The answer's IP time to live: a container inside the instance is one hop further than the instance."""
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, hops)
