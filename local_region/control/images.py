"""The region's own machine images, and the public parameters by which user data and templates find them."""

from __future__ import annotations

from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models.amis import Ami
from moto.ssm.models import Parameter

from local_region.control.backends import Backends
from local_region.images import IDS, PARAMETERS

DEBIAN_OWNER = "136693071363"  # the account that publishes Debian's images on AWS
AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/"


def register(backends: Backends) -> None:
    """Put images and parameters where DescribeImages and GetParameter look."""
    for name, image in IDS.items():
        backends.ec2.amis[image] = _image(backends.ec2, image, f"{name}-amd64-local", f"Debian 12 ({name})")
    for name, value in PARAMETERS.items():
        parameters = backends.ssm._parameters
        dict.__setitem__(parameters, name, [_parameter(backends.ssm.account_id, name, value)])
    known = backends.ssm._parameters[AMAZON_LINUX + "al2023-ami-kernel-default-x86_64"]
    for parameter in known:  # moto's parameter names an image that its DescribeImages does not have
        if parameter.value not in backends.ec2.amis:
            label = "al2023-ami-kernel-default-x86_64"
            backends.ec2.amis[parameter.value] = _image(backends.ec2, parameter.value, label, "Amazon Linux 2023")


def _image(ec2: Any, image: str, name: str, description: str) -> Any:
    return Ami(
        ec2,
        image,
        name=name,
        description=description,
        owner_id=DEBIAN_OWNER,
        public=True,
        virtualization_type="hvm",
        architecture="x86_64",
        image_location=f"local-region/{name}",
        hypervisor="xen",
        root_device_type="ebs",
        root_device_name="/dev/xvda",
        region_name=f"{ec2.region_name}a",
    )


def _parameter(account: str, name: str, value: str) -> Any:
    return Parameter(
        account_id=account,
        name=name,
        value=value,
        parameter_type="String",
        description=None,
        allowed_pattern=None,
        keyid=None,
        last_modified_date=utcnow().timestamp(),
        version=1,
        data_type="aws:ec2:image",
    )
