"""Dashboards have tags: those of PutDashboard are for a new one, and TagResource takes them for one that is there. A
widget of alarms has at least one.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
"""

from __future__ import annotations

import json
from typing import Any

from moto.cloudwatch.exceptions import DashboardInvalidInputError
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse

from local_region.control.patching import Replacement, around


@around(CloudWatchResponse, "put_dashboard")
def _with_its_tags(original: Replacement, self: Any) -> Any:
    backend, name = self.cloudwatch_backend, self._get_param("DashboardName")
    for number, widget in enumerate(json.loads(self._get_param("DashboardBody")).get("widgets", ())):
        if widget.get("type") == "alarm" and not widget["properties"]["alarms"]:
            raise DashboardInvalidInputError(f"/widgets/{number}/properties/alarms: Should NOT have less than 1 items")
    known = backend.get_dashboard(name) is not None
    answer = original(self)
    if not known:
        backend.tagger.tag_resource(backend.get_dashboard(name).arn, self._get_param("Tags", []))
    return answer


@around(CloudWatchBackend, "tag_resource")
def _a_dashboard_too(original: Replacement, self: Any, arn: str, tags: dict[str, str]) -> None:
    if arn in {dashboard.arn for dashboard in self.dashboards.values()}:
        self.tagger.tag_resource(arn, self.tagger.convert_dict_to_tags_input(tags))
    else:
        original(self, arn, tags)


@around(CloudWatchBackend, "delete_dashboards")
def _and_its_tags(original: Replacement, self: Any, dashboards: list[str]) -> Any:
    arns = [self.dashboards[name].arn for name in dashboards if name in self.dashboards]
    answer = original(self, dashboards)
    if answer is None:
        for arn in arns:
            self.tagger.delete_all_tags_for_resource(arn)
    return answer
