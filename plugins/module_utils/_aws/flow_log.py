# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The EC2 calls behind a VPC's flow log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.ec2 import (
    pages,
    put_tags,
    refuse_unsuccessful,
    tagged,
    where,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import code, ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.eventual import retried
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.flow_log import request

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says what to install
    ClientError = Exception

KIND = "flow log"
EXISTS = "FlowLogAlreadyExists"
GONE = "InvalidFlowLogId.NotFound"
NO_VPC = ("InvalidVpcID.NotFound", "InvalidVpcId.NotFound")
UNSEEN_ROLE = "Unable to assume given IAM role"


def of_vpc(session: Session, vpc_id: str) -> list[dict[str, Any]]:
    return pages(session, "describe_flow_logs", "FlowLogs", Filter=where(resource_id=vpc_id))


def create(session: Session, change: Change) -> None:
    """AWS takes no second one of the same configuration and destination: there its predecessor goes first.

    Those with another destination go once this is there.
    """
    try:
        made = _made(session, change)
    except ClientError as error:
        if code(error) != EXISTS or not change.want.replaces:
            raise
        _delete(session, change.want.replaces)
        made = _made(session, change)
    session.ids[KIND, change.name] = made


def _made(session: Session, change: Change) -> str:
    """A role that was just made can't be assumed for some seconds."""
    wanted = {
        "ResourceIds": [session.ids["VPC", session.params["name"]]],
        "ResourceType": "VPC",
        **request(change.after),
        **tagged("vpc-flow-log", change.after["tags"]),
    }

    def call() -> str:
        answer = session.client("ec2").create_flow_logs(**wanted)
        refuse_unsuccessful(answer, "CreateFlowLogs")
        return str(answer["FlowLogIds"][0])

    return retried(call, lambda error: code(error) in NO_VPC or UNSEEN_ROLE in str(error))


def update(session: Session, change: Change) -> None:
    """Nothing but its tags."""
    put_tags(session, change.have.id, change)


def delete(session: Session, change: Change) -> None:
    _delete(session, [change.have.id])


def _delete(session: Session, ids: Iterable[str]) -> None:
    with ignoring(GONE):
        refuse_unsuccessful(session.client("ec2").delete_flow_logs(FlowLogIds=list(ids)), "DeleteFlowLogs")


OPERATIONS: dict[tuple[str, str], Operation] = {
    (KIND, "create"): create,
    (KIND, "update"): update,
    (KIND, "delete"): delete,
}
