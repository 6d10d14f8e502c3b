# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""AWS's errors in words: what was being done, AWS's code and message, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

try:
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        EndpointConnectionError,
        NoCredentialsError,
        NoRegionError,
        PartialCredentialsError,
        ProfileNotFound,
    )
except ImportError:  # AnsibleAWSModule says what to install
    BotoCoreError = ClientError = EndpointConnectionError = NoCredentialsError = Exception
    NoRegionError = PartialCredentialsError = ProfileNotFound = Exception

_CREDENTIALS = "Give credentials: the module's profile or access_key and secret_key, AWS_PROFILE, or an instance's role"

REMEDIES_BY_EXCEPTION: tuple[tuple[Any, str], ...] = (
    (NoCredentialsError, _CREDENTIALS),
    (PartialCredentialsError, _CREDENTIALS),
    (ProfileNotFound, "Name a profile that ~/.aws/config has"),
    (NoRegionError, "Give the module's region, or AWS_REGION"),
    (EndpointConnectionError, "Check region and endpoint_url, and that this machine reaches them"),
)

# Codes as AWS documents them under "Common errors" and in each API's reference.
REMEDIES_BY_CODE: dict[str, str] = {
    "AccessDenied": "Let the caller's IAM policy allow this action",
    "AccessDeniedException": "Let the caller's IAM policy allow this action",
    "UnauthorizedOperation": "Let the caller's IAM policy allow this action",
    "AuthFailure": _CREDENTIALS,
    "InvalidClientTokenId": "The access key is unknown to AWS: check the credentials in use",
    "SignatureDoesNotMatch": "The secret key is not the access key's: check the credentials in use",
    "OptInRequired": "Enable the region for the account, or check the credentials in use",
    "ExpiredToken": "The session has expired: log in again",
    "ExpiredTokenException": "The session has expired: log in again",
    "RequestExpired": "Check this machine's clock, or log in again",
    "BucketAlreadyExists": "Names are unique among all accounts: give the bucket another one",
    "DependencyViolation": "Something else still uses it: remove that first",
    "ResourceInUse": "Something else still uses it: remove that first",
    "DeleteConflict": "Something else still uses it: remove that first",
    "PreconditionFailed": "Somebody else has changed it meanwhile: run the same command again",
    "CNAMEAlreadyExists": "Another distribution has this name, maybe another account's: take it away there",
    "InvalidViewerCertificate": "Give a certificate that ACM issued in us-east-1, with every alias among its names",
    "MalformedPolicyDocument": "Correct the policy document; the principals that it names must exist",
    "VpcLimitExceeded": "Ask for a higher quota, or delete a VPC that isn't needed",
    "AddressLimitExceeded": "Ask for a higher quota of Elastic IPs, or use nat_gateways: single",
    "InternetGatewayLimitExceeded": "Ask for a higher quota of VPCs and internet gateways",
    "NatGatewayLimitExceeded": "Ask for a higher quota of NAT gateways, or use nat_gateways: single",
    "InsufficientDBInstanceCapacity": "Choose another instance class, or subnets in other Availability Zones",
    "StorageQuotaExceeded": "Ask for a higher quota of RDS storage",
    "InstanceQuotaExceeded": "Ask for a higher quota of DB instances, or delete one that isn't needed",
    "InsufficientInstanceCapacity": "Allow another instance type or Availability Zone",
    "RequestLimitExceeded": "AWS throttles this account's calls: run with fewer forks, or later",
    "Throttling": "AWS throttles this account's calls: run with fewer forks, or later",
}


def code(error: Exception) -> str:
    """AWS's error code; empty for an error that AWS didn't send."""
    response: dict[str, Any] = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def explain(error: Exception, doing: str) -> StackError:
    """The failure a person reads: ``doing`` is what was attempted, such as "create listener 80 of goals"."""
    remedy = REMEDIES_BY_CODE.get(code(error)) or next(
        (text for kind, text in REMEDIES_BY_EXCEPTION if isinstance(error, kind)), None
    )
    said = str(error).rstrip(".")
    return StackError(f"{doing}: {said}." + (f" {remedy}." if remedy else ""))


@contextmanager
def explained(doing: str, *more: type[Exception]) -> Iterator[None]:
    """Turn what botocore raises inside, and the exceptions of ``more``, into a StackError."""
    try:
        yield
    except (BotoCoreError, ClientError, *more) as error:
        raise explain(error, doing) from error


@contextmanager
def ignoring(*codes: str) -> Iterator[None]:
    """Let pass the errors that mean the work is already done, such as a resource that is already gone."""
    try:
        yield
    except ClientError as error:
        if code(error) not in codes:
            raise
