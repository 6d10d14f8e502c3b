"""What the samples say: tables, and a plot."""

from __future__ import annotations

import os
import platform
import statistics
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

PHASES = ("fresh", "no-op", "check")
PLAYBOOKS = {"ha_stack.aws": "ha_stack", "amazon.aws": "amazon_aws", "boto3, one task": "floor"}
FLOOR = "boto3"
CONTESTANTS = (*PLAYBOOKS, FLOOR)


@dataclass(frozen=True)
class Sample:
    """One run: seconds on the clock and of the processor, megabytes at most, and the calls that the region counted."""

    contestant: str
    phase: str
    wall: float
    cpu: float
    memory: float
    calls: int
    writes: int
    failed: bool
    changed: int
    latency: float = 0.0
    unrelated: int = 0
    stacks: int = 1
    round: int = 0


def medians(samples: list[Sample], contestant: str, phase: str, latency: float) -> Sample | None:
    """The samples' medians, in one."""
    kind = (contestant, phase, latency, 0, 1)
    mine = [s for s in samples if (s.contestant, s.phase, s.latency, s.unrelated, s.stacks) == kind]
    if not mine:
        return None
    figures = ("wall", "cpu", "memory", "calls", "writes", "changed")
    middle = {name: statistics.median(getattr(each, name) for each in mine) for name in figures}
    return Sample(**{**asdict(mine[0]), **middle, "failed": any(each.failed for each in mine)})


def table(samples: list[Sample]) -> str:
    latencies = sorted({s.latency for s in samples if not s.unrelated})
    lines = [
        "| who | what | latency | wall s | CPU s | memory MB | calls | of them writes | changed |",
        "|" + " --- |" * 9,
    ]
    for latency, phase, contestant in product(latencies, PHASES, CONTESTANTS):
        if found := medians(samples, contestant, phase, latency):
            cells = [contestant, phase + (" (failed)" if found.failed else ""), f"{latency * 1000:.0f} ms"]
            cells += [f"{found.wall:.2f}", f"{found.cpu:.2f}"]
            cells += [f"{each:.0f}" for each in (found.memory, found.calls, found.writes, found.changed)]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def ratios(samples: list[Sample]) -> str:
    lines = ["| what | latency | against amazon.aws | against boto3 as one task |", "| --- | --- | --- | --- |"]
    for latency in sorted({s.latency for s in samples if not s.unrelated}):
        for phase in PHASES:
            ours, theirs, floor = (
                medians(samples, who, phase, latency) for who in ("ha_stack.aws", "amazon.aws", "boto3, one task")
            )
            if ours:
                faster = f"{theirs.wall / ours.wall:.1f} x faster" if theirs else ""
                over = f"{ours.wall / floor.wall:.2f} x its time" if floor else ""
                lines.append(f"| {phase} | {latency * 1000:.0f} ms | {faster} | {over} |")
    return "\n".join(lines)


def growth_table(samples: list[Sample]) -> str:
    lines = ["| who | unrelated load balancers, groups, VPCs | wall s | calls |", "| --- | --- | --- | --- |"]
    lines += [f"| {s.contestant} | {s.unrelated} | {s.wall:.2f} | {s.calls} |" for s in samples if s.unrelated]
    return "\n".join(lines)


def stacks_table(samples: list[Sample]) -> str:
    lines = ["| what | stacks | wall s | wall s a stack | memory MB | calls a stack |", "|" + " --- |" * 6]
    for each in (sample for sample in samples if sample.stacks > 1):
        cells = [each.phase + (" (failed)" if each.failed else ""), str(each.stacks), f"{each.wall:.1f}"]
        cells += [f"{each.wall / each.stacks:.2f}", f"{each.memory:.0f}", f"{each.calls / each.stacks:.0f}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def plot(samples: list[Sample], path: Path) -> None:
    """Seconds on the clock, a panel a phase; and how the no-op grows with what others have in the account."""
    from matplotlib import pyplot

    latencies = sorted({s.latency for s in samples if s.unrelated == 0 and s.stacks == 1})
    figure, axes = pyplot.subplots(1, len(PHASES) + 1, figsize=(14, 4), layout="constrained")
    for panel, phase in zip(axes, PHASES, strict=False):
        for number, latency in enumerate(latencies):
            found = [(who, medians(samples, who, phase, latency)) for who in CONTESTANTS]
            bars = [(who, each.wall) for who, each in found if each]
            at = [CONTESTANTS.index(who) + (number - (len(latencies) - 1) / 2) * 0.4 for who, _ in bars]
            drawn = panel.bar(at, [wall for _, wall in bars], width=0.38, label=f"{latency * 1000:.0f} ms a call")
            panel.bar_label(drawn, fmt="%.1f", fontsize=8)
        panel.set_xticks(
            range(len(CONTESTANTS)), [who.replace(", ", ",\n").replace(".", ".\n") for who in CONTESTANTS], fontsize=8
        )
        panel.set(title=phase, ylabel="seconds")
    if latencies:
        axes[0].legend()
    for who in CONTESTANTS:
        grown = sorted((s.unrelated, s.wall) for s in samples if s.contestant == who and s.unrelated)
        if grown:
            axes[-1].plot(*zip(*grown, strict=True), marker="o", label=who)
            axes[-1].legend()
    axes[-1].set(
        title="no-op, beside others", xlabel="others' load balancers, groups, VPCs", xscale="log", ylim=(0, None)
    )
    figure.savefig(path)


REPORT = """# The benchmark

Written by `make bench`. Medians of {rounds} interleaved rounds on {machine}, against the local region without
containers and without delays. The stack: a VPC with six subnets, internet gateway, NAT gateway and route tables, three
security groups, a Multi-AZ database with its subnet group, launch template, target group, load balancer with its
listener, Auto Scaling Group. `tests/bench/` has the playbooks. "boto3" is a program that knows this one stack and makes
no call that it could do without; "boto3, one task" is the same as one task of Ansible. amazon.aws's check fails because
community.aws.elb_target_group has no check mode: the tasks after it have nothing to go by.

![Seconds of each contestant](benchmark.svg)

{ratios}

{table}

## An account that others use too

The no-op.

{growth}

## Many stacks

One run over so many hosts, each a stack of its own in the same account, eight side by side.

{stacks}
"""


def whole_rounds(samples: list[Sample]) -> int:
    """How often each contestant ran each of its phases at each latency."""
    alone = (each for each in samples if not each.unrelated and each.stacks == 1)
    counted = Counter((each.contestant, each.phase, each.latency) for each in alone)
    return min(counted.values(), default=0)


def report(samples: list[Sample]) -> str:
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    tables = {"ratios": ratios(samples), "table": table(samples), "growth": growth_table(samples)}
    return REPORT.format(rounds=whole_rounds(samples), machine=machine, stacks=stacks_table(samples), **tables)


def told(sample: Sample) -> str:
    where = f"{sample.contestant:16} {sample.phase:6} {sample.latency * 1000:3.0f} ms, {sample.unrelated:4} unrelated, "
    how = f"{sample.wall:6.2f} s, {sample.calls} calls{', failed' if sample.failed else ''}"
    return f"{where}{sample.stacks:2} stacks: {how}"
