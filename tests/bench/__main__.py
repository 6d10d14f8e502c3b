"""The benchmark: this collection beside amazon.aws and community.aws, and beside plain boto3.

    python -m tests.bench [--rounds 5] [--latencies 0 0.08] [--unrelated 1 10 100 1000] [--output docs/benchmark.md]

Every contestant builds the same stack in an account of its own: a region without containers whose delays are none,
which writes down each call. It does so once (fresh), again (no-op), and once more with --check. Rounds are interleaved,
so that a machine that slows down slows all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from tests.bench import unrelated
from tests.support.calls import Calls
from tests.support.ports import free_port

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
PHASES = ("fresh", "no-op", "check")
PLAYBOOKS = {"ha_stack.aws": "ha_stack", "amazon.aws": "amazon_aws", "boto3, one task": "floor"}
FLOOR = "boto3"
CONTESTANTS = (*PLAYBOOKS, FLOOR)


@dataclass(frozen=True)
class Sample:
    """One run: seconds on the clock and of the processor, megabytes at most, and the calls that the region counted."""

    contestant: str
    phase: str
    latency: float
    unrelated: int
    round: int
    wall: float
    cpu: float
    memory: float
    calls: int
    writes: int
    failed: bool
    changed: int


@dataclass(frozen=True)
class Region:
    endpoint: str
    calls: Calls


@contextmanager
def region(latency: float) -> Iterator[Region]:
    """An empty account."""
    with TemporaryDirectory() as folder:
        port, imds = free_port(), free_port()
        command = [sys.executable, "-m", "local_region"]
        state = ["--state-dir", folder]
        settings = ["--name", f"bench{port}", "--port", str(port), "--imds-port", str(imds), "--time-scale", "0"]
        up = [*command, "up", *state, *settings, "--no-data-plane", "--latency", str(latency)]
        subprocess.run(up, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
        try:
            yield Region(f"http://127.0.0.1:{port}", Calls(Path(folder) / "calls.jsonl"))
        finally:
            subprocess.run([*command, "down", *state], cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)


def command(contestant: str, phase: str, endpoint: str) -> list[str] | None:
    """None where the contestant has no such phase."""
    if contestant in PLAYBOOKS:
        playbook = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", f"@{HERE / 'stack.yml'}"]
        playbook += ["-e", f"ansible_python_interpreter={sys.executable}", str(HERE / f"{PLAYBOOKS[contestant]}.yml")]
        if phase == "check":
            return [*playbook, "--check"] if contestant != "boto3, one task" else None
        return playbook
    return [sys.executable, str(HERE / "library" / "boto3_floor.py"), endpoint] if phase != "check" else None


def measure(contestant: str, phase: str, where: Region, latency: float, others: int, turn: int) -> Sample | None:
    run = command(contestant, phase, where.endpoint)
    if run is None:
        return None
    environment = {
        **os.environ,
        "BENCH_ENDPOINT": where.endpoint,
        "ANSIBLE_LIBRARY": str(HERE / "library"),
        "ANSIBLE_NOCOLOR": "1",
    }
    where.calls.mark()
    began = time.perf_counter()
    with TemporaryFile() as output:
        process = subprocess.Popen(run, cwd=REPOSITORY, env=environment, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        output.seek(0)
        answer = output.read().decode()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        print(answer[-4000:], file=sys.stderr)
    return Sample(
        contestant=contestant,
        phase=phase,
        latency=latency,
        unrelated=others,
        round=turn,
        wall=round(wall, 3),
        cpu=round(usage.ru_utime + usage.ru_stime, 3),
        memory=round(usage.ru_maxrss / 1024, 1),
        calls=len(where.calls.since()),
        writes=len(where.calls.writes()),
        failed=process.returncode != 0,
        changed=_changed(answer),
    )


def _changed(answer: str) -> int:
    """How many tasks changed something, of a playbook's summary; of the program, whether it did."""
    counted = re.search(r"^localhost .* changed=(\d+)", answer, re.MULTILINE)
    return int(counted[1]) if counted else int(answer.strip() == "changed")


def rounds(count: int, latencies: Iterable[float]) -> Iterator[Sample]:
    for turn in range(count):
        for latency in latencies:
            for contestant in CONTESTANTS:
                with region(latency) as where:
                    for phase in PHASES:
                        if sample := measure(contestant, phase, where, latency, 0, turn):
                            yield sample


def growth(counts: Iterable[int]) -> Iterator[Sample]:
    """The no-op in an account with so many load balancers, groups and VPCs of others."""
    for contestant in ("ha_stack.aws", "amazon.aws"):
        with region(0) as where:
            measure(contestant, "fresh", where, 0, 0, 0)
            there = 0
            for count in counts:
                unrelated.make(where.endpoint, range(there, count))
                there = count
                if sample := measure(contestant, "no-op", where, 0, count, 0):
                    yield sample


def medians(samples: list[Sample], contestant: str, phase: str, latency: float) -> Sample | None:
    """The samples' medians, in one."""
    mine = [s for s in samples if (s.contestant, s.phase, s.latency, s.unrelated) == (contestant, phase, latency, 0)]
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


REPORT = """# The benchmark

Written by `make bench`. Medians of {rounds} interleaved rounds on {machine}, against the local region without
containers and without delays. The stack: a VPC with six subnets, internet gateway, NAT gateway and route tables, three
security groups, a Multi-AZ database with its subnet group, launch template, target group, load balancer with its
listener, Auto Scaling Group. `tests/bench/` has the playbooks. "boto3" is a program that knows this one stack and makes
no call that it could do without; "boto3, one task" is the same as one task of Ansible.

{ratios}

{table}

## An account that others use too

The no-op.

{growth}
"""


def report(samples: list[Sample], count: int) -> str:
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    tables = {"ratios": ratios(samples), "table": table(samples), "growth": growth_table(samples)}
    return REPORT.format(rounds=count, machine=machine, **tables)


def told(sample: Sample) -> str:
    where = f"{sample.contestant:16} {sample.phase:6} {sample.latency * 1000:3.0f} ms, {sample.unrelated:4} unrelated"
    return f"{where}: {sample.wall:6.2f} s, {sample.calls} calls{', failed' if sample.failed else ''}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--latencies", type=float, nargs="*", default=[0.0, 0.08], help="seconds added to each call")
    parser.add_argument("--unrelated", type=int, nargs="*", default=[1, 10, 100, 1000])
    parser.add_argument("--samples", type=Path, default=Path(".cache/bench.json"))
    parser.add_argument("--output", type=Path, default=Path("docs/benchmark.md"))
    arguments = parser.parse_args()
    samples = []
    for source in (rounds(arguments.rounds, arguments.latencies), growth(arguments.unrelated)):
        for sample in source:
            samples.append(sample)
            print(told(sample), flush=True)
    arguments.samples.parent.mkdir(parents=True, exist_ok=True)
    arguments.samples.write_text(json.dumps([asdict(each) for each in samples], indent=1))
    arguments.output.write_text(report(samples, arguments.rounds))
    print(ratios(samples))


if __name__ == "__main__":
    main()
