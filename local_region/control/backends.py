"""moto's backends of the region's own account and region, by the names that AWS gives the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from moto.backends import get_backend

from local_region.control.cloudfront_state import CloudFront
from local_region.settings import Settings


@dataclass(frozen=True)
class Backends:
    ec2: Any
    elbv2: Any
    autoscaling: Any
    rds: Any
    secretsmanager: Any
    ssm: Any
    iam: Any
    sts: Any
    s3: Any
    fis: Any
    cloudwatch: Any
    acm: Any
    zonal_shifts: dict[str, Any] = field(default_factory=dict)  # id -> zonal_shifts.ZonalShift
    cloudfront: CloudFront = field(default_factory=CloudFront)


def backends(settings: Settings) -> Backends:
    """IAM, STS and S3 are global: moto keeps them under the partition's name."""

    def regional(service: Any) -> Any:
        return get_backend(service)[settings.account][settings.region]

    def worldwide(service: Any) -> Any:
        return get_backend(service)[settings.account]["aws"]

    return Backends(
        ec2=regional("ec2"),
        elbv2=regional("elbv2"),
        autoscaling=regional("autoscaling"),
        rds=regional("rds"),
        secretsmanager=regional("secretsmanager"),
        ssm=regional("ssm"),
        iam=worldwide("iam"),
        sts=worldwide("sts"),
        s3=worldwide("s3"),
        fis=regional("fis"),
        cloudwatch=regional("cloudwatch"),
        acm=regional("acm"),
    )
