"""Flow logs: whom they may write as, and where to. moto knows log groups by name only, and buckets without folders."""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.flow_logs import FlowLogsBackend
from moto.ec2.responses.flow_logs import FlowLogs
from moto.iam.models import iam_backends

from local_region.control.patching import around

LOGS, S3 = "cloud-watch-logs", "s3"
PRINCIPAL = "vpc-flow-logs.amazonaws.com"


@around(FlowLogs, "create_flow_logs")
def create(original: Any, self: Any) -> Any:
    """On the request: the backend isn't told of what is kept here besides."""
    role = self._get_param("DeliverLogsPermissionArn")
    if role and not _trusted(self.current_account, role):
        raise EC2ClientError("InvalidParameter", f"Unable to assume given IAM role {role}")
    answer = original(self)
    for made in answer.result["FlowLogIds"]:
        flow_log = self.ec2_backend.flow_logs[made]
        flow_log.destination_options = self._get_param("DestinationOptions") or None
        flow_log.deliver_cross_account_role = self._get_param("DeliverCrossAccountRole")
    return answer


@around(FlowLogsBackend, "create_flow_logs")
def resolve_destination(original: Any, self: Any, **request: Any) -> Any:
    kind, destination = request["log_destination_type"] or LOGS, request["log_destination"]
    if kind == LOGS and destination and not request["log_group_name"]:
        request["log_group_name"] = destination.partition(":log-group:")[2].removesuffix(":*")
    if kind == S3 and destination:
        request["log_destination"] = destination.partition("/")[0]
    made, unsuccessful = original(self, **request)
    for flow_log in made:
        flow_log.log_destination = destination
    return made, unsuccessful


def _trusted(account: str, arn: str) -> bool:
    """Whether the role lets VPC flow logs assume it."""
    roles = iam_backends[account]["aws"].roles.values()
    return any(role.arn == arn and PRINCIPAL in str(role.assume_role_policy_document) for role in roles)
