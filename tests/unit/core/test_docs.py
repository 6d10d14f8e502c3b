"""Every module's documentation and argument spec say the same."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
import yaml
from ansible_collections.ha_stack.aws.plugins.doc_fragments import mixed_instances
from ansible_collections.ha_stack.aws.plugins.doc_fragments.common import ModuleDocFragment
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import COMMON_OPTIONS

PREFIX = "ansible_collections.ha_stack.aws.plugins.modules"
MODULES = sorted(path.stem for path in (Path(__file__).parents[3] / "plugins" / "modules").glob("*.py"))
FRAGMENTS = {
    "ha_stack.aws.common": yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"],
    "ha_stack.aws.common.tags": yaml.safe_load(ModuleDocFragment.TAGS)["options"],
    "ha_stack.aws.mixed_instances": yaml.safe_load(mixed_instances.ModuleDocFragment.DOCUMENTATION)["options"],
}


def spec(module) -> dict:
    """The argument spec of a module that keeps a resource, of one that only watches, or of an action."""
    if hasattr(module, "RESOURCE"):
        return {**COMMON_OPTIONS, **module.RESOURCE.options}
    if not hasattr(module, "main"):
        module = import_module(module.__name__.replace(".modules.", ".action."))
    return module.OPTIONS


def documented(module) -> dict:
    documentation = yaml.safe_load(module.DOCUMENTATION)
    options = {}
    for fragment in documentation.get("extends_documentation_fragment", []):
        options.update(FRAGMENTS.get(fragment, {}))
    own = documentation["options"]  # ansible-doc adds to an option what a fragment says of it
    return {**options, **{name: {**options.get(name, {}), **own[name]} for name in own}}


def differences(spec: dict, documentation: dict, path: str = "") -> list[str]:
    found = [f"{path}{name}: only in the argument spec" for name in spec.keys() - documentation.keys()]
    found += [f"{path}{name}: only in the documentation" for name in documentation.keys() - spec.keys()]
    for name in spec.keys() & documentation.keys():
        for key, default in {
            "type": "str",
            "default": None,
            "required": False,
            "choices": None,
            "elements": None,
        }.items():
            if spec[name].get(key, default) != documentation[name].get(key, default):
                found.append(
                    f"{path}{name}: {key} is {spec[name].get(key, default)!r}, "
                    f"documented {documentation[name].get(key, default)!r}"
                )
        found += differences(
            spec[name].get("options") or {}, documentation[name].get("suboptions") or {}, f"{path}{name}."
        )
    return found


@pytest.mark.parametrize("name", MODULES)
def test_documentation_and_argument_spec_agree(name):
    module = import_module(f"{PREFIX}.{name}")
    assert differences(spec(module), documented(module)) == []


@pytest.mark.parametrize("name", MODULES)
def test_documentation_is_whole(name):
    module = import_module(f"{PREFIX}.{name}")
    assert yaml.safe_load(module.DOCUMENTATION)["module"] == name
    assert any(f"ha_stack.aws.{name}" in task for task in yaml.safe_load(module.EXAMPLES))
    returned = yaml.safe_load(module.RETURN).keys()
    assert {name, "plan"} <= returned if hasattr(module, "RESOURCE") else returned


def test_a_rule_is_documented_alike_in_both_modules_that_have_it():
    """A documentation fragment has no options within options: the two are written apart."""
    balancer, rule = (documented(import_module(f"{PREFIX}.{name}")) for name in ("load_balancer", "listener_rule"))
    listener = balancer["listeners"]["suboptions"]
    within = listener["rules"]["suboptions"]
    assert rule["actions"]["suboptions"] == within["actions"]["suboptions"]
    assert rule["transforms"] == within["transforms"]
    there = str(within["conditions"]["suboptions"]).replace("listeners[].rules[].", "")
    assert str(rule["conditions"]["suboptions"]) == there
