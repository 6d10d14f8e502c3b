"""A throttled call is refused as botocore knows it: it is taken for throttling, and asked again."""

from __future__ import annotations

import io
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from local_region.throttling import Throttle

CALLS = [
    ("ec2", "describe_vpcs", {}, "RequestLimitExceeded"),
    ("s3", "list_objects_v2", {"Bucket": "b"}, "SlowDown"),
    ("autoscaling", "describe_auto_scaling_groups", {}, "Throttling"),
    ("elbv2", "describe_load_balancers", {}, "Throttling"),
    ("rds", "describe_db_instances", {}, "Throttling"),
    ("iam", "get_role", {"RoleName": "r"}, "Throttling"),
    ("secretsmanager", "describe_secret", {"SecretId": "s"}, "ThrottlingException"),
    ("ssm", "get_parameter", {"Name": "n"}, "ThrottlingException"),
    ("cloudwatch", "describe_alarms", {}, "ThrottlingException"),
    ("fis", "list_experiments", {}, "ThrottlingException"),
]


@pytest.mark.parametrize(("service", "operation", "request_", "code"), CALLS, ids=[call[0] for call in CALLS])
def test_every_service_refuses_in_its_own_words(service, operation, request_, code):
    """As botocore parses it, after all its attempts."""
    config = Config(retries={"mode": "standard", "total_max_attempts": 2})
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    client = boto3.client(service, region_name="us-east-1", config=config, **keys)
    sent = []

    def refuse(request: Any, **kwargs: Any) -> AWSResponse:
        sent.append(request)
        kind = request.headers.get("Content-Type") or ""
        environ = {"CONTENT_TYPE": kind if isinstance(kind, str) else kind.decode()}
        refusal = Throttle(1).refusal(service, environ)
        assert refusal is not None
        status, headers, body = refusal
        raw = io.BytesIO(body)
        raw.stream = lambda *args, **kwargs: iter([body])  # type: ignore[attr-defined]
        return AWSResponse(request.url, int(status.split()[0]), dict(headers), raw)

    client.meta.events.register(f"before-send.{service}", refuse)
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**request_)
    assert refused.value.response["Error"]["Code"] == code
    assert len(sent) == 2, "it was asked again"


@pytest.mark.parametrize(("share", "refused"), [(0, 0), (0.1, 100), (1, 1000)])
def test_a_share_of_the_calls_is_refused(share, refused):
    throttle = Throttle(share)
    found = sum(throttle.refusal("ec2", {}) is not None for _ in range(1000))
    assert found == pytest.approx(refused, abs=25)
    if share in (0, 1):
        assert found == refused
