"""Subnets lose connectivity: each target's network ACL is cloned with denials in front, and put back at the end.

AWS FIS User Guide, "aws:network:disrupt-connectivity". Network ACLs don't see traffic within a subnet, so that goes on.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_region.control.fault_injection.actions.base import Action, ActionType, Run
from local_region.control.fault_injection.errors import Failure
from local_region.control.fault_injection.parameters import Parameter, duration, one_of
from local_region.control.fault_injection.resource_types import Resource

LAST = 32767  # the denial of the rest, which every network ACL has by itself
TAG = "managedByFIS"
REQUEST_TAG = {f"aws:RequestTag/{TAG}": ["true"]}
RESOURCE_TAG = {f"ec2:ResourceTag/{TAG}": ["true"]}
MOST_ENTRIES = 20  # of a network ACL that is cloned, a direction; of a prefix list 10
MOST_LISTED = 10
MOST_SUBNETS = 30  # targets in a VPC with the scope availability-zone
EVERYWHERE = ipaddress.IPv4Network("0.0.0.0/0")


@dataclass(frozen=True)
class Clone:
    """A network ACL that stands in for a subnet's own."""

    id: str
    original: str
    subnet: Resource


class DisruptConnectivity(Action):
    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.clones: list[Clone] = []

    def start(self) -> None:
        """All clones are made before the first takes effect, so that a whole zone goes at once."""
        self._refuse_too_many()
        for subnet in self.run.targets:
            self._clone(subnet)
        for clone in self.clones:
            self._associate(clone.subnet, clone.id)

    def _refuse_too_many(self) -> None:
        in_vpc = Counter(subnet.description["VpcId"] for subnet in self.run.targets)
        if self.run.parameters["scope"] == "availability-zone" and max(in_vpc.values()) > MOST_SUBNETS:
            raise Failure("ConfigurationFailure", f"More than {MOST_SUBNETS} subnets of a VPC are targets.")

    def _clone(self, subnet: Resource) -> None:
        original, vpc = self._acl_of(subnet), subnet.description["VpcId"]
        denied = SCOPES[self.run.parameters["scope"]](self.run, subnet)
        entries = clone_entries(original["Entries"], denied)
        if self.run.parameters["scope"] != "all":
            _refuse_long(original)
        self.run.role.require(
            "ec2:CreateTags", on=[_arn(subnet, "network-acl", "*")],
            context={**REQUEST_TAG, "ec2:CreateAction": ["CreateNetworkAcl"]},
        )  # fmt: skip
        made = self.run.role.call(
            "ec2:CreateNetworkAcl", on=[_arn(subnet, "vpc", vpc), _arn(subnet, "network-acl", "*")],
            context=REQUEST_TAG, VpcId=vpc,
            TagSpecifications=[{"ResourceType": "network-acl", "Tags": [{"Key": TAG, "Value": "true"}]}],
        )["NetworkAcl"]["NetworkAclId"]  # fmt: skip
        self.clones.append(Clone(made, original["NetworkAclId"], subnet))
        for entry in entries:
            self._change("ec2:CreateNetworkAclEntry", subnet, made, **entry)

    def _acl_of(self, subnet: Resource) -> dict[str, Any]:
        of_subnet = {"Name": "association.subnet-id", "Values": [subnet.description["SubnetId"]]}
        found = self.run.role.call("ec2:DescribeNetworkAcls", Filters=[of_subnet])["NetworkAcls"]
        if not found:
            raise Failure("InvalidTarget", f"The subnet {subnet.arn} has no network ACL any more.")
        acl: dict[str, Any] = found[0]
        return acl

    def _associate(self, subnet: Resource, acl: str) -> None:
        name = subnet.description["SubnetId"]
        held = next(each for each in self._acl_of(subnet)["Associations"] if each["SubnetId"] == name)
        self.run.role.call(
            "ec2:ReplaceNetworkAclAssociation", on=[subnet.arn, _arn(subnet, "network-acl", acl)],
            AssociationId=held["NetworkAclAssociationId"], NetworkAclId=acl,
        )  # fmt: skip

    def _change(self, action: str, subnet: Resource, acl: str, **asked: Any) -> None:
        on = [_arn(subnet, "network-acl", acl)]
        self.run.role.call(action, on=on, context=RESOURCE_TAG, NetworkAclId=acl, **asked)

    def undo(self) -> bool:
        """Every subnet gets its own back, also when another's can't be put back."""
        failures = []
        for clone in self.clones:
            try:
                self._put_back(clone)
            except Failure as failure:
                failures.append(failure)
        self.clones.clear()
        if failures:
            raise failures[0]
        return True

    def _put_back(self, clone: Clone) -> None:
        """What somebody else gave the subnet meanwhile is left to it."""
        name = clone.subnet.description["SubnetId"]
        of_clone = self.run.role.call("ec2:DescribeNetworkAcls", NetworkAclIds=[clone.id])["NetworkAcls"][0]
        if any(each["SubnetId"] == name for each in of_clone["Associations"]):
            self._associate(clone.subnet, clone.original)
        self._change("ec2:DeleteNetworkAcl", clone.subnet, clone.id)


