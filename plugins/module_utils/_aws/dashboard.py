# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The CloudWatch calls behind a dashboard."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import ignoring
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.metric_alarm import GONE, own_tags, put_tags
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Operation, Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model import tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Change
from ansible_collections.ha_stack.aws.plugins.module_utils._model.dashboard import Dashboard, from_api


def read(session: Session, want: Dashboard) -> Dashboard | None:
    """Two calls: the tags are asked for by the ARN."""
    client = session.client("cloudwatch")
    with ignoring(*GONE):
        found = client.get_dashboard(DashboardName=want.name)
        return from_api(found, own_tags(client, found["DashboardArn"]))
    return None


def create(session: Session, change: Change) -> None:
    given = {"Tags": tags.to_api(change.after["tags"])} if change.after.get("tags") else {}
    _put(session, change, **given)


def update(session: Session, change: Change) -> None:
    """Tags have calls of their own: PutDashboard would not look at them."""
    if "body" in change.after:
        _put(session, change)
    put_tags(session, change)


def _put(session: Session, change: Change, **given: Any) -> None:
    """CloudWatch refuses a body that it can't take, and keeps one of which it warns."""
    body = json.dumps(change.after["body"])
    session.client("cloudwatch").put_dashboard(DashboardName=change.name, DashboardBody=body, **given)


def delete(session: Session, change: Change) -> None:
    with ignoring(*GONE):
        session.client("cloudwatch").delete_dashboards(DashboardNames=[change.name])


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("dashboard", "create"): create,
    ("dashboard", "update"): update,
    ("dashboard", "delete"): delete,
}
