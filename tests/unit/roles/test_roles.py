"""Rules that hold for every role: inputs, defaults and README tell the same."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import ansible_collections.amazon.aws as amazon_aws
import pytest
import yaml

REPOSITORY = Path(__file__).parents[3]
ROLES = sorted(path for path in (REPOSITORY / "roles").iterdir() if path.is_dir())


def load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text()) or {}


def options(role: Path) -> dict[str, Any]:
    return load(role / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]


def is_template(value: Any) -> bool:
    return "{{" in str(value)


# A drill is an event, and leaves nothing.
STATEFUL = pytest.mark.parametrize("role", [each for each in ROLES if each.name != "drill"], ids=lambda role: role.name)


@pytest.fixture(params=ROLES, ids=lambda role: role.name)
def role(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_there_are_roles() -> None:
    assert [role.name for role in ROLES] == ["backend", "database", "drill", "frontend", "network"]


@STATEFUL
def test_a_molecule_scenario_runs_each_role_alone(role: Path) -> None:
    """Claim 15. scripts/molecule.sh runs every scenario that there is."""
    plays = load(REPOSITORY / "molecule" / role.name / "converge.yml")
    used = [each["role"] for play in plays for each in play.get("roles", [])]
    assert f"ha_stack.aws.{role.name}" in used


def test_a_molecule_scenario_runs_the_whole_site() -> None:
    (play,) = load(REPOSITORY / "molecule/default/converge.yml")
    assert play["ansible.builtin.import_playbook"] == "../../playbooks/site.yml"


def test_every_input_has_a_default_and_every_default_is_an_input(role: Path) -> None:
    assert load(role / "defaults/main.yml").keys() == options(role).keys()


def test_defaults_and_specs_say_the_same(role: Path) -> None:
    defaults = load(role / "defaults/main.yml")
    told = {name: option["default"] for name, option in options(role).items() if "default" in option}
    literal = {name: value for name, value in defaults.items() if value is not None and not is_template(value)}
    assert told == literal


def test_every_input_is_described_and_bears_the_roles_name(role: Path) -> None:
    for name, option in options(role).items():
        assert name.startswith(f"{role.name}_")
        assert option["description"]
        assert option["type"]


def test_every_entry_point_exists_and_takes_the_same_inputs(role: Path) -> None:
    specs = load(role / "meta/argument_specs.yml")["argument_specs"]
    assert {"main", "validate"} <= specs.keys()
    for name, spec in specs.items():
        assert (role / f"tasks/{name}.yml").exists()
        assert spec["options"] == options(role)


@STATEFUL
def test_both_states_have_tasks(role: Path) -> None:
    assert options(role)[f"{role.name}_state"]["choices"] == ["present", "absent"]
    assert (role / "tasks/present.yml").exists()
    assert (role / "tasks/absent.yml").exists()


def flat(tasks: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Tasks with those of their blocks."""
    for task in tasks:
        yield task
        for part in ("block", "rescue", "always"):
            yield from flat(task.get(part, ()))


def test_every_fact_that_is_set_is_documented(role: Path) -> None:
    tasks = [task for path in (role / "tasks").rglob("*.yml") for task in flat(load(path))]
    facts = {name for task in tasks for name in task.get("ansible.builtin.set_fact", {})}
    assert facts == load(role / "meta/outputs.yml").keys()


def test_internal_variables_are_marked(role: Path) -> None:
    text = "\n".join(path.read_text() for path in (role / "tasks").glob("*.yml"))
    registered = set(re.findall(r"register: (\w+)", text))
    variables = role / "vars/main.yml"
    internal = registered | (load(variables).keys() if variables.exists() else set())
    assert internal
    assert {name for name in internal if not name.startswith(f"__{role.name}_") and name != f"__{role.name}"} == set()


def test_the_readmes_are_those_of_the_specs() -> None:
    script = REPOSITORY / "scripts/role_readme.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run scripts/role_readme.py: {done.stdout}{done.stderr}"


def test_the_days_of_a_flow_log_are_those_that_its_module_knows() -> None:
    """For others it deletes the log group, and what is in it."""
    module = Path(amazon_aws.__path__[0]) / "plugins/modules/cloudwatchlogs_log_group.py"
    (permitted,) = re.findall(r"permited_values = \[([0-9, ]+)\]", module.read_text())
    known = {int(value) for value in permitted.split(",")}
    days = load(REPOSITORY / "roles/network/vars/main.yml")["__network_retentions"]
    assert set(days) - {0} <= known, "0 is no flow log"
