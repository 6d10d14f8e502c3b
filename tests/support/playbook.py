"""Playbooks run as a person runs them, their results read as data."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
UNKNOWN = "(known after apply)"


@dataclass(frozen=True)
class Task:
    name: str
    result: Mapping[str, Any]

    @property
    def changed(self) -> bool:
        return bool(self.result.get("changed"))

    @property
    def diff(self) -> Any:
        return self.result.get("diff")


@dataclass(frozen=True)
class Run:
    """A playbook's run. ``stats`` are Ansible's counts for the host."""

    returncode: int
    tasks: tuple[Task, ...]
    stats: Mapping[str, int]
    output: str

    def plan(self) -> list[str]:
        """Every change that the collection's modules planned, in order, those of a loop's items too."""
        results = (each for task in self.tasks for each in (task.result, *task.result.get("results", ())))
        return [change for result in results for change in result.get("plan") or ()]

    def changed(self) -> dict[str, Any]:
        """The difference each changed task showed, by the task's name. Of one that ran twice it is the first that was
        told of each resource."""
        told: dict[str, Any] = {}
        for task in (each for each in self.tasks if each.changed):
            told[task.name] = _both(told[task.name], task.diff) if task.name in told else task.diff
        return told

    def messages(self) -> str:
        """What the failed tasks said."""
        return "\n".join(str(task.result.get("msg", "")) for task in self.tasks if task.result.get("failed"))


def _both(first: Any, second: Any) -> Any:
    if not all(isinstance(diff, Mapping) and isinstance(diff["after"], Mapping) for diff in (first, second)):
        return first
    told = first["before"].keys() | first["after"].keys()
    new = {side: {name: second[side][name] for name in second[side].keys() - told} for side in ("before", "after")}
    return {side: {**first[side], **new[side]} for side in new}


def play_until(playbook: str, *options: str, environment: Mapping[str, str], so: Callable[[], object]) -> None:
    """Run it until something is ``so``, and kill it then with all that it has started. Nothing of it gets a word."""
    command = ["ansible-playbook", f"playbooks/{playbook}.yml", *options]
    silent = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(
        command, cwd=REPOSITORY, env={**os.environ, **environment}, start_new_session=True, **silent
    ) as run:
        while not so():
            assert run.poll() is None, f"{playbook} ended before it was so"
            time.sleep(0.1)
        os.killpg(run.pid, signal.SIGKILL)


def play(playbook: str, *options: str, environment: Mapping[str, str], check: bool = False) -> Run:
    """Run ``playbooks/<playbook>.yml`` on the local inventory's stack, with --diff."""
    command = ["ansible-playbook", f"playbooks/{playbook}.yml", "--diff", *(["--check"] if check else []), *options]
    variables = {**os.environ, **environment, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return _parse(done.returncode, done.stdout, done.stdout + done.stderr)


def _parse(returncode: int, answer: str, output: str) -> Run:
    try:
        data = json.loads(answer[answer.index("{") :])
    except ValueError:
        return Run(returncode, (), {}, output)
    stats = next(iter(data["stats"].values()), {})
    return Run(returncode, tuple(_tasks(data)), stats, output)


def _tasks(data: Mapping[str, Any]) -> Iterator[Task]:
    for played in data["plays"]:
        for task in played["tasks"]:
            for result in task["hosts"].values():
                for item in result.get("results") or [result]:
                    yield Task(task["task"]["name"], item)


def same(planned: Any, done: Any, *, whole: bool = True) -> bool:
    """Whether the run did what check mode said; what was only known after apply may have become anything.

    Without ``whole``, the run may tell more: amazon.aws's modules show in it what AWS filled in.
    """
    if isinstance(planned, str) and UNKNOWN in planned:
        return True
    if isinstance(planned, Mapping) and isinstance(done, Mapping):
        told = planned.keys() if whole else {key for key, value in planned.items() if value is not None}
        keys_match = told == done.keys() if whole else told <= done.keys()
        return keys_match and all(same(planned[key], done[key], whole=whole) for key in told)
    if isinstance(planned, list) and isinstance(done, list):
        return len(planned) == len(done) and all(same(*pair, whole=whole) for pair in zip(planned, done, strict=True))
    return bool(planned == done)
