"""Which instances Systems Manager manages: those that run an agent whose role lets it register.

Every image of the region has the agent. On AWS Amazon Linux and Ubuntu have it, Debian has not: there user data
installs it ("AMIs with SSM Agent preinstalled" in the Systems Manager User Guide).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.ec2 import ec2_backends
from moto.iam import iam_backends
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.ssm.exceptions import InvalidFilterKey
from moto.ssm.responses import SimpleSystemManagerResponse

REGISTERS = "ssm:UpdateInstanceInformation"  # of AmazonSSMManagedInstanceCore, the permission that an agent begins with
PING = {"running": "Online", "stopping": "ConnectionLost", "stopped": "ConnectionLost"}
AGENT_VERSION = "3.3.2299.0"


def managed(ssm: Any) -> dict[str, Any]:
    """Instance id -> instance, of every one that is registered, whether or not its agent answers now."""
    ec2 = ec2_backends[ssm.account_id][ssm.region_name]
    iam = iam_backends[ssm.account_id][ssm.partition]
    instances = (each for reservation in ec2.reservations.values() for each in reservation.instances)
    return {each.id: each for each in instances if each.state in PING and _may_register(iam, each)}


def online(ssm: Any) -> dict[str, Any]:
    """Those that take commands."""
    return {id_: each for id_, each in managed(ssm).items() if PING[each.state] == "Online"}


def _may_register(iam: Any, instance: Any) -> bool:
    """By the policies of the instance profile's role: one allows it and none denies it."""
    arn = (instance.iam_instance_profile or {}).get("Arn")
    profile = next((each for each in iam.instance_profiles.values() if each.arn == arn), None)
    if profile is None or not profile.roles:
        return False
    role = profile.roles[0]
    policies = (*role.managed_policies.values(), *role.policies.values())
    verdicts = {IAMPolicy(policy).is_action_permitted(REGISTERS) for policy in policies}
    return PermissionResult.PERMITTED in verdicts and PermissionResult.DENIED not in verdicts


def matches(instance: Any, key: str, values: Iterable[str]) -> bool:
    """Whether an instance is one that ``Key`` and ``Values`` name, of a command's target or of a filter.

    Raises:
        InvalidFilterKey: the key isn't one of those.
    """
    tags: Mapping[str, str] = {tag["key"]: tag["value"] for tag in instance.get_tags()}
    wanted = set(values)
    if key.startswith("tag:"):
        return tags.get(key.removeprefix("tag:")) in wanted
    if key == "tag-key":
        return bool(wanted & tags.keys())
    facts = {
        "InstanceIds": instance.id,
        "PingStatus": PING[instance.state],
        "PlatformTypes": "Linux",
        "ResourceType": "EC2Instance",
        "AgentVersion": AGENT_VERSION,
    }
    if key not in facts:
        raise InvalidFilterKey(f"Filter key {key} is not valid; the local region knows {', '.join(facts)} and tags.")
    return facts[key] in wanted


def _described(instance: Any) -> dict[str, Any]:
    return {
        "InstanceId": instance.id,
        "PingStatus": PING[instance.state],
        "LastPingDateTime": utcnow(),
        "AgentVersion": AGENT_VERSION,
        "IsLatestVersion": True,
        "PlatformType": "Linux",
        "PlatformName": "Debian GNU/Linux",
        "PlatformVersion": "12",
        "ResourceType": "EC2Instance",
        "IPAddress": instance.private_ip_address,
        "ComputerName": instance.private_dns_name,
        "SourceId": instance.id,
        "SourceType": "AWS::EC2::Instance",
    }


def _filters(request: Any) -> Iterator[tuple[str, list[str]]]:
    """The two ways to say the same: a newer list with Key and Values, an older one with key and valueSet."""
    yield from ((each["Key"], each["Values"]) for each in request._get_param("Filters", []))
    yield from ((each["key"], each["valueSet"]) for each in request._get_param("InstanceInformationFilterList", []))


def describe_instance_information(request: Any) -> ActionResult:
    found = list(managed(request.ssm_backend).values())
    for key, values in _filters(request):
        found = [each for each in found if matches(each, key, values)]
    return ActionResult({"InstanceInformationList": [_described(each) for each in found]})


SimpleSystemManagerResponse.describe_instance_information = describe_instance_information
