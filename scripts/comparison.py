"""Write docs/comparison.md, a table of what collections and tools can set and do, from docs/comparison/*.yml.

comparison.py [--check]. The fields are those of the API: `left_over` names those that no row has, so that a newer
botocore shows what is new. A row's key is a path of the API; `{A,B}` in it are several members, `*` all that are below.
A row without a project is a "no" of that project.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import yaml

DOCS = Path(__file__).resolve().parents[1] / "docs"
DATA = DOCS / "comparison"
PAGE = DOCS / "comparison.md"
# In the order of the page: the file's name, and its title there.
TABLES = {
    "load_balancer": "Load balancer",
    "load_balancer_attributes": "Load balancer attributes",
    "listener": "Listener",
    "listener_attributes": "Listener attributes",
    "rule": "Listener rule",
    "target_group": "Target group",
    "target_group_attributes": "Target group attributes",
    "launch_template": "Launch template",
    "autoscaling_group": "Auto Scaling Group",
    "instance_refresh": "Instance refresh",
}
OURS = "ha_stack"
NOT_YET, LEFT_OUT, PARTLY, UNKNOWN = "not yet", "left out: ", "partly: ", "unknown"


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DATA / f"{name}.yml").read_text())
    return found


def projects() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = load("projects")["projects"]
    return found


@cache
def service_model(service: str) -> Any:
    credentials = {"region_name": "us-east-1", "aws_access_key_id": "x", "aws_secret_access_key": "x"}
    return boto3.client(service, **credentials).meta.service_model


def api_fields(table: Mapping[str, Any]) -> list[str]:
    """Every member of the operation's request that has none below; of attributes, every key that is documented."""
    model = service_model(table["service"])
    if table["operation"].endswith("Attribute"):
        return attribute_keys(model.shape_for(table["operation"]).members["Key"].documentation)
    return list(members(model.operation_model(table["operation"]).input_shape))


def attribute_keys(documentation: str) -> list[str]:
    """The keys of attributes have dots; other items of the lists are values that a key may have."""
    return [key for key in re.findall(r"<li>\s*<p>\s*<code>([^<]+)</code>", documentation) if "." in key]


def members(shape: Any, path: str = "") -> Iterator[str]:
    for name, member in shape.members.items():
        inner = member.member if member.type_name == "list" else member
        yield from members(inner, f"{path}{name}.") if inner.type_name == "structure" else [f"{path}{name}"]


def expanded(key: str) -> list[str]:
    """The paths that a row's key stands for."""
    several = re.fullmatch(r"(.*)\{(.*)\}", key)
    return [several[1] + each for each in several[2].split(",")] if several else [key]


def left_over(table: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """The fields of the API that no row has, and the rows that the API doesn't have."""
    there, rows = set(api_fields(table)), {path for key in table["fields"] for path in expanded(key)}
    whole = {row.removesuffix("*") for row in rows if row.endswith(".*")}
    below = {field for field in there if field.startswith(tuple(whole))} if whole else set()
    unmatched = {prefix + "*" for prefix in whole if not any(field.startswith(prefix) for field in there)}
    return there - rows - below, {row for row in rows - there if not row.endswith(".*")} | unmatched


def own_cell(value: str) -> str:
    if value == NOT_YET:
        return "**not yet**"
    return value if value.startswith(LEFT_OUT) else f"`{value}`"


def other_cell(value: str | None, has_module: bool) -> str:
    """The names that a project has for a field are for who checks the data; the table says whether it has one."""
    if value is None:
        return "no" if has_module else "-"
    return value if value == UNKNOWN or value.startswith(PARTLY) else "yes"


def field_rows(table: Mapping[str, Any]) -> Iterator[str]:
    others = [project for project in projects() if project != OURS]
    for key, row in table["fields"].items():
        cells = [other_cell(row.get(project), project in table["projects"]) for project in others]
        yield f"| {key} | {own_cell(row[OURS])} | {' | '.join(cells)} |"


def header(first: str) -> list[str]:
    names = [project["name"] for project in projects().values()]
    return [f"| {first} | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]


def counted(table: Mapping[str, Any], project: str) -> str:
    """How many rows a project has; of ours, what is left out with a reason is told beside."""
    values = [row.get(project) for row in table["fields"].values()]
    if project == OURS:
        left_out = sum(value.startswith(LEFT_OUT) for value in values)
        have = len(values) - left_out - values.count(NOT_YET)
        return f"{have}" + (f" ({left_out} left out)" if left_out else "")
    if project not in table["projects"]:
        return "-"
    partly = sum(bool(value) and value.startswith(PARTLY) for value in values)
    have = sum(bool(value) and value != UNKNOWN for value in values) - partly
    return f"{have}" + (f" ({partly} partly)" if partly else "")


def summary(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    names = [project["name"] for project in projects().values()]
    yield from (f"| request | fields | {' | '.join(names)} |", f"| --- | --- |{' --- |' * len(names)}")
    for name, table in tables.items():
        counts = " | ".join(counted(table, project) for project in projects())
        yield f"| [{TABLES[name]}](#{anchor(TABLES[name])}) | {len(table['fields'])} | {counts} |"


def anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def behaviour_rows() -> Iterator[str]:
    for behaviour in load("behaviours")["behaviours"]:
        yield f"| {behaviour['what']} | {' | '.join(behaviour.get(project, UNKNOWN) for project in projects())} |"


def notes(name: str) -> str:
    """What a table's file says at its beginning."""
    lines = (DATA / f"{name}.yml").read_text().splitlines()
    return " ".join(line.removeprefix("# ") for line in lines if line.startswith("#"))


INTRODUCTION = """\
<!-- Written by scripts/comparison.py from docs/comparison/*.yml. -->
# What it can set and do, beside others

Every field of the API's requests, and what of this collection and of others stands for it. A test walks the API as
botocore describes it, so that a field that AWS adds makes it fail by name until it has a row. "yes" is an option for
the field, or for all of what a row stands for, "no" none; "-" is a project that has no module for this request,
**not yet** a field that this collection has no option for yet.
"""


def versions() -> Iterator[str]:
    yield f"What was read ({load('projects')['api']}):"
    yield ""
    for project in projects().values():
        version = f" {project['version']}" if "version" in project else ""
        yield f"- {project['name']}{version}: {project['read']}."


def page() -> str:
    tables = {name: load(name) for name in TABLES}
    parts = [INTRODUCTION, *versions(), "", "## Behaviour", "", *header("what"), *behaviour_rows()]
    parts += ["", "## Fields, counted", "", *summary(tables)]
    for name, table in tables.items():
        parts += [
            "",
            f"## {TABLES[name]}",
            "",
            f"`{table['operation']}`, by `{table['module']}`. {notes(name)}".strip(),
        ]
        parts += ["", *header("field"), *field_rows(table)]
    return "\n".join(parts) + "\n"


def main() -> int:
    if "--check" in sys.argv:
        return 0 if PAGE.exists() and PAGE.read_text() == page() else 1
    PAGE.write_text(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
