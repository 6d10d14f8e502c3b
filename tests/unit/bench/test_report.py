"""What the benchmark makes of its samples."""

from __future__ import annotations

from dataclasses import replace

from tests.bench.report import Sample, growth_table, medians, ratios, report, table

OURS = Sample("ha_stack.aws", "no-op", 2.0, 1.5, 100.0, 20, 0, False, 0)
THEIRS = replace(OURS, contestant="amazon.aws", wall=30.0, calls=130, writes=2, changed=1)
FLOOR = replace(OURS, contestant="boto3, one task", wall=1.6, calls=18)


def test_a_median_is_of_the_same_contestant_phase_and_latency():
    others = [replace(OURS, phase="fresh", wall=9.0), replace(OURS, latency=0.08, wall=8.0), replace(OURS, unrelated=9)]
    samples = [*(replace(OURS, wall=wall) for wall in (5.0, 2.0, 3.0)), *others, THEIRS]
    assert medians(samples, "ha_stack.aws", "no-op", 0.0) == replace(OURS, wall=3.0)
    assert medians(samples, "boto3", "no-op", 0.0) is None


def test_one_failed_run_marks_the_median():
    found = medians([OURS, replace(OURS, failed=True), OURS], "ha_stack.aws", "no-op", 0.0)
    assert found is not None
    assert found.failed
    assert "no-op (failed)" in table([replace(OURS, failed=True)])


def test_ratios_tell_how_much_faster_and_how_far_above_the_floor():
    assert "| no-op | 0 ms | 15.0 x faster | 1.25 x its time |" in ratios([OURS, THEIRS, FLOOR])
    assert "| no-op | 0 ms |  |  |" in ratios([OURS])


def test_the_report_has_every_table():
    grown = replace(OURS, unrelated=1000)
    told = report([OURS, THEIRS, grown, OURS, THEIRS, replace(OURS, round=2)])
    assert "Medians of 2" in told, "one ended before its third round"
    assert "| amazon.aws | no-op | 0 ms | 30.00 | 1.50 | 100 | 130 | 2 | 1 |" in told
    assert growth_table([grown]).endswith("| ha_stack.aws | 1000 | 2.00 | 20 |")
