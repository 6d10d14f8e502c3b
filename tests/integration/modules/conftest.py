"""What several modules' tests need besides."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.integration.modules.ground import Ground


@pytest.fixture
def ground(aws):
    made = Ground(aws)
    yield made
    made.remove()


@pytest.fixture
def vpc(aws):
    """A VPC with an internet gateway, a subnet in each of three zones, and two security groups."""
    ec2 = aws("ec2")
    vpc_id = ec2.create_vpc(CidrBlock="10.91.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    subnets = [
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.91.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate("abc")
    ]
    groups = [
        ec2.create_security_group(VpcId=vpc_id, GroupName=name, Description=name)["GroupId"] for name in ("web", "more")
    ]
    yield SimpleNamespace(id=vpc_id, subnets=subnets, groups=groups)
    for group in groups:
        ec2.delete_security_group(GroupId=group)
    for subnet in subnets:
        ec2.delete_subnet(SubnetId=subnet)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc_id)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_vpc(VpcId=vpc_id)


@pytest.fixture
def target_groups(module, vpc):
    """ARNs of the target groups blue and green, by name."""
    target_group = module("target_group")
    yield {name: target_group(name=name, vpc_id=vpc.id, port=8000)["target_group"]["arn"] for name in ("blue", "green")}
    for name in ("blue", "green"):
        target_group(name=name, state="absent")


@pytest.fixture
def balancer(module, vpc, target_groups):
    """The module, with what every load balancer here has; what it made is removed, so that nothing outlives a test."""
    load_balancer = module("load_balancer")

    def make(name: str = "goals", **options):
        return load_balancer(
            **{"name": name, "subnet_ids": vpc.subnets[:2], "security_group_ids": vpc.groups[:1], **options}
        )

    yield make
    load_balancer(name="goals", state="absent", deletion_protection=False)


@pytest.fixture
def certificates(aws):
    """The ARNs of three certificates in IAM."""
    names = ("goals", "more", "other")
    yield [_uploaded(aws, name) for name in names]
    for name in names:
        aws("iam").delete_server_certificate(ServerCertificateName=name)


def _uploaded(aws, server):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{server}.example")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    built = built.serial_number(1)
    now = datetime.datetime.now(datetime.UTC)
    signed = built.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    uploaded = aws("iam").upload_server_certificate(
        ServerCertificateName=server, CertificateBody=signed.public_bytes(pem).decode(), PrivateKey=private.decode()
    )
    return uploaded["ServerCertificateMetadata"]["Arn"]


@pytest.fixture
def certificate(certificates):
    return certificates[0]
