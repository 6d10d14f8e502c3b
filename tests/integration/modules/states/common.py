"""What random states are made of."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

TAGS = st.dictionaries(st.sampled_from(["stack", "owner", "tier"]), st.sampled_from(["goals", "web", ""]), max_size=3)


def some(**options: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """Any of the options, each given or not."""
    return st.fixed_dictionaries({}, optional=options)


def sets(*values: str, least: int = 0) -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True, min_size=least)


def choice(*values: Any) -> SearchStrategy[Any]:
    return st.sampled_from(values)


def named(one: SearchStrategy[dict[str, Any]], *names: str) -> SearchStrategy[list[dict[str, Any]]]:
    """Some of them, each with a name of its own."""
    built = st.builds(lambda name, rest: {"name": name, **rest}, st.sampled_from(names), one)
    return st.lists(built, unique_by=lambda each: each["name"], max_size=len(names))
