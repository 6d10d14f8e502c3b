"""A module's result is the same whether it runs in Ansible's worker or in a Python of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

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
      ha_stack.aws.target_group: {name: in-process, vpc_id: vpc-0123456789abcdef0, port: 8000}
    - name: nothing answers
      ha_stack.aws.network: {name: in-process, endpoint_url: "http://127.0.0.1:9"}
    - name: the task's environment
      ha_stack.aws.db_instance: {name: in-process, state: absent, profile: in-process}
      environment: {AWS_CONFIG_FILE: /nonexistent}
"""


@pytest.fixture
def results(endpoint, tmp_path):
    """Each task's result, by its name."""
    (tmp_path / "play.yml").write_text(PLAY.replace("      ha_stack", "      ignore_errors: true\n      ha_stack"))

    def run(*, in_process: bool):
        python = f"ansible_python_interpreter={sys.executable}"
        values = ("-e", python, "-e", f"endpoint={endpoint}", "-e", f"ha_stack_in_process={in_process}")
        done = subprocess.run(
            ["ansible-playbook", "-i", "stack,", "-c", "local", *values, str(tmp_path / "play.yml")],
            env={**os.environ, "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
            capture_output=True,
            text=True,
            check=False,
        )
        tasks = json.loads(done.stdout[done.stdout.index("{") :])["plays"][0]["tasks"]
        return {task["task"]["name"]: task["hosts"]["stack"] for task in tasks}

    return run


def test_both_ways_give_the_same_results(results):
    here, apart = results(in_process=True), results(in_process=False)
    assert len(here) == PLAY.count("- name:")
    assert here == apart
    assert here["planned"]["changed"]
    assert not here["absent"]["changed"]
    assert all(result["failed"] for result in list(here.values())[2:])
    assert "a-secret-word" not in json.dumps(here)
