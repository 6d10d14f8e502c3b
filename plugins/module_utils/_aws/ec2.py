# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the EC2 API's resources share.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says what to install
    ClientError = Exception

T = TypeVar("T")


def pages(session: Session, operation: str, key: str, **request: Any) -> list[dict[str, Any]]:
    """The ``key`` of all pages of a describe call, named as boto3 names its method."""
    found = session.client("ec2").get_paginator(operation).paginate(**request)
    return [item for page in found for item in page[key]]


def where(**values: str | Sequence[str]) -> list[dict[str, Any]]:
    """Filters, with - written as _: where(vpc_id="vpc-1"). EC2 takes * and ? in a value for wildcards."""
    return [named(name.replace("_", "-"), value) for name, value in values.items()]


def named(name: str, values: str | Sequence[str]) -> dict[str, Any]:
    return {"Name": name, "Values": [values] if isinstance(values, str) else list(values)}


def tagged(resource_type: str, wanted: Mapping[str, str]) -> dict[str, Any]:
    """The argument that makes a create call tag what it makes; AWS refuses an empty list of tags."""
    if not wanted:
        return {}
    return {"TagSpecifications": [{"ResourceType": resource_type, "Tags": tags.to_api(wanted)}]}


def put_tags(session: Session, resource_id: str, change: Change) -> None:
    """Make the tags of ``resource_id`` those of the change; nothing where it doesn't touch them."""
    changed, gone = tags.changes(change.before, change.after)
    if changed:
        session.client("ec2").create_tags(Resources=[resource_id], Tags=tags.to_api(changed))
    if gone:
        session.client("ec2").delete_tags(Resources=[resource_id], Tags=[{"Key": key} for key in gone])


def once_seen(call: Callable[[], T], *codes: str) -> T:
    """What ``call`` returns, called again while AWS answers ``codes`` because it doesn't see yet what was just made."""
    return retried(call, lambda error: code(error) in codes)


def refuse_unsuccessful(answer: Mapping[str, Any], operation: str) -> None:
    """Some calls tell what they did not do instead of failing: ClientError for the first of that."""
    for item in answer.get("Unsuccessful", ()):
        raise ClientError({"Error": dict(item.get("Error") or {})}, operation)


@dataclass(frozen=True)
class User:
    """What keeps a resource from being deleted. ``passing``: AWS removes it in its own time."""

    text: str
    passing: bool = False


def delete_unused(session: Session, what: str, delete: Callable[[], Any], users: Callable[[], Sequence[User]]) -> None:
    """Delete, waiting while AWS says that something of its own still uses it; StackError that names anything else."""

    def attempt() -> Sequence[User]:
        try:
            delete()
        except ClientError as error:
            if code(error) != "DependencyViolation":
                raise
            return users() or [User("something that AWS doesn't name", passing=True)]
        return []

    def pending(found: Sequence[User]) -> str | None:
        lasting = [user.text for user in found if not user.passing]
        if lasting:
            raise StackError(f"delete {what}: still used by {', '.join(lasting)}. Remove that first.")
        return f"still used by {', '.join(user.text for user in found)}" if found else None

    session.until(f"delete {what}", attempt, pending)


def interfaces(
    session: Session,
    *,
    public: bool = False,
    leaves: Callable[[Mapping[str, Any]], bool] = lambda endpoint: False,
    **values: str,
) -> list[User]:
    """The network interfaces that the filters find; ``public``: those with a public address.

    Those that a service holds go some minutes after its resource, those of a VPC endpoint once it ``leaves``.
    """
    found = pages(session, "describe_network_interfaces", "NetworkInterfaces", Filters=where(**values))
    staying = _of_endpoints(session, found, leaves)
    return [
        User(_interface(each), bool(each.get("RequesterManaged")) and each["NetworkInterfaceId"] not in staying)
        for each in found
        if not public or each.get("Association", {}).get("PublicIp")
    ]


def _of_endpoints(
    session: Session, found: Sequence[Mapping[str, Any]], leaves: Callable[[Mapping[str, Any]], bool]
) -> set[str]:
    """Those of VPC endpoints, which nobody but their owner removes."""
    vpcs = sorted({each["VpcId"] for each in found if each.get("InterfaceType") == "vpc_endpoint"})
    endpoints = pages(session, "describe_vpc_endpoints", "VpcEndpoints", Filters=where(vpc_id=vpcs)) if vpcs else []
    staying = [each for each in endpoints if each["State"].lower() not in ("deleting", "deleted") and not leaves(each)]
    return {interface for each in staying for interface in each.get("NetworkInterfaceIds", ())}


def _interface(interface: Mapping[str, Any]) -> str:
    instance = interface.get("Attachment", {}).get("InstanceId")
    about = [interface.get("Description"), f"instance {instance}" if instance else None]
    said = ", ".join(text for text in about if text)
    return f"network interface {interface['NetworkInterfaceId']}" + (f" ({said})" if said else "")
