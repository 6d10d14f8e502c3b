# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A CloudWatch dashboard. What it shows is compared as data, however it is written.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET, Model, given, identity

MOST_WIDGETS = 500

OPTIONS: dict[str, Any] = {
    "name": {"required": True},
    "body": {"type": "dict"},
    **tags.TAG_OPTIONS,
}


@dataclass(frozen=True)
class Dashboard(Model):
    name: str
    body: Any = UNSET
    tags: Any = UNSET
    arn: str = identity()


def from_params(params: Mapping[str, Any]) -> Dashboard:
    return Dashboard(name=params["name"], body=given(params["body"]), tags=given(tags.from_params(params["tags"])))


def from_api(dashboard: Mapping[str, Any], own_tags: list[Mapping[str, str]]) -> Dashboard:
    """From GetDashboard."""
    return Dashboard(
        name=dashboard["DashboardName"],
        body=json.loads(dashboard["DashboardBody"]),
        tags=tags.from_api(own_tags),
        arn=dashboard["DashboardArn"],
    )


def faults(params: Mapping[str, Any]) -> checks.Faults:
    """CloudWatch says itself what is wrong with a widget; it takes the others."""
    remedy = "Use 1 to 255 letters, digits, - and _"
    return (
        *checks.matches("name", params["name"], r"[A-Za-z0-9_-]{1,255}", "is no dashboard's name", remedy),
        *(_widgets(params["body"]) if params["state"] == "present" and params["body"] is not None else ()),
        *checks.tags("tags", params["tags"]),
    )


def _widgets(body: Mapping[str, Any]) -> checks.Faults:
    widgets = body.get("widgets")
    if not isinstance(widgets, list):
        return (Fault("body.widgets", widgets, "is no list", "Give the dashboard's widgets"),)
    if len(widgets) > MOST_WIDGETS:
        return (Fault("body.widgets", len(widgets), "are too many", f"Give at most {MOST_WIDGETS}"),)
    return ()
