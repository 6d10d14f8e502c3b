# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the options make of a version: nested ones leave alone what they don't give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template import LaunchTemplate
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_nested import gives_way
from ansible_collections.ha_stack.aws.plugins.module_utils._model.launch_template_settings import LAUNCH_DATA, PARTS
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import UNSET


def whole(want: LaunchTemplate, have: LaunchTemplate) -> LaunchTemplate:
    """``want`` with the parts of nested options that it leaves alone, and without what can't stand beside it."""
    wanted, there = want.settings(), have.settings()
    gone = {option: PARTS[option].nothing for option in gives_way(wanted, there)}
    given = {
        option: part.whole(getattr(want, option), getattr(have, option) or part.nothing)
        for option, part in PARTS.items()
        if getattr(want, option) is not UNSET
    }
    return replace(want, **gone, **given)


def holds(have: LaunchTemplate, want: LaunchTemplate) -> bool:
    """Whether the version has every setting that is wanted."""
    return equal(have, whole(want, have))


def equal(have: LaunchTemplate, want: LaunchTemplate) -> bool:
    """Whether the version is what is wanted, made whole already: what that takes away would come back another time."""
    wanted, there = want.settings(), have.settings()
    return all(there.get(option) == wanted[option] for option in LAUNCH_DATA & wanted.keys())


def meant(want: LaunchTemplate, seen: Sequence[LaunchTemplate]) -> LaunchTemplate:
    """Of the default version and the newest: the one that has the wanted settings, or else what a new one is like."""
    default_first = sorted(seen, key=lambda each: each.version != each.default_version)
    return next((each for each in default_first if holds(each, want)), default_first[0])


def surplus(want: LaunchTemplate, have: LaunchTemplate, keep: int) -> bool:
    """Whether there are more versions than are kept, or will be with the one that this run makes."""
    return len(have.versions) + (not holds(have, want)) > keep
