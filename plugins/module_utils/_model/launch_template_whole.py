# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the options make of a version: nested ones leave alone what they don't give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template import LAUNCH_DATA, LaunchTemplate
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET


def whole(want: LaunchTemplate, have: LaunchTemplate) -> LaunchTemplate:
    """``want`` with the parts of nested options that it leaves alone."""
    return replace(
        want,
        metadata_options=_merged(have.metadata_options, want.metadata_options),
        volumes=_volumes(want.volumes, have.volumes),
    )


def holds(have: LaunchTemplate, want: LaunchTemplate) -> bool:
    """Whether the version has every setting that is wanted."""
    wanted, there = whole(want, have).settings(), have.settings()
    return all(there.get(option) == wanted[option] for option in LAUNCH_DATA & wanted.keys())


def meant(want: LaunchTemplate, seen: Sequence[LaunchTemplate]) -> LaunchTemplate:
    """Of the default version and the newest: the one that has the wanted settings, or else what a new one is like."""
    default_first = sorted(seen, key=lambda each: each.version != each.default_version)
    return next((each for each in default_first if holds(each, want)), default_first[0])


def _merged(have: Mapping[str, Any], want: Any) -> Any:
    return UNSET if want is UNSET else {**have, **want}


def _volumes(want: Any, have: Sequence[Mapping[str, Any]]) -> Any:
    if want is UNSET:
        return UNSET
    there = {volume["device_name"]: volume for volume in have}
    return tuple(_volume(volume, there.get(volume["device_name"], {})) for volume in want)


def _volume(want: Mapping[str, Any], have: Mapping[str, Any]) -> dict[str, Any]:
    """What a volume's performance may be depends on its type, so that a new type begins without the old figures."""
    changed = want.get("type") != have.get("type")
    dropped = {"iops", "throughput"} if changed else set()
    if want.get("encrypted") is False:
        dropped.add("kms_key_id")
    return {**{option: value for option, value in have.items() if option not in dropped}, **want}
