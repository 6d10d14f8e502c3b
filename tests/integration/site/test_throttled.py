"""An account that refuses a tenth of all calls, because someone asks too often."""

from __future__ import annotations

from tests.bench.__main__ import measure, region


def test_a_stack_is_built_and_found_unchanged_although_calls_are_throttled():
    with region(throttled=0.1) as where:
        for phase, changed in (("fresh", 7), ("no-op", 0), ("check", 0)):
            run = measure("ha_stack.aws", phase, where)
            assert run is not None
            assert (run.failed, run.changed) == (False, changed), phase
        statuses = [call["status"] for call in where.calls.all()]
    assert {400, 503} <= set(statuses)
    assert sum(status in (400, 503) for status in statuses) > 5
