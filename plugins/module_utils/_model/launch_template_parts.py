# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How an option stands in LaunchTemplateData: one kind of part for each way of standing there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import structure, tags
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_nested import (
    canonical,
    merged,
    overlaid,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.structure import Member, Structure

Data = Mapping[str, Any]


def read(of: Structure, values: Data) -> dict[str, Any]:
    """What the API's structure means; what it has empty it doesn't have."""
    return merged(of, structure.from_api(of, values), {})


@dataclass(frozen=True)
class Part:
    """A member of LaunchTemplateData that is the option's value.

    ``given`` is what an option's value means, ``read`` what LaunchTemplateData has: the two compare. ``whole`` is the
    value with what it leaves alone of what is there, and ``written`` tells the members of LaunchTemplateData that it
    makes of those there (None: without it). ``nothing`` is the value of a setting that is not there.
    """

    member: Member

    @property
    def spec(self) -> dict[str, Any]:
        return self.member.argument

    @property
    def members(self) -> dict[str, Any]:
        return structure.members({"": self.member})

    @property
    def nothing(self) -> Any:
        return None

    def given(self, value: Any) -> Any:
        return None if value == "" else value

    def read(self, data: Data) -> Any:
        return data.get(self.member.name)

    def whole(self, want: Any, have: Any) -> Any:
        return want

    def written(self, value: Any, data: Data) -> dict[str, Any]:
        return {self.member.name: value}


@dataclass(frozen=True)
class Inner(Part):
    """The one member of a structure that an option stands for."""

    within: str

    @property
    def members(self) -> dict[str, Any]:
        return {self.within: super().members}

    def read(self, data: Data) -> Any:
        return (data.get(self.within) or {}).get(self.member.name)

    def written(self, value: Any, data: Data) -> dict[str, Any]:
        others = {name: each for name, each in (data.get(self.within) or {}).items() if name != self.member.name}
        return {self.within: others if value is None else {**others, self.member.name: value}}


@dataclass(frozen=True)
class InnerSet(Inner):
    """The same, of a set of strings."""

    @property
    def nothing(self) -> Any:
        return ()

    def given(self, value: Any) -> Any:
        return tuple(sorted(set(value)))

    def read(self, data: Data) -> Any:
        return self.given(super().read(data) or ())

    def written(self, value: Any, data: Data) -> dict[str, Any]:
        return super().written(list(value) or None, data)


@dataclass(frozen=True)
class Nested(Part):
    """A structure with options of its own."""

    @property
    def of(self) -> Structure:
        return self.member.of or {}

    @property
    def nothing(self) -> Any:
        return {}

    def given(self, value: Any) -> Any:
        return canonical(structure.given(self.of, value))

    def read(self, data: Data) -> Any:
        return canonical(read(self.of, data.get(self.member.name) or {}))

    def whole(self, want: Any, have: Any) -> Any:
        return merged(self.of, want, have)

    def written(self, value: Any, data: Data) -> dict[str, Any]:
        there = data.get(self.member.name) or {}
        return {self.member.name: overlaid(self.of, value, there) if value else None}


@dataclass(frozen=True)
class Single(Part):
    """A set of strings, each in a structure of its own: ``single`` names its one member."""

    single: str

    @property
    def members(self) -> dict[str, Any]:
        return {self.member.name: {self.single: {}}}

    @property
    def nothing(self) -> Any:
        return ()

    def given(self, value: Any) -> Any:
        return tuple(sorted(set(value)))

    def read(self, data: Data) -> Any:
        return self.given(each[self.single] for each in data.get(self.member.name) or () if self.single in each)

    def written(self, value: Any, data: Data) -> dict[str, Any]:
        return {self.member.name: [{self.single: each} for each in value]}


@dataclass(frozen=True)
class Each(Part):
    """A list of structures, exactly these. Each is known by its ``keys``, and keeps what is not given for it."""

    keys: tuple[str, ...]

    @property
    def of(self) -> Structure:
        return self.member.of or {}

    @property
    def nothing(self) -> Any:
        return ()

    def key(self, element: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(element.get(option) or 0 for option in self.keys)

    def given(self, value: Any) -> Any:
        return self._sorted(self.given_one(each) for each in value)

    def read(self, data: Data) -> Any:
        return self._sorted(self.read_one(each) for each in data.get(self.member.name) or ())

    def whole(self, want: Any, have: Any) -> Any:
        there = {self.key(each): each for each in have}
        return tuple(self.whole_one(each, there.get(self.key(each), {})) for each in want)

    def written(self, value: Any, data: Data) -> dict[str, Any]:
        there = {self.key(self.read_one(each)): each for each in data.get(self.member.name) or ()}
        return {self.member.name: [self.written_one(each, there.get(self.key(each), {})) for each in value]}

    def given_one(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return structure.given(self.of, value)

    def read_one(self, element: Data) -> dict[str, Any]:
        return read(self.of, element)

    def whole_one(self, want: Mapping[str, Any], have: Mapping[str, Any]) -> dict[str, Any]:
        return merged(self.of, want, have)

    def written_one(self, value: Mapping[str, Any], element: Data) -> dict[str, Any]:
        return overlaid(self.of, value, element)

    def _sorted(self, elements: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
        return tuple(sorted(elements, key=self.key))


@dataclass(frozen=True)
class Tagged(Part):
    """The tags of one type of resource that an instance brings with it."""

    resource: str

    @property
    def members(self) -> dict[str, Any]:
        return {self.member.name: {"ResourceType": {}, "Tags": {"Key": {}, "Value": {}}}}

    @property
    def nothing(self) -> Any:
        return {}

    def given(self, value: Any) -> Any:
        return tags.from_params(value)

    def read(self, data: Data) -> Any:
        found = [each["Tags"] for each in self._specifications(data) if each["ResourceType"] == self.resource]
        return tags.from_api(found[0]) if found else {}

    def written(self, value: Any, data: Data) -> dict[str, Any]:
        others = [each for each in self._specifications(data) if each["ResourceType"] != self.resource]
        made = [{"ResourceType": self.resource, "Tags": tags.to_api(value)}] if value else []
        return {self.member.name: others + made}

    def _specifications(self, data: Data) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = data.get(self.member.name) or ()
        return found


@dataclass(frozen=True)
class Profile(Part):
    """An instance profile, whose name is unique in its account, so that name and ARN can be compared by it."""

    @property
    def members(self) -> dict[str, Any]:
        return {self.member.name: {"Name": {}, "Arn": {}}}

    def given(self, value: Any) -> Any:
        return (value.rpartition("/")[2] if value.startswith("arn:") else value) or None

    def read(self, data: Data) -> Any:
        profile = data.get(self.member.name) or {}
        return self.given(profile.get("Arn") or profile.get("Name") or "")

    def written(self, value: Any, data: Data) -> dict[str, Any]:
        return {self.member.name: {"Name": value} if value else None}
