# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The CloudWatch calls behind an alarm."""

from __future__ import annotations

from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.metric_alarm import MetricAlarm, from_api, to_api

GONE = ("ResourceNotFound", "ResourceNotFoundException")


def read(session: Session, want: MetricAlarm) -> MetricAlarm | None:
    """Two calls: the tags are asked for by the ARN."""
    client = session.client("cloudwatch")
    found = client.describe_alarms(AlarmNames=[want.name], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
    with ignoring(*GONE):
        return from_api(found[0], own_tags(client, found[0]["AlarmArn"])) if found else None
    return None


def own_tags(client: Any, arn: str) -> list[Any]:
    return list(client.list_tags_for_resource(ResourceARN=arn)["Tags"])


def create(session: Session, change: Change) -> None:
    given = {"Tags": tags.to_api(change.after["tags"])} if change.after.get("tags") else {}
    session.client("cloudwatch").put_metric_alarm(**to_api(change.want), **given)


def update(session: Session, change: Change) -> None:
    """The state stays what it is. Tags have calls of their own: PutMetricAlarm would not look at them."""
    if change.after.keys() - {"tags"}:
        session.client("cloudwatch").put_metric_alarm(**to_api(change.want))
    put_tags(session, change)


def put_tags(session: Session, change: Change) -> None:
    client, arn = session.client("cloudwatch"), change.have.arn
    changed, gone = tags.changes(change.before, change.after)
    if changed:
        client.tag_resource(ResourceARN=arn, Tags=tags.to_api(changed))
    if gone:
        client.untag_resource(ResourceARN=arn, TagKeys=gone)


def delete(session: Session, change: Change) -> None:
    with ignoring(*GONE):
        session.client("cloudwatch").delete_alarms(AlarmNames=[change.name])


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("alarm", "create"): create,
    ("alarm", "update"): update,
    ("alarm", "delete"): delete,
}