def _arn(subnet: Resource, kind: str, name: str) -> str:
    """The ARN of another resource of EC2, where the subnet is."""
    return f"{subnet.arn.rpartition(':')[0]}:{kind}/{name}"


def _refuse_long(original: Mapping[str, Any]) -> None:
    own = Counter(entry["Egress"] for entry in original["Entries"] if entry["RuleNumber"] != LAST)
    if own and max(own.values()) > MOST_ENTRIES:
        name = original["NetworkAclId"]
        raise Failure("ConfigurationFailure", f"{name} has more than {MOST_ENTRIES} entries, too many for this scope.")


def clone_entries(own: Iterable[Mapping[str, Any]], denied: Iterable[str]) -> list[dict[str, Any]]:
    """The denials first, then the original's own entries in their order."""
    entries: list[dict[str, Any]] = []
    for egress in (False, True):
        denials = [{"Protocol": "-1", "RuleAction": "deny", "CidrBlock": cidr, "Egress": egress} for cidr in denied]
        kept = [dict(entry) for entry in own if entry["Egress"] == egress and entry["RuleNumber"] != LAST]
        kept.sort(key=lambda entry: entry["RuleNumber"])
        entries += [{**entry, "RuleNumber": number} for number, entry in enumerate([*denials, *kept], 1)]
    return entries


def outside(blocks: Sequence[str]) -> list[str]:
    """The fewest networks that are all addresses but those of ``blocks``."""
    rest = [EVERYWHERE]
    for block in map(ipaddress.IPv4Network, blocks):
        rest = [part for network in rest for part in _without(network, block)]
    return [str(network) for network in sorted(rest)]


def _without(network: ipaddress.IPv4Network, block: ipaddress.IPv4Network) -> list[ipaddress.IPv4Network]:
    if not network.overlaps(block):
        return [network]
    return list(network.address_exclude(block)) if block.subnet_of(network) else []


# --- What each scope denies


def _everything(run: Run, subnet: Resource) -> list[str]:
    return [str(EVERYWHERE)]


def _other_zones(run: Run, subnet: Resource) -> list[str]:
    of_vpc = {"Name": "vpc-id", "Values": [subnet.description["VpcId"]]}
    subnets = run.role.call("ec2:DescribeSubnets", Filters=[of_vpc])["Subnets"]
    zone = subnet.description["AvailabilityZone"]
    return sorted(each["CidrBlock"] for each in subnets if each["AvailabilityZone"] != zone)


def _out_of_vpc(run: Run, subnet: Resource) -> list[str]:
    (vpc,) = run.role.call("ec2:DescribeVpcs", VpcIds=[subnet.description["VpcId"]])["Vpcs"]
    return outside([each["CidrBlock"] for each in vpc["CidrBlockAssociationSet"]])


def _prefix_list(run: Run, subnet: Resource) -> list[str]:
    identifier = run.parameters.get("prefixListIdentifier", "")
    return _listed(run, identifier, lambda each: identifier in _names(each), most=MOST_LISTED)


def _of_service(service: str) -> Callable[[Run, Resource], list[str]]:
    def denied(run: Run, subnet: Resource) -> list[str]:
        name = f"com.amazonaws.{run.role.backends.ec2.region_name}.{service}"
        return _listed(run, name, lambda each: name in _names(each))

    return denied


def _names(prefix_list: Mapping[str, Any]) -> set[str]:
    return {prefix_list[member] for member in ("PrefixListName", "PrefixListId", "PrefixListArn")}


def _listed(run: Run, name: str, wanted: Callable[[Any], bool], most: int | None = None) -> list[str]:
    lists = [each for each in run.role.call("ec2:DescribeManagedPrefixLists")["PrefixLists"] if wanted(each)]
    if not lists:
        raise Failure("ConfigurationFailure", f'There is no prefix list "{name}": prefixListIdentifier must name one.')
    on, identifier = [lists[0]["PrefixListArn"]], lists[0]["PrefixListId"]
    entries = run.role.call("ec2:GetManagedPrefixListEntries", on=on, PrefixListId=identifier)["Entries"]
    if most and len(entries) > most:
        raise Failure("ConfigurationFailure", f"The prefix list {name} has more than {most} entries.")
    return sorted(entry["Cidr"] for entry in entries)


SCOPES: Mapping[str, Callable[[Run, Resource], list[str]]] = {
    "all": _everything,
    "availability-zone": _other_zones,
    "dynamodb": _of_service("dynamodb"),
    "prefix-list": _prefix_list,
    "s3": _of_service("s3"),
    "vpc": _out_of_vpc,
}

ACTIONS = {
    "aws:network:disrupt-connectivity": ActionType(
        "Deny the specified traffic of the target subnets.",
        DisruptConnectivity,
        {
            "scope": Parameter("The type of traffic to deny.", required=True, rule=one_of(*SCOPES)),
            "duration": Parameter("The duration of the action (ISO 8601 duration).", required=True, rule=duration),
            "prefixListIdentifier": Parameter("The prefix list, where the scope is prefix-list."),
        },
        ("Subnets", "aws:ec2:subnet"),
    )
}
