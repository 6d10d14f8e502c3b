# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
name: faults
short_description: What is wrong with the options of a module, before it runs
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Gives every fault that a module of this collection would find in its options, without asking AWS anything.
  - A role uses it to refuse bad input before its first write, in the names of its own variables.
positional: module, variables
options:
  _input:
    description: The module's options, as a task would give them. Those left out have their defaults.
    type: dict
    required: true
  module:
    description: The module's short name.
    type: str
    required: true
  variables:
    description: From an option's name to the name of the variable that holds its value.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Refuse sizes that can't be
  ansible.builtin.assert:
    that: faults | length == 0
    fail_msg: "{{ faults | join('\n') }}"
  vars:
    faults: >-
      {{ {'name': 'goals', 'min_size': backend_min_size, 'max_size': backend_max_size}
         | ha_stack.aws.faults('autoscaling_group', {'min_size': 'backend_min_size', 'max_size': 'backend_max_size'}) }}
"""

RETURN = r"""
_value:
  description: One message a fault, naming the variable, its value, the cause and the remedy. Empty when all is well.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ha_stack.aws.plugins.plugin_utils.option_faults import option_faults


def faults(options: Mapping[str, Any], module: str, variables: Mapping[str, str] | None = None) -> list[str]:
    try:
        return option_faults(options, module, variables or {})
    except ModuleNotFoundError as error:
        raise AnsibleFilterError(f"ha_stack.aws.faults: there is no module {module!r}") from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"faults": faults}
