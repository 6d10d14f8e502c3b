# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which launch template an Auto Scaling Group launches from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model import checks
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import Fault
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET

TEMPLATE = {"id": "LaunchTemplateId", "name": "LaunchTemplateName", "version": "Version"}


def launches(holder: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The LaunchTemplateSpecification of a group or of a refresh's DesiredConfiguration, of its mixed instances policy
    where it has one."""
    mixed = (holder.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    found: Mapping[str, Any] | None = holder.get("LaunchTemplate") or mixed.get("LaunchTemplateSpecification")
    return found


def named_versions(holder: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The id and the version of every launch template that a group, its instance or a refresh's DesiredConfiguration
    names, those of overrides too."""
    within = (holder.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    overrides = (each.get("LaunchTemplateSpecification") for each in within.get("Overrides") or ())
    found = [template for template in (launches(holder), *overrides) if template]
    return [(each.get("LaunchTemplateId", ""), each.get("Version", "$Default")) for each in found]


def from_params(template: Mapping[str, Any] | None) -> Any:
    if template is None:
        return UNSET
    wanted = {key: value for key, value in template.items() if value is not None}
    return {**wanted, "version": _number(wanted["version"])}


def from_api(template: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """None for a group with a launch configuration."""
    if not template:
        return None
    found = {option: template[member] for option, member in TEMPLATE.items() if member in template}
    return {**found, "version": _number(found.get("version", "$Default"))}


def to_api(template: Mapping[str, Any]) -> dict[str, Any]:
    """By id where it is known: AWS takes no more than one of the two."""
    by = "id" if template.get("id") else "name"
    return {TEMPLATE[by]: template[by], "Version": str(template["version"])}


def _number(version: str) -> int | str:
    return int(version) if str(version).isdecimal() else version


def named(template: Any, there: Mapping[str, Any] | None, ids: Mapping[str, str | None]) -> Any:
    """``template`` as AWS tells the one that is ``there``, with its id, where it is the same; as it is otherwise.

    A group refers to its template by id. A template that was deleted and made again has the same name, and perhaps the
    same version's number, but is another one. ``ids`` has the ids that the wanted names stand for now.
    """
    if template is UNSET or not template or not there:
        return template
    meant = template if "id" in template else {**template, "id": ids.get(template["name"]) or KNOWN_AFTER_APPLY}
    return there if all(there.get(key) == value for key, value in meant.items()) else template


def same(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    """Whether both are the same version of the same template, by id where both tell theirs."""
    if not one or not other:
        return False
    by = "id" if one.get("id") and other.get("id") else "name"
    return all(str(one.get(key)) == str(other.get(key)) for key in (by, "version"))


def called(template: Mapping[str, Any] | None) -> str:
    return (
        f"{template.get('name') or template['id']} version {template['version']}" if template else "no launch template"
    )


def faults(template: Mapping[str, Any] | None, option: str = "launch_template") -> checks.Faults:
    if template is None:
        return ()
    named = [template[key] for key in ("id", "name") if template.get(key)]
    version = template.get("version")
    found = []
    if len(named) != 1:
        cause = "names no template" if not named else "names the template twice"
        found.append(Fault(option, dict(template), cause, "Give either id or name"))
    if version != KNOWN_AFTER_APPLY and not (str(version or "").isdecimal() and int(str(version)) > 0):
        remedy = (
            "Give its number, such as the launch_template module's latest_version: an instance refresh can't roll back "
            "to $Latest or $Default, and does not see that what they stand for has changed"
        )
        found.append(Fault(f"{option}.version", version, "is not the number of a version", remedy))
    return tuple(found)
