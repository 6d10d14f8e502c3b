"""The benchmark: this collection beside amazon.aws and community.aws, and beside plain boto3.

    python -m tests.bench [--rounds 5] [--latencies 0 0.08] [--unrelated 1 10 100 1000] [--stacks 50] [--add]

Every contestant builds the same stack in an account of its own: a region without containers whose delays are none,
which writes down each call. It does so once (fresh), again (no-op), and once more with --check. Rounds are interleaved,
so that a machine that slows down slows all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

from tests.bench import unrelated
from tests.bench.report import CONTESTANTS, PHASES, PLAYBOOKS, Sample, plot, ratios, report, told
from tests.support.calls import Calls
from tests.support.ports import free_port

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
FORKS = 8  # stacks side by side, where there are many


@dataclass(frozen=True)
class Region:
    endpoint: str
    calls: Calls


@contextmanager
def region(latency: float = 0, throttled: float = 0) -> Iterator[Region]:
    """An empty account."""
    with TemporaryDirectory() as folder:
        port, imds = free_port(), free_port()
        command = [sys.executable, "-m", "local_region"]
        state = ["--state-dir", folder]
        settings = ["--name", f"bench{port}", "--port", str(port), "--imds-port", str(imds), "--time-scale", "0"]
        settings += ["--latency", str(latency), "--throttled", str(throttled)]
        up = [*command, "up", *state, *settings, "--no-data-plane"]
        subprocess.run(up, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
        try:
            yield Region(f"http://127.0.0.1:{port}", Calls(Path(folder) / "calls.jsonl"))
        finally:
            subprocess.run([*command, "down", *state], cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)


def command(contestant: str, phase: str, endpoint: str, hosts: Sequence[str] = ("bench",)) -> list[str] | None:
    """None where the contestant has no such phase."""
    if contestant in PLAYBOOKS:
        inventory = ["-i", ",".join(hosts) + ",", "-c", "local", "--forks", str(FORKS)]
        playbook = ["ansible-playbook", *inventory, "-e", f"@{HERE / 'stack.yml'}"]
        playbook += ["-e", f"ansible_python_interpreter={sys.executable}", str(HERE / f"{PLAYBOOKS[contestant]}.yml")]
        if phase == "check":
            return [*playbook, "--check"] if contestant != "boto3, one task" else None
        return playbook
    return [sys.executable, str(HERE / "library" / "boto3_floor.py"), endpoint] if phase != "check" else None


def measure(contestant: str, phase: str, where: Region, **given: Any) -> Sample | None:
    """None where the contestant has no such phase. One host is one stack."""
    stacks = given.get("stacks", 1)
    hosts = [f"bench{number}" for number in range(stacks)] if stacks > 1 else ["bench"]
    run = command(contestant, phase, where.endpoint, hosts)
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
        wall=round(wall, 3),
        cpu=round(usage.ru_utime + usage.ru_stime, 3),
        memory=round(usage.ru_maxrss / 1024, 1),
        calls=len(where.calls.since()),
        writes=len(where.calls.writes()),
        failed=process.returncode != 0,
        changed=_changed(answer),
        **given,
    )


def _changed(answer: str) -> int:
    """How many tasks changed something, of a playbook's summary; of the program, whether it did."""
    counted = re.findall(r"^bench\d* .* changed=(\d+)", answer, re.MULTILINE)
    return sum(map(int, counted)) if counted else int(answer.strip() == "changed")


def rounds(count: int, latencies: Iterable[float]) -> Iterator[Sample]:
    for turn in range(count):
        for latency in latencies:
            for contestant in CONTESTANTS:
                with region(latency) as where:
                    for phase in PHASES:
                        if sample := measure(contestant, phase, where, latency=latency, round=turn):
                            yield sample


def growth(counts: Iterable[int]) -> Iterator[Sample]:
    """The no-op in an account with so many load balancers, groups and VPCs of others."""
    for contestant in ("ha_stack.aws", "amazon.aws"):
        with region() as where:
            measure(contestant, "fresh", where)
            there = 0
            for count in counts:
                unrelated.make(where.endpoint, range(there, count))
                there = count
                if sample := measure(contestant, "no-op", where, unrelated=count):
                    yield sample


def many(count: int) -> Iterator[Sample]:
    """So many stacks in one account and one run."""
    with region() as where:
        for phase in PHASES:
            if sample := measure("ha_stack.aws", phase, where, stacks=count):
                yield sample


def _samples_of(path: Path) -> list[Sample]:
    return [Sample(**each) for each in json.loads(path.read_text())]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--latencies", type=float, nargs="*", default=[0.0, 0.08], help="seconds added to each call")
    parser.add_argument("--unrelated", type=int, nargs="*", default=[1, 10, 100, 1000])
    parser.add_argument("--stacks", type=int, default=50, help="stacks in one run; 1 leaves that out")
    parser.add_argument("--samples", type=Path, default=Path(".cache/bench.json"))
    parser.add_argument("--output", type=Path, default=Path("docs/benchmark.md"))
    parser.add_argument("--add", action="store_true", help="to the samples that are there, instead of beginning anew")
    arguments = parser.parse_args()
    samples = _samples_of(arguments.samples) if arguments.add else []
    sources = [rounds(arguments.rounds, arguments.latencies)]
    if arguments.unrelated:
        sources.append(growth(arguments.unrelated))
    if arguments.stacks > 1:
        sources.append(many(arguments.stacks))
    arguments.samples.parent.mkdir(parents=True, exist_ok=True)
    for sample in chain(*sources):
        samples.append(sample)
        print(told(sample), flush=True)
        # Each time: what was measured so far is there if it is ended.
        arguments.samples.write_text(json.dumps([asdict(each) for each in samples], indent=1))
        arguments.output.write_text(report(samples))
    plot(samples, arguments.output.with_suffix(".svg"))
    print(ratios(samples))


if __name__ == "__main__":
    main()
