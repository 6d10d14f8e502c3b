# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The EC2 calls behind VPC endpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.ec2 import (
    named,
    once_seen,
    pages,
    put_tags,
    refuse_unsuccessful,
    tagged,
    where,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.network import OWNER
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import to_api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import known
from ansible_collections.ha_stack.aws.plugins.module_utils._model.vpc_endpoints import (
    ADDRESSES,
    NAMES,
    VpcEndpoints,
    from_api,
    resolved,
    whole,
)

KIND = "VPC endpoint"
GONE = ("InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound")
# What was made a moment ago. Calls for endpoints write Id where EC2's others write ID.
UNSEEN = (
    *(f"Invalid{kind}{suffix}.NotFound" for kind in ("Vpc", "Subnet", "RouteTable") for suffix in ("ID", "Id")),
    "InvalidGroup.NotFound",
    "InvalidSecurityGroupId.NotFound",
)
# Option -> how a change of it is said. A set is changed by what joins and what leaves it.
SETS = {
    "route_table_ids": "RouteTableIds",
    "subnet_ids": "SubnetIds",
    "security_group_ids": "SecurityGroupIds",
}


def resolve(session: Session, want: VpcEndpoints) -> VpcEndpoints:
    return resolved(want, _region(session))


def _region(session: Session) -> str:
    return str(session.client("ec2").meta.region_name)


def read(session: Session, want: VpcEndpoints) -> VpcEndpoints | None:
    """One call; none where the VPC is still to be made. Without a VPC, those of that name in any."""
    vpc_id = session.params["vpc_id"]
    if vpc_id and not known(vpc_id):
        return None
    filters = where(vpc_id=vpc_id) if vpc_id else [named(f"tag:{OWNER}", want.name)]
    found = pages(session, "describe_vpc_endpoints", "VpcEndpoints", Filters=filters)
    seen = from_api(want, found, _region(session))
    return seen if seen.owned() or session.params["state"] == "present" else None


def create(session: Session, change: Change) -> None:
    """While one of the service goes, its private name and its routes are taken."""
    want = change.want
    if want.after:
        session.until(f"delete {KIND} {want.label}", lambda: _there(session, want.after), _going)
    request = {
        "VpcId": session.params["vpc_id"],
        "VpcEndpointType": want.type.capitalize(),
        "ServiceName": whole(want.service, _region(session)),
        **{member: change.after[option] for option, member in SETS.items() if option in change.after},
        **_settings(change.after),
        **tagged("vpc-endpoint", change.after["tags"]),
    }
    once_seen(lambda: session.client("ec2").create_vpc_endpoint(**request), *UNSEEN)


def _there(session: Session, ids: tuple[str, ...]) -> list[str]:
    found = pages(session, "describe_vpc_endpoints", "VpcEndpoints", Filters=where(vpc_endpoint_id=ids))
    return [each["VpcEndpointId"] for each in found if each["State"].lower() != "deleted"]


def _going(ids: list[str]) -> str | None:
    return f"{', '.join(ids)} is still there" if ids else None


def update(session: Session, change: Change) -> None:
    """An endpoint that is pending takes no change."""
    request = {**_sets(change), **_settings(change.after)}
    if request:
        once_seen(
            lambda: session.client("ec2").modify_vpc_endpoint(VpcEndpointId=change.have.id, **request),
            *UNSEEN,
            "IncorrectState",
        )
    put_tags(session, change.have.id, change)


def _sets(change: Change) -> dict[str, Any]:
    """What joins, and what leaves."""
    request = {}
    for option, member in SETS.items():
        if option in change.after:
            after, before = set(change.after[option]), set(change.before[option] or ())
            request |= {f"Add{member}": sorted(after - before), f"Remove{member}": sorted(before - after)}
    return {member: ids for member, ids in request.items() if ids}


def _settings(after: Mapping[str, Any]) -> dict[str, Any]:
    names = to_api(NAMES, after)
    request = {**to_api(ADDRESSES, after), **({"DnsOptions": names} if names else {})}
    if "private_dns" in after:
        request["PrivateDnsEnabled"] = after["private_dns"]
    if "policy" in after:
        request["PolicyDocument"] = json.dumps(after["policy"])
    return request


def delete(session: Session, change: Change) -> None:
    """The interfaces of one go with it, in a minute or two."""
    with ignoring(*GONE):
        refuse_unsuccessful(
            session.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[change.have.id]), "DeleteVpcEndpoints"
        )


OPERATIONS: dict[tuple[str, str], Operation] = {
    (KIND, "create"): create,
    (KIND, "update"): update,
    (KIND, "delete"): delete,
}
