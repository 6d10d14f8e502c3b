# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The RDS calls behind a DB subnet group.

Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.db_states import put_tags, until_gone
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import ACROSS_SERVICES, retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.db_instance import (
    SubnetGroup,
    subnet_group_arn,
    subnet_group_from_api,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET

KIND = "DB subnet group"


def read(session: Session, name: str | None, instance: Mapping[str, Any]) -> SubnetGroup | None:
    """An instance tells all of its subnet group but the tags, and at times not the ARN."""
    if name is None:
        return None
    client, own = session.client("rds"), instance.get("DBSubnetGroup") or {}
    with ignoring("DBSubnetGroupNotFoundFault"):
        there = own.get("DBSubnetGroupName") == name
        group = own if there else client.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"][0]
        arn = group.get("DBSubnetGroupArn") or subnet_group_arn(instance["DBInstanceArn"], name)
        return subnet_group_from_api(group, arn, client.list_tags_for_resource(ResourceName=arn)["TagList"])
    return None


def made(session: Session, expected: Any, instance: Mapping[str, Any]) -> SubnetGroup | None:
    """None where an existing one is used."""
    if expected is UNSET:
        return None
    group = session.answers[KIND, expected.name]["DBSubnetGroup"]
    arn = group.get("DBSubnetGroupArn") or subnet_group_arn(instance["DBInstanceArn"], expected.name)
    return subnet_group_from_api(group, arn, tags.to_api(expected.tags or {}))


def create(session: Session, change: Change) -> None:
    answer = retried(
        lambda: session.client("rds").create_db_subnet_group(
            DBSubnetGroupName=change.name,
            DBSubnetGroupDescription=change.after["description"],
            SubnetIds=change.after["subnet_ids"],
            Tags=tags.to_api(change.after.get("tags") or {}),
        ),
        lambda error: code(error) == "InvalidSubnet",
        min(ACROSS_SERVICES, session.wait_timeout),
    )
    session.answers[KIND, change.name] = answer


def update(session: Session, change: Change) -> None:
    """ModifyDBSubnetGroup wants the subnets every time."""
    if change.after.keys() & {"description", "subnet_ids"}:
        description = change.after.get("description", change.have.description)
        subnets = change.after.get("subnet_ids", list(change.have.subnet_ids))
        session.client("rds").modify_db_subnet_group(
            DBSubnetGroupName=change.name, DBSubnetGroupDescription=description, SubnetIds=subnets
        )
    put_tags(session, change.have.arn, change)


def delete(session: Session, change: Change) -> None:
    """RDS deletes a subnet group only when the last instance in it is gone."""
    until_gone(session, session.params["name"].lower())
    with ignoring("DBSubnetGroupNotFoundFault"):
        retried(
            lambda: session.client("rds").delete_db_subnet_group(DBSubnetGroupName=change.name),
            lambda error: code(error) == "InvalidDBSubnetGroupStateFault",
        )


OPERATIONS: dict[tuple[str, str], Operation] = {
    (KIND, "create"): create,
    (KIND, "update"): update,
    (KIND, "delete"): delete,
}
