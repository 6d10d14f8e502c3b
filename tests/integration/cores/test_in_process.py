"""A module's result is the same whether it runs in Ansible's worker or in a Python of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

CORES = Path(__file__).parents[3] / ".cache/cores"

PLAY = """
- hosts: all
  gather_facts: false
  module_defaults:
    group/ha_stack.aws.aws: &connection
      region: us-east-1
      endpoint_url: "{{ endpoint }}"
      access_key: local
      secret_key: a-secret-word
  tasks:
    - name: planned
      ha_stack.aws.launch_template:
        name: in-process
        image_id: ami-0123456789abcdef0
        instance_type: t3.micro
        user_data: "#!/bin/sh"
        tags: {what: a-secret-word}
      check_mode: true
    - name: absent
      ha_stack.aws.autoscaling_group: {name: in-process, state: absent}
    - name: a value of the wrong type
      ha_stack.aws.target_group: {name: in-process, port: eighty}
    - name: an option that there is not
      ha_stack.aws.target_group: {nome: in-process}
    - name: a value that can't be
      ha_stack.aws.autoscaling_group: {name: in-process, min_size: 4, max_size: 2}
    - name: what AWS refuses
      ha_stack.aws.target_group: {name: in-process, vpc_id: vpc-0123456789abcdef0, port: 8000, wait_timeout: 0}
    - name: nothing answers
      ha_stack.aws.network: {name: in-process, endpoint_url: "http://127.0.0.1:9"}
    - name: the task's environment
      ha_stack.aws.db_instance: {name: in-process, state: absent, profile: in-process}
      environment: {AWS_CONFIG_FILE: /nonexistent}
"""


# Every ansible-core that meta/runtime.yml allows, but the one that the other tests run on, with the oldest Python it
# takes on a controller: https://docs.ansible.com/ansible/latest/reference_appendices/release_and_maintenance.html
OTHER_CORES = {"2.17.14": "3.11", "2.18.19": "3.11", "2.20.10": "3.12", "2.21.5": "3.12"}


def results(endpoint: str, folder: Path, core: list[str], environment: dict[str, str], *, in_process: bool):
    """Each task's result, by its name. ``core`` is the command of the ansible-core's ansible-playbook."""
    (folder / "play.yml").write_text(PLAY.replace("      ha_stack", "      ignore_errors: true\n      ha_stack"))
    python = core[0] if len(core) > 1 else sys.executable
    sent = folder / f"sent-{in_process}"  # where Ansible puts a module that it starts
    given = {"ansible_python_interpreter": python, "endpoint": endpoint, "ansible_remote_tmp": sent}
    given["ha_stack_in_process"] = in_process
    values = [each for name, value in given.items() for each in ("-e", f"{name}={value}")]
    done = subprocess.run(
        [*core, "-i", "stack,", "-c", "local", *values, str(folder / "play.yml")],
        env={**os.environ, **environment, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "{" in done.stdout, done.stdout + done.stderr
    assert sent.exists() != in_process, "the way that was asked for is the way it ran"
    tasks = json.loads(done.stdout[done.stdout.index("{") :])["plays"][0]["tasks"]
    # What Ansible says of an import of amazon.aws's is said where that is imported: here before the first task.
    results = {task["task"]["name"]: task["hosts"]["stack"] for task in tasks}
    return {
        name: {key: value for key, value in each.items() if key != "deprecations"} for name, each in results.items()
    }


def python_of(version: str) -> str:
    """A Python of that version or a newer minor one: of this machine, or of its pyenv."""
    wanted = tuple(map(int, version.split(".")))
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [sys.executable, *map(str, sorted(root.glob("3.1?.*/bin/python3")))]
    candidates += [found for minor in range(wanted[1], 15) if (found := shutil.which(f"python3.{minor}"))]
    asked = "import sys; print(*sys.version_info[:2])"
    for candidate in candidates:
        told = subprocess.run([candidate, "-c", asked], capture_output=True, text=True, check=False).stdout.split()
        if told and tuple(map(int, told)) >= wanted:
            return candidate
    pytest.skip(f"there is no Python {version} or newer here")


def installed(version: str) -> tuple[list[str], dict[str, str]]:
    """ansible-core in a folder of its own; boto3 and the collections, all plain Python, are those in use."""
    python, folder = python_of(OTHER_CORES[version]), CORES / version
    if not (folder / "ansible").exists():
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(folder)]
        subprocess.run([*command, f"ansible-core=={version}"], check=True)
    here = sysconfig.get_path("purelib")
    return [python, "-m", "ansible", "playbook"], {"PYTHONPATH": f"{folder}:{here}", "ANSIBLE_COLLECTIONS_PATH": here}


def check_both_ways(endpoint: str, folder: Path, core: list[str], environment: dict[str, str]) -> None:
    here, apart = (results(endpoint, folder, core, environment, in_process=way) for way in (True, False))
    assert len(here) == PLAY.count("- name:")
    assert here == apart
    assert here["planned"]["changed"]
    assert not here["absent"]["changed"]
    assert all(result["failed"] for result in list(here.values())[2:])
    assert "a-secret-word" not in json.dumps(here)


def test_both_ways_give_the_same_results(endpoint, tmp_path):
    check_both_ways(endpoint, tmp_path, ["ansible-playbook"], {})


@pytest.mark.parametrize("version", OTHER_CORES)
def test_both_ways_give_the_same_results_on_every_ansible_core(endpoint, tmp_path, version):
    check_both_ways(endpoint, tmp_path, *installed(version))
