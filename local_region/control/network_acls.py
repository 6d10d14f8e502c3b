"""Network ACLs as the VPC User Guide describes them: every one ends with a denial of the rest, numbered 32767, that
nobody can take away; what isn't there is refused by its own code; an association goes with its subnet."""

from __future__ import annotations

import ipaddress
from typing import Any

from moto.ec2.exceptions import EC2ClientError, InvalidNetworkAclIdError
from moto.ec2.models.network_acls import NetworkAclBackend
from moto.ec2.models.subnets import SubnetBackend
from moto.ec2.responses.network_acls import NetworkACLs

from local_region.control.patching import around

LAST = 32767
NUMBERS = {"tcp": "6", "udp": "17", "icmp": "1"}  # AWS tells the number, whichever of the two it was given
PORTED = frozenset({"6", "17"})
ICMP = "1"


@around(NetworkAclBackend, "create_network_acl")
def deny_the_rest(original: Any, self: Any, vpc_id: str, tags: Any = None, default: bool = False) -> Any:
    acl = original(self, vpc_id, tags, default)
    if not default:  # moto gives a default one its entries
        for egress in (True, False):
            _create(self, acl.id, LAST, "-1", "deny", egress, "0.0.0.0/0", None, None, None, None, None)
    return acl


_create = NetworkAclBackend.create_network_acl_entry


@around(NetworkAclBackend, "create_network_acl_entry")
def create_checked(original: Any, self: Any, **entry: Any) -> Any:
    acl = self.get_network_acl(entry["network_acl_id"])
    if acl.default and len(acl.network_acl_entries) < 4 and entry["rule_number"] == LAST:
        return original(self, **entry)  # the denial of the rest, of a VPC that is being made
    return original(self, **_checked(entry))


@around(NetworkAclBackend, "replace_network_acl_entry")
def replace_checked(original: Any, self: Any, **entry: Any) -> Any:
    return original(self, **_checked(entry))


def _with_icmp(original: Any, self: Any) -> Any:
    """moto looks for type and code under the name that the parameter has on the wire."""
    self.params["Icmp"] = self.params.get("IcmpTypeCode", {})
    return original(self)


for _request in ("create_network_acl_entry", "replace_network_acl_entry"):
    around(NetworkACLs, _request)(_with_icmp)


def _checked(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry as AWS keeps it."""
    number, protocol = int(entry["rule_number"]), str(entry["protocol"]).lower()
    if not 0 < number < LAST:
        raise _invalid(f"Invalid value '{number}' for ruleNumber. It must be between 1 and {LAST - 1}.")
    protocol = NUMBERS.get(protocol, protocol)
    if protocol != "-1" and not (protocol.isdigit() and int(protocol) < 256):
        raise _invalid(f"Invalid value '{protocol}' for IP protocol. Unknown protocol.")
    if entry["rule_action"] not in {"allow", "deny"}:
        raise _invalid(f"Value ({entry['rule_action']}) for parameter ruleAction is invalid. Use allow or deny.")
    if not entry["cidr_block"] and not entry["ipv6_cidr_block"]:
        raise _missing("cidrBlock")
    if protocol in PORTED and (entry["port_range_from"] is None or entry["port_range_to"] is None):
        raise _missing("portRange")
    if protocol == ICMP and entry["icmp_type"] is None:
        raise _missing("icmpTypeCode")
    cidr = _canonical(entry["cidr_block"]) if entry["cidr_block"] else None
    return {**entry, "rule_number": number, "protocol": protocol, "cidr_block": cidr}


def _canonical(cidr: str) -> str:
    """AWS takes 100.68.0.18/18 for 100.68.0.0/18."""
    try:
        return str(ipaddress.IPv4Network(cidr, strict=False))
    except ValueError:
        message = f"Value ({cidr}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        raise _invalid(message) from None


def _invalid(message: str) -> EC2ClientError:
    return EC2ClientError("InvalidParameterValue", message)


def _missing(parameter: str) -> EC2ClientError:
    return EC2ClientError("MissingParameter", f"The request must contain the parameter {parameter}")


@around(NetworkAclBackend, "delete_network_acl_entry")
def delete_checked(original: Any, self: Any, network_acl_id: str, rule_number: int, egress: bool) -> Any:
    number = int(rule_number)
    if number >= LAST:
        raise _invalid(f"The network acl entry identified by {number} denies the rest and cannot be deleted.")
    acl = self.get_network_acl(network_acl_id)
    if not any(each.egress == egress and int(each.rule_number) == number for each in acl.network_acl_entries):
        message = f"The network acl entry identified by {number} does not exist"
        raise EC2ClientError("InvalidNetworkAclEntry.NotFound", message)
    return original(self, network_acl_id, number, egress)


@around(NetworkAclBackend, "delete_network_acl")
def keep_the_default(original: Any, self: Any, network_acl_id: str) -> Any:
    if self.get_network_acl(network_acl_id).default:
        raise _invalid(f"cannot delete default network ACL {network_acl_id}")
    return original(self, network_acl_id)


@around(NetworkAclBackend, "describe_network_acls")
def refuse_unknown(original: Any, self: Any, network_acl_ids: list[str] | None = None, filters: Any = None) -> Any:
    for unknown in set(network_acl_ids or ()) - self.network_acls.keys():
        raise InvalidNetworkAclIdError(unknown)
    return original(self, network_acl_ids, filters)


@around(NetworkAclBackend, "replace_network_acl_association")
def replace_association(original: Any, self: Any, association_id: str, network_acl_id: str) -> Any:
    """moto takes the old association away before it knows that there is something to put in its place."""
    acl = self.get_network_acl(network_acl_id)
    owners = [each for each in self.network_acls.values() if association_id in each._associations]
    if not owners:
        message = f"The association ID '{association_id}' does not exist"
        raise EC2ClientError("InvalidAssociationID.NotFound", message)
    if owners[0].vpc_id != acl.vpc_id:
        subnet = owners[0]._associations[association_id].subnet_id
        raise _invalid(f"Network ACL {network_acl_id} and subnet {subnet} belong to different networks")
    return original(self, association_id, network_acl_id)


@around(SubnetBackend, "delete_subnet")
def forget_association(original: Any, self: Any, subnet_id: str) -> Any:
    deleted = original(self, subnet_id)
    for acl in self.network_acls.values():
        for key in [key for key, each in acl._associations.items() if each.subnet_id == subnet_id]:
            del acl._associations[key]
    return deleted
