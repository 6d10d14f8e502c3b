"""What should change about an alarm, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError
from ansible_collections.ha_stack.aws.plugins.module_utils._model.metric_alarm import MetricAlarm
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.metric_alarm import plan, settled

ON_A_METRIC = {
    "namespace": "goals",
    "metric_name": "Errors",
    "statistic": "Sum",
    "period": 60,
    "evaluation_periods": 3,
    "threshold": 0.0,
    "comparison_operator": "GreaterThanThreshold",
}
HAVE = MetricAlarm(
    "goals",
    **ON_A_METRIC,
    description="",
    extended_statistic=None,
    evaluate_low_sample_count_percentile=None,
    dimensions={"a": "1"},
    datapoints_to_alarm=3,
    treat_missing_data="missing",
    tags={"a": "1"},
    arn="arn:alarm",
    state_value="OK",
)


def changes(want, have=HAVE, purge_tags=True):
    return [
        (each.action, dict(each.after)) for each in plan(MetricAlarm("goals", **want), have, {"purge_tags": purge_tags})
    ]


@pytest.mark.parametrize(
    ("want", "after"),
    [
        pytest.param({}, None, id="nothing given"),
        pytest.param(ON_A_METRIC, None, id="equal"),
        pytest.param({"threshold": 1.0}, {"threshold": 1.0}, id="one setting"),
        pytest.param({"dimensions": {}}, {"dimensions": {}}, id="empty clears"),
        pytest.param({"tags": {"b": "2"}}, {"tags": {"b": "2"}}, id="tags"),
        pytest.param(
            {"extended_statistic": "p99"},
            {"statistic": None, "extended_statistic": "p99"},
            id="another kind of statistic",
        ),
        pytest.param(
            {"evaluation_periods": 5}, {"evaluation_periods": 5, "datapoints_to_alarm": 5}, id="all of its periods"
        ),
        pytest.param(
            {"evaluation_periods": 5, "datapoints_to_alarm": 3}, {"evaluation_periods": 5}, id="some of its periods"
        ),
    ],
)
def test_update(want, after):
    assert changes(want) == ([] if after is None else [("update", after)])


def test_an_alarm_that_needs_fewer_goes_on_needing_as_many():
    assert changes({"evaluation_periods": 5}, replace(HAVE, datapoints_to_alarm=2)) == [
        ("update", {"evaluation_periods": 5})
    ]


def test_a_percentile_becomes_a_statistic():
    percentile = replace(HAVE, statistic=None, extended_statistic="p90", evaluate_low_sample_count_percentile="ignore")
    assert changes({"statistic": "Sum"}, percentile) == [
        ("update", {"statistic": "Sum", "extended_statistic": None, "evaluate_low_sample_count_percentile": None})
    ]


def test_an_update_carries_the_whole_alarm():
    (change,) = plan(
        MetricAlarm("goals", threshold=1.0), replace(HAVE, rest={"WarmUpConfiguration": {}}), {"purge_tags": True}
    )
    assert change.want == replace(HAVE, threshold=1.0)
    assert change.want.rest == {"WarmUpConfiguration": {}}


def test_create_and_delete():
    assert changes(ON_A_METRIC, None) == [("create", {"name": "goals", **ON_A_METRIC, "datapoints_to_alarm": 3})]
    assert [str(change) for change in plan(None, HAVE, {"purge_tags": True})] == ["delete alarm goals"]
    assert plan(None, None, {"purge_tags": True}) == ()


def test_half_an_alarm_is_refused():
    with pytest.raises(InvalidOptions) as told:
        changes({**ON_A_METRIC, "threshold": None, "statistic": None}, None)
    assert [fault.option for fault in told.value.faults] == ["threshold", "statistic"]


def test_an_alarm_of_another_kind_gets_tags_but_nothing_by_half():
    on_math = replace(HAVE, namespace=None, metric_name=None, statistic=None, period=None)
    assert changes({"tags": {}}, on_math) == [("update", {"tags": {}})]
    with pytest.raises(
        InvalidOptions, match="metric_name: None is missing, and there is no alarm goals on a metric yet"
    ):
        changes({"threshold": 1.0}, on_math)


def test_more_datapoints_than_periods_are_refused():
    with pytest.raises(StackError, match="datapoints_to_alarm 4 is more than evaluation_periods 3"):
        changes({"datapoints_to_alarm": 4})


def test_settled():
    assert settled(MetricAlarm("goals", **ON_A_METRIC), None).state_value == KNOWN_AFTER_APPLY
    assert settled(MetricAlarm("goals", threshold=1.0), HAVE) == replace(HAVE, threshold=1.0)
