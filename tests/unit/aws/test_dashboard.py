"""What CloudWatch says of a dashboard that it can't show."""

from __future__ import annotations

import json

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import dashboard as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model.dashboard import Dashboard
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.dashboard import plan

from tests.support.stubbed import stubbed

BODY = {"widgets": [{"type": "metric"}]}


def test_a_widget_that_it_cannot_show_is_told():
    (change,) = plan(Dashboard("goals", BODY, {"a": "1"}), None, {"purge_tags": True})
    request = {"DashboardName": "goals", "DashboardBody": json.dumps(BODY), "Tags": [{"Key": "a", "Value": "1"}]}
    told = {"DashboardValidationMessages": [{"DataPath": "/widgets/0", "Message": "should have properties"}]}
    with stubbed("cloudwatch") as (session, stub):
        stub.add_response("put_dashboard", told, request)
        with pytest.raises(StackError, match=r"can't show all of it \(/widgets/0: should have properties\)"):
            api.create(session, change)
