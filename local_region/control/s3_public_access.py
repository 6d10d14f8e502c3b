"""S3 Block Public Access: on for every new bucket (since April 2023), and it refuses public policies and ACLs."""

from __future__ import annotations

from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.models import PublicAccessBlock, S3Backend
from moto.s3.utils import bucket_policy_is_public

from local_region.control.patching import around


@around(S3Backend, "create_bucket")
def block_public_access(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    bucket = original(self, *args, **kwargs)
    bucket.public_access_block = PublicAccessBlock(True, True, True, True)
    return bucket


@around(S3Backend, "put_bucket_policy")
def refuse_public_policy(original: Any, self: Any, bucket_name: str, policy: bytes) -> None:
    block = self.get_bucket(bucket_name).public_access_block
    if block and block.block_public_policy and bucket_policy_is_public(policy):
        message = "User is not authorized to perform: s3:PutBucketPolicy because public policies are blocked "
        raise S3ClientError("AccessDenied", f"{message}by the BlockPublicPolicy block public access setting.")
    original(self, bucket_name, policy)
