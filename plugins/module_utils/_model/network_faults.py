# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can't be right about a network's options.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/ (VPC CIDR blocks, subnet sizing), tag restrictions of EC2.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, flow_log
from ansible_collections.ha_stack.aws.plugins.module_utils._model.addressing import (
    LARGEST,
    SMALLEST,
    overlapping,
    place,
    subnet_prefix,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.checks import Faults
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.network import ranges, tiers_of

# us-east-1a; a local zone is us-west-2-lax-1a.
ZONE_NAME = r"[a-z]{2}(-[a-z0-9]+)*-\d+[a-z]"


def faults(params: Mapping[str, Any]) -> Faults:
    name = network_name(params["name"])
    if params["state"] == "absent":
        return name
    shape = (
        *checks.required(params, "present", ("availability_zones",)),
        *_zone_faults(params["availability_zones"], params.get("region")),
        *_tier_faults(params),
        *_vpc_cidr(params["cidr"]),
        *_dns(params),
        *own_tags("tags", params["tags"]),
        *flow_log.faults(params["flow_log"]),
        *own_tags("flow_log.tags", (params["flow_log"] or {}).get("tags")),
    )
    return (*name, *(shape or _room(params)))


def network_name(name: str) -> Faults:
    return checks.matches(
        "name",
        name,
        r"[A-Za-z0-9 ._:/=+@-]{1,128}",
        "is not a name that can be looked for",
        "Use up to 128 letters, digits, spaces and . _ - : / = + @: EC2's filters take * and ? for wildcards",
    )


def _zone_faults(zones: list[str] | None, region: str | None) -> Iterable[Fault]:
    if zones is None:
        return
    option = "availability_zones"
    if len(set(zones)) < 2:
        yield Fault(option, zones, "is not two zones", "Name at least two different Availability Zones")
    elif len(set(zones)) < len(zones):
        yield Fault(option, zones, "names a zone twice", "Name each Availability Zone once")
    for zone in dict.fromkeys(zones):
        yield from checks.matches(option, zone, ZONE_NAME, "is not the name of a zone", "Write it like us-east-1a")
        if region and not zone.startswith(region):
            yield Fault(option, zone, f"is not in region {region}", f"Name zones of {region}, or change region")


def _tier_faults(params: Mapping[str, Any]) -> Iterable[Fault]:
    tiers, nats = tiers_of(params), params["nat_gateways"]
    names, routes = [tier["name"] for tier in tiers], {tier["route"] for tier in tiers}
    if not tiers:
        yield Fault("tiers", tiers, "is empty", "Name at least one tier")
    for i, tier in enumerate(tiers):
        yield from _tier_name(f"tiers[{i}].name", tier["name"], names[:i])
        yield from own_tags(f"tiers[{i}].tags", tier.get("tags"))
    if "nat" in routes and nats == "none":
        yield Fault("nat_gateways", nats, "leaves tiers with route: nat without a way out", "Use single or per_az")
    if "nat" in routes and "internet" not in routes:
        remedy = "Add a tier with route: internet, where the NAT gateways can stand"
        yield Fault(f"tiers[{_first_nat(tiers)}].route", "nat", "needs a tier that leads to the internet", remedy)


def _first_nat(tiers: Sequence[Mapping[str, Any]]) -> int:
    return next(i for i, tier in enumerate(tiers) if tier["route"] == "nat")


def _tier_name(option: str, name: str, others: list[str]) -> Iterable[Fault]:
    if name in others:
        yield Fault(option, name, "is the name of two tiers", "Give every tier a name of its own")
    yield from checks.matches(
        option,
        name,
        r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}",
        "is not a name of a tier",
        "Use up to 32 letters, digits, hyphens and _, no hyphen or _ first",
    )


def _vpc_cidr(cidr: str) -> Iterable[Fault]:
    return _cidr("cidr", cidr, "A VPC")


def _cidr(option: str, cidr: str, what: str) -> Iterable[Fault]:
    """AWS takes /16 to /28, of a VPC as of a subnet."""
    try:
        network = IPv4Network(cidr, strict=False)
    except ValueError as error:
        yield Fault(option, cidr, f"is not an IPv4 CIDR block ({error})", "Write it like 10.0.0.0/16")
        return
    if str(network) != cidr:
        yield Fault(option, cidr, "has bits set outside its prefix, or no prefix", f"Write {network}")
    if not LARGEST <= network.prefixlen <= SMALLEST:
        yield Fault(
            option, cidr, f"is too {'large' if network.prefixlen < LARGEST else 'small'}", f"{what} has /16 to /28"
        )


def _dns(params: Mapping[str, Any]) -> Iterable[Fault]:
    if params["enable_dns_hostnames"] and params["enable_dns_support"] is False:
        yield Fault("enable_dns_hostnames", True, "needs enable_dns_support", "Enable both, or neither")


def own_tags(option: str, tags: Mapping[str, Any] | None) -> Iterable[Fault]:
    """Tags that a network, and all in it, has of itself."""
    for key in tags or ():
        if str(key) == "Name" or str(key).startswith("ha_stack:"):
            yield Fault(option, key, "is a tag that the network sets itself", "Leave it out")
    yield from checks.tags(option, tags)


def _room(params: Mapping[str, Any]) -> Iterable[Fault]:
    """Whether the subnets fit, once everything they are worked out from is known to be right."""
    tiers, zones = tiers_of(params), params["availability_zones"]
    given = list(_given_cidrs(params))
    prefix = subnet_prefix(IPv4Network(params["cidr"]), len(tiers), len(zones))
    if not given and prefix > SMALLEST and not all(tier.get("cidrs") for tier in tiers):
        remedy = (
            f"Give a VPC of /{SMALLEST - prefix + IPv4Network(params['cidr']).prefixlen} or larger, or tiers[].cidrs"
        )
        cause = (
            f"is too small for {len(tiers)} tiers over {len(zones)} zones: subnets of /{prefix}, where AWS ends at /28"
        )
        given.append(Fault("cidr", params["cidr"], cause, remedy))
    if not given:
        try:
            place(ranges(params), ())
        except ValueError as error:
            given.append(Fault("cidr", params["cidr"], f"has no room left for subnet {error}", "Give it tiers[].cidrs"))
    return given


def _given_cidrs(params: Mapping[str, Any]) -> Iterable[Fault]:
    vpc, taken = IPv4Network(params["cidr"]), list[str]()
    for i, tier in enumerate(tiers_of(params)):
        option, cidrs = f"tiers[{i}].cidrs", tier.get("cidrs") or []
        if cidrs and len(cidrs) != len(params["availability_zones"]):
            remedy = "Give one for each of availability_zones, in their order, or none to have them derived"
            yield Fault(option, cidrs, f"has {len(cidrs)} entries", remedy)
        for cidr in cidrs:
            malformed = list(_cidr(option, cidr, "A subnet"))
            yield from malformed
            if not malformed:
                yield from _misplaced(option, cidr, vpc, taken)
                taken.append(cidr)


def _misplaced(option: str, cidr: str, vpc: IPv4Network, taken: list[str]) -> Iterable[Fault]:
    if not IPv4Network(cidr).subnet_of(vpc):
        yield Fault(option, cidr, f"is not inside the VPC's {vpc}", "Choose it from the VPC's range")
    if other := overlapping(cidr, taken):
        yield Fault(option, cidr, f"overlaps {other}", "Choose ranges that share no address")
