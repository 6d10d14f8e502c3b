# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
name: previous_version
short_description: The launch template version that an Auto Scaling Group had before
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - The newest version below the one that the group launches whose instance refresh succeeded. A version that was made
    and never refreshed to, such as a canary's that was called off, is not it.
  - The first version, which a group is made with, where AWS knows of a refresh to each one since. AWS remembers
    refreshes for six weeks.
options:
  _input:
    description: The group, as M(ha_stack.aws.autoscaling_group_info) returns it, with all its refreshes.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: The group with all its refreshes
  ha_stack.aws.autoscaling_group_info:
    names: [goals]
    refreshes: 100
  register: found

- name: What a rollback goes back to
  ansible.builtin.debug:
    msg: "{{ found.autoscaling_groups | first | ha_stack.aws.previous_version }}"
"""

RETURN = r"""
_value:
  description: The version's number.
  type: int
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

FIRST = 1  # what a group is made with needs no refresh


def previous_version(group: Mapping[str, Any]) -> int:
    now = (group["launch_template"] or {}).get("version")
    if now is None:
        raise AnsibleFilterError(f"ha_stack.aws.previous_version: group {group['name']} has no launch template.")
    ended: dict[int, str] = {}
    for refresh in group["refreshes"]:  # the newest first
        if refresh["launch_template_version"] is not None:
            ended.setdefault(int(refresh["launch_template_version"]), refresh["status"])
    proven = [version for version, status in ended.items() if status == "Successful" and version < now]
    if proven:
        return max(proven)
    if now > FIRST and set(ended) >= set(range(FIRST + 1, now + 1)) and FIRST not in ended:
        return FIRST
    raise AnsibleFilterError(
        f"ha_stack.aws.previous_version: group {group['name']} launches version {now} of its launch template, "
        "and no version before it has proved itself. Name one."
    )


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"previous_version": previous_version}
