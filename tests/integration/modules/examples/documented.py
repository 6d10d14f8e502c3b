"""The examples of the collection's documentation, as data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

PLUGINS = Path(__file__).parents[4] / "plugins"
PACKAGE = "ansible_collections.ha_stack.aws.plugins"
COLLECTION = "ha_stack.aws."
KINDS = {"module": "modules", "filter": "filter", "lookup": "lookup"}  # as ansible-doc calls them, and their folders
ID = re.compile(r"\b[a-z]+-(?:[0-9a-f]{17}|[0-9a-f]{8})\b")

Task = dict[str, Any]


def names(kind: str) -> list[str]:
    return sorted(path.stem for path in (PLUGINS / KINDS[kind]).glob("*.py") if path.stem != "__init__")


def examples() -> dict[str, list[Task]]:
    """Every plugin's examples, by its name."""
    return {
        name: yaml.safe_load(import_module(f"{PACKAGE}.{KINDS[kind]}.{name}").EXAMPLES)
        for kind in KINDS
        for name in names(kind)
    }


def manages(task: Task) -> bool:
    """Whether the task brings something to a state, so that the same task right after it has nothing to do."""
    used = [key.removeprefix(COLLECTION) for key in task if key.startswith(COLLECTION)]
    return any(hasattr(import_module(f"{PACKAGE}.modules.{name}"), "RESOURCE") for name in used)


def replaced(value: Any, real: Mapping[str, str]) -> Any:
    """``value`` with what really is there in place of the documentation's placeholders."""
    if isinstance(value, dict):
        return {key: replaced(each, real) for key, each in value.items()}
    if isinstance(value, list):
        return [replaced(each, real) for each in value]
    if isinstance(value, str):
        for placeholder, instead in real.items():
            value = value.replace(placeholder, instead)
    return value


def ids(value: Any) -> set[str]:
    """Every id of EC2's in ``value``."""
    return set(ID.findall(json.dumps(value)))
