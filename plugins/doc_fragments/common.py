# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """What every module of the collection has in common."""

    DOCUMENTATION = r"""
options:
  state:
    description:
      - Whether it should be there.
    type: str
    choices: [present, absent]
    default: present
  wait:
    description:
      - Wait until what was asked for is so; with O(state=absent), until it is gone.
      - V(false) starts what can be started at once. C(pending) then says what is left for the same task with V(true).
    type: bool
    default: true
  wait_timeout:
    description:
      - How long to wait at most, in seconds. What was last seen is in the message when it runs out.
      - A run that was cut short goes on where it stopped when the same task is run again.
    type: int
    default: 600
attributes:
  check_mode:
    support: full
    description: Says what a run would change, in full, and changes nothing.
  diff_mode:
    support: full
    description: Shows every setting that differs, the same in check mode as in the run.
"""

    TAGS = r"""
options:
  tags:
    description:
      - Tags, as a dictionary. Tags are left alone when this is not given; an empty dictionary removes them.
    type: dict
    aliases: [resource_tags]
  purge_tags:
    description:
      - Remove tags that O(tags) doesn't list.
    type: bool
    default: true
"""

    WATCHES = r"""
options: {}
attributes:
  check_mode:
    support: full
    description: It changes nothing in either mode.
  diff_mode:
    support: none
    description: It changes nothing.
"""
