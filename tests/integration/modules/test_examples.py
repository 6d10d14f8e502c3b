"""Every example of the documentation, run as a user would run it: through ansible-playbook, against a region."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.conftest import Aws, region_command
from tests.integration.modules.examples import documented, ground, running
from tests.integration.modules.examples.running import AGAIN
from tests.support.ports import free_port

EXAMPLES = documented.examples()
PLAYBOOKS = running.playbooks(EXAMPLES)
CHAPTERS = {chapter.host: chapter for chapters in PLAYBOOKS.values() for chapter in chapters}
REFUSED = {(host, name): said for host, chapter in CHAPTERS.items() for name, said in chapter.refused.items()}
ALL = {(plugin, example["name"]): example for plugin, examples in EXAMPLES.items() for example in examples}
MANAGING = [key for key, example in ALL.items() if documented.manages(example) and key not in REFUSED]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    """A region of their own, where a database and an experiment take seconds."""
    state, port = str(tmp_path_factory.mktemp("region")), str(free_port())
    options = ["--name", f"test{port}", "--port", port, "--imds-port", str(free_port()), "--time-scale", "0.03"]
    region_command("up", "--no-data-plane", "--state-dir", state, *options)
    yield f"http://127.0.0.1:{port}"
    region_command("down", "--state-dir", state)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The folder that the playbooks are in."""
    folder = tmp_path_factory.mktemp("project")
    ground.project(folder)
    return folder


@pytest.fixture(scope="module")
def real(endpoint, project):
    """What is there, by the documentation's placeholder for it."""
    with ground.server() as host:
        yield ground.placeholders(Aws(endpoint), project, host)


@pytest.fixture(scope="module")
def ran(endpoint, project, real):
    """What became of every task, by its host's and its own name."""
    connection = {"region": "us-east-1", "endpoint_url": endpoint, "access_key": "local", "secret_key": "local"}

    def run(name):
        plays = [running.play(chapter, EXAMPLES.get(chapter.of, []), connection) for chapter in PLAYBOOKS[name]]
        return running.run(name, documented.replaced(plays, real), project)

    with ThreadPoolExecutor() as side_by_side:
        return {host: tasks for results in side_by_side.map(run, PLAYBOOKS) for host, tasks in results.items()}


def failures(results) -> list[str]:
    return [f"{name}: {result.get('msg')}" for name, result in results.items() if result.get("failed")]


def test_every_plugin_has_a_chapter():
    assert {chapter.of for chapter in CHAPTERS.values()} - {""} == EXAMPLES.keys()


@pytest.mark.parametrize("plugin", EXAMPLES)
def test_a_chapter_speaks_of_examples_that_there_are(plugin):
    names = [example["name"] for example in EXAMPLES[plugin]]
    assert len(names) == len(set(names))
    assert CHAPTERS[plugin].named() <= set(names)


def test_an_id_in_an_example_stands_for_something(real):
    assert documented.ids(EXAMPLES) <= real.keys()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_what_the_examples_stand_on_is_made(ran, chapter):
    tasks = {task["name"] for task in CHAPTERS[chapter].ground()}
    assert [name for name in tasks if ran[chapter].get(name, {"failed": True}).get("failed")] == []


@pytest.mark.parametrize(("plugin", "example"), ALL)
def test_an_example_does_what_it_says(ran, plugin, example):
    assert example in ran[plugin], f"it was not reached: {failures(ran[plugin])}"
    result = ran[plugin][example]
    if said := REFUSED.get((plugin, example)):
        assert said in result.get("msg", "")
        return
    assert not result.get("failed"), result.get("msg")
    assert not result.get("skipped"), "nothing that it works on was there"
    assert not result.get("warnings")
    if (plugin, example) in MANAGING:
        assert result["changed"]


@pytest.mark.parametrize(("plugin", "example"), MANAGING)
def test_right_after_it_there_is_nothing_left_to_do(ran, plugin, example):
    again = ran[plugin][AGAIN + example]
    assert not again.get("failed"), again.get("msg")
    assert not again["changed"], again["plan"]


@pytest.mark.parametrize("kind", documented.KINDS)
def test_the_documentation_renders(kind):
    names = [documented.COLLECTION + name for name in documented.names(kind)]
    command = [str(Path(sys.executable).with_name("ansible-doc")), "-t", kind, *names]
    plain = {**os.environ, "ANSIBLE_NOCOLOR": "true"}
    texts, data = (
        subprocess.run(
            [*command, *options], env=plain, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
        )
        for options in ([], ["--json"])
    )
    assert texts.stderr == data.stderr == ""
    assert texts.stdout.count(f"> {kind.upper()} {documented.COLLECTION}") == len(names)
    told = json.loads(data.stdout)
    assert sorted(told) == names
    assert all(each["doc"] and each["examples"] and each["return"] for each in told.values())
