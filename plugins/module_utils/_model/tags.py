# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Tags, as a mapping. AWS has them as lists of Key and Value, and keeps those that begin with aws: to itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

TAG_OPTIONS: dict[str, Any] = {
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def from_api(tags: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags or () if not tag["Key"].startswith("aws:")}


def to_api(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def from_params(tags: Mapping[str, Any] | None) -> dict[str, str] | None:
    return None if tags is None else {str(key): str(value) for key, value in tags.items()}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, str], list[str]]:
    """The tags to set, and the keys of those to take away, of a change's settings; neither where it has no tags."""
    if "tags" not in after:
        return {}, []
    there, wanted = before.get("tags") or {}, after["tags"]
    return (
        {key: value for key, value in wanted.items() if there.get(key) != value},
        [key for key in there if key not in wanted],
    )
