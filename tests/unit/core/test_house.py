"""The rules of the house that a reader relies on: who imports whom, and that nothing goes untested."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
PLUGINS = REPOSITORY / "plugins"
PREFIX = "ansible_collections.ha_stack.aws.plugins"
MODULES = sorted(path.stem for path in (PLUGINS / "modules").glob("*.py"))
# What runs on the controller alone is documented like a module.
ACTIONS = [name for name in MODULES if "def main(" not in (PLUGINS / "modules" / f"{name}.py").read_text()]
# Modules that keep a resource as it is described. The others only watch: they have no plan.
RESOURCES = [name for name in MODULES if "\nRESOURCE = " in (PLUGINS / "modules" / f"{name}.py").read_text()]

# A room may import only from the rooms it names. Everything outside the collection is told apart below.
ROOMS = {
    "modules": {"_reconcile", "_plan", "_aws", "_model", "_drill"},
    "_reconcile": {"_plan", "_aws", "_model"},
    "_plan": {"_plan", "_model"},
    "_aws": {"_aws", "_model", "_drill"},
    "_model": {"_model"},
    "_drill": {"_drill", "_model"},
}
WITHOUT_ANSIBLE_OR_AWS = {"_model", "_plan", "_drill"}


def room(name: str) -> str:
    """The room of a dotted module of the collection: modules, _reconcile, _plan, _aws, _model or _drill."""
    parts = name.removeprefix(f"{PREFIX}.").split(".")
    return "modules" if parts[0] == "modules" else parts[1]


def imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def sources() -> list[Path]:
    return sorted([*(PLUGINS / "modules").glob("*.py"), *(PLUGINS / "module_utils").rglob("*.py")])


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_imports_go_one_way(path):
    here = room(f"{PREFIX}." + ".".join(path.relative_to(PLUGINS).with_suffix("").parts))
    reached = {room(name) for name in imports(path) if name.startswith(PREFIX)}
    assert reached <= ROOMS[here], f"{here} imports from {sorted(reached - ROOMS[here])}"


@pytest.mark.parametrize("path", [p for p in sources() if WITHOUT_ANSIBLE_OR_AWS & set(p.parts)], ids=lambda p: p.name)
def test_pure_rooms_know_neither_ansible_nor_boto3(path):
    outside = {name for name in imports(path) if not name.startswith(PREFIX)}
    assert not {
        name for name in outside if name.split(".")[0] in {"ansible", "ansible_collections", "boto3", "botocore"}
    }


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_only_the_core_reads_check_mode(path):
    names = {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}
    assert path.name == "_reconcile.py" or "check_mode" not in names


def test_the_collection_knows_nothing_of_the_local_region():
    texts = [*sources(), *(REPOSITORY / "roles").rglob("*.yml"), *(REPOSITORY / "roles").rglob("*.j2")]
    assert [path for path in texts if "local_region" in path.read_text() or "moto" in path.read_text().split()] == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_its_tests(module):
    if module in ACTIONS:
        assert (REPOSITORY / "tests" / "unit" / "plugins" / f"test_{module}.py").exists(), f"{module} has no test"
        return
    lifecycle = REPOSITORY / "tests" / "integration" / "modules" / f"test_{module}.py"
    assert lifecycle.exists(), f"{module} has no test that runs it"
    if module not in RESOURCES:
        return
    assert "twelve_steps(" in lifecycle.read_text()
    assert (REPOSITORY / "tests" / "unit" / "plan" / f"test_{module}.py").exists(), f"{module}'s plan has no table"


@pytest.mark.parametrize("module", sorted(RESOURCES))
def test_a_module_runs_in_process(module):
    assert (PLUGINS / "action" / f"{module}.py").exists(), f"{module} starts a Python at every task"


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_functions_are_short(path):
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= 40
    }
    assert long == {}
