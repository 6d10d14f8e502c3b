"""docs/comparison.md: it is what its script makes, it has every field of the API, and it names what is there."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from tests.unit.core.test_covered_launch_template import is_left_out

REPOSITORY = Path(__file__).parents[3]
spec = importlib.util.spec_from_file_location("comparison", REPOSITORY / "scripts" / "comparison.py")
comparison = importlib.util.module_from_spec(spec)
spec.loader.exec_module(comparison)

TABLES = {name: comparison.load(name) for name in comparison.TABLES}
COLLECTIONS = {key: project for key, project in comparison.projects().items() if "collection" in project}
# What scripts/compared.sh has unpacked.
COMPARED = REPOSITORY / ".cache" / "compared" / "ansible_collections"
VALUES = re.compile(r"(yes|no|partly)(: .+)?|unknown")


def test_the_page_is_what_its_script_makes():
    assert comparison.PAGE.read_text() == comparison.page(), "run scripts/comparison.py"


@pytest.mark.parametrize("name", TABLES)
def test_every_field_of_the_api_has_a_row(name):
    new, gone = comparison.left_over(TABLES[name])
    assert new == set(), f"docs/comparison/{name}.yml has no row for these"
    assert gone == set(), f"docs/comparison/{name}.yml has rows that botocore does not know"


def test_a_field_that_aws_adds_is_told_by_its_name():
    table = {**TABLES["target_group"], "fields": dict(TABLES["target_group"]["fields"])}
    del table["fields"]["VpcId"]
    table["fields"]["Colour.{Red,Green}"] = {}
    assert comparison.left_over(table) == ({"VpcId"}, {"Colour.Red", "Colour.Green"})


def test_a_row_may_stand_for_all_that_is_below():
    fields = {key: {} for key in TABLES["instance_refresh"]["fields"] if not key.startswith("Preferences")}
    assert comparison.left_over({**TABLES["instance_refresh"], "fields": {**fields, "Preferences.*": {}}}) == (
        set(),
        set(),
    )
    assert comparison.left_over({**TABLES["instance_refresh"], "fields": {**fields, "Nothing.*": {}}})[1] == {
        "Nothing.*"
    }


def options(found, key, path=""):
    for option, told in (found or {}).items():
        yield f"{path}{option}"
        yield from options(told.get(key), key, f"{path}{option}.")


@pytest.mark.parametrize("name", TABLES)
def test_what_we_have_is_an_option_of_the_module(name):
    table = TABLES[name]
    module = import_module(f"ansible_collections.ha_stack.aws.plugins.modules.{table['module']}")
    have = set(options(module.RESOURCE.options, "options"))
    for field, row in table["fields"].items():
        value = row["ha_stack"]
        told = value == comparison.NOT_YET or value.startswith(comparison.LEFT_OUT)
        assert told or value in have, f"{field}: {table['module']} has no option {value}"


def test_what_launch_template_leaves_out_is_told_so():
    rows = TABLES["launch_template"]["fields"].items()
    told = {path for key, row in rows if row["ha_stack"].startswith("left out: ") for path in comparison.expanded(key)}
    assert told == {path for path in comparison.api_fields(TABLES["launch_template"]) if is_left_out(path)}


@cache
def documented(collection, module):
    """The options of a module of another collection, as it documents them, with those of its tags."""
    path = COMPARED / collection.replace(".", "/") / "plugins" / "modules" / f"{module}.py"
    source = re.search(r'DOCUMENTATION = r?("""|\'\'\')(.*?)\1', path.read_text(), re.DOTALL)
    documentation = yaml.safe_load(source[2])
    tags = [each for each in documentation.get("extends_documentation_fragment", []) if each.endswith(".tags")]
    return {*options(documentation["options"], "suboptions"), *(["tags"] if tags else [])}


@pytest.mark.parametrize("project", COLLECTIONS)
@pytest.mark.parametrize("name", TABLES)
def test_what_another_collection_has_is_an_option_of_its_module(name, project):
    table = TABLES[name]
    modules = table["projects"].get(project, [])
    have = {option for module in modules for option in documented(COLLECTIONS[project]["collection"], module)}
    for field, row in table["fields"].items():
        value = row.get(project)
        if value is not None and not value.startswith((comparison.PARTLY, comparison.UNKNOWN)):
            assert value in have, f"{field}: {modules} have no option {value}"


@pytest.mark.parametrize("name", TABLES)
def test_a_row_names_projects_that_have_the_request(name):
    for field, row in TABLES[name]["fields"].items():
        assert row.keys() <= {"ha_stack", *TABLES[name]["projects"]}, field
        assert "ha_stack" in row, field


def test_a_behaviour_is_told_in_the_words_of_the_table():
    for behaviour in comparison.load("behaviours")["behaviours"]:
        assert behaviour.keys() <= {"what", *comparison.projects()}
        for project in behaviour.keys() - {"what"}:
            assert VALUES.fullmatch(behaviour[project]), f"{behaviour['what']}: {project}"


def test_the_versions_that_were_read_are_those_that_are_compared():
    for project in COLLECTIONS.values():
        manifest = yaml.safe_load((COMPARED / project["collection"].replace(".", "/") / "MANIFEST.json").read_text())
        assert project["version"] == manifest["collection_info"]["version"], "read it again, then say so"
