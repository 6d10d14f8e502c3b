"""The chapters as playbooks, and what became of each of its tasks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.integration.modules.examples.documented import Task, manages

AGAIN = "again: "
SECONDS = 600
Results = dict[str, dict[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Chapter:
    """A plugin's examples with what they stand on; see chapters.yml. Its name is that of its host."""

    of: str = ""
    title: str = ""
    vars: dict[str, Any] = field(default_factory=dict)
    before: list[Task] = field(default_factory=list)
    between: dict[str, list[Task]] = field(default_factory=dict)
    after: list[Task] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    shorter: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return self.of or self.title.lower().replace(" ", "-")

    def named(self) -> set[str]:
        """The examples that it says something of."""
        return {*self.between, *self.refused, *self.shorter}

    def ground(self) -> list[Task]:
        """What the examples stand on."""
        return [*self.before, *(task for tasks in self.between.values() for task in tasks), *self.after]

    def tasks(self, examples: list[Task]) -> Iterator[Task]:
        yield from self.before
        for example in examples:
            yield from self.between.get(example["name"], [])
            if example["name"] in self.refused:
                yield {**example, "ignore_errors": True}
            else:
                yield self._shortened(example)
                yield from _again(example)

    def _shortened(self, example: Task) -> Task:
        """The example; its only argument that is a dictionary is its module's."""
        shorter = self.shorter.get(example["name"])
        if not shorter:
            return example
        return {
            key: {**value, **shorter} if isinstance(value, dict) and shorter.keys() <= value.keys() else value
            for key, value in example.items()
        }


def _again(example: Task) -> Iterator[Task]:
    """The same once more, where that has to find nothing to do."""
    if manages(example):
        unregistered = {key: value for key, value in example.items() if key != "register"}
        yield {**unregistered, "name": AGAIN + example["name"], "ignore_errors": True}


def playbooks(examples: Mapping[str, list[Task]]) -> dict[str, list[Chapter]]:
    """The chapters of each playbook, by its name."""
    written = yaml.safe_load((Path(__file__).parent / "chapters.yml").read_text())
    return {name: [_chapter(each, examples) for each in chapters] for name, chapters in written.items()}


def _chapter(written: dict[str, Any], examples: Mapping[str, list[Task]]) -> Chapter:
    return Chapter(**{**written, "before": [_task(each, examples) for each in written.get("before", [])]})


def _task(written: Task, examples: Mapping[str, list[Task]]) -> Task:
    if "example" not in written:
        return written
    (found,) = (each for each in examples[written["of"]] if each["name"] == written["example"])
    return found


def play(chapter: Chapter, examples: list[Task], connection: Mapping[str, str]) -> dict[str, Any]:
    # A play whose only host failed would end the playbook.
    rescue = [{"name": "An example failed", "ansible.builtin.meta": "noop"}]
    block = {"block": list(chapter.tasks(examples)), "rescue": rescue, "always": chapter.after}
    return {
        "hosts": chapter.host,
        "gather_facts": False,
        "vars": chapter.vars,
        "module_defaults": {"group/ha_stack.aws.aws": dict(connection)},
        "tasks": [block],
    }


def run(name: str, plays: list[dict[str, Any]], folder: Path) -> Results:
    """Each host's results by the tasks' names. ``folder`` is the project's, where the files of the examples are."""
    hosts = {each["hosts"]: None for each in plays}
    local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory = {"all": {"hosts": hosts, "vars": local}}
    files = {f"{name}-inventory.yml": inventory, f"{name}.yml": plays}
    for file, content in files.items():
        (folder / file).write_text(yaml.safe_dump(content, sort_keys=False))
    done = subprocess.run(
        [str(Path(sys.executable).with_name("ansible-playbook")), "-i", *files],
        cwd=folder,
        env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_ASYNC_DIR": str(folder / "async")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "{" in done.stdout, done.stdout + done.stderr
    return _results(json.loads(done.stdout[done.stdout.index("{") :]))


def _results(told: Mapping[str, Any]) -> Results:
    results: Results = {}
    for played in told["plays"]:
        for task in played["tasks"]:
            for host, result in task["hosts"].items():
                results.setdefault(host, {})[task["task"]["name"]] = result
    return results
