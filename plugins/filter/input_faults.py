# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
name: input_faults
short_description: What is wrong with an input of a role
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Gives what is wrong with a value that one of the roles takes and no module checks.
positional: rule, variable
options:
  _input:
    description: The value.
    type: raw
    required: true
  rule:
    description:
      - What it has to be, a container image reference (V(image)), a port (V(port)), a URL (V(url)), environment
        variables (V(environment)), what a client connects to a database with (V(connection)) or the ARN of a
        secret (V(secret_arn)).
    type: str
    choices: [image, port, url, environment, connection, secret_arn]
    required: true
  variable:
    description: The name of the variable that holds it, for the messages.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Refuse an image that can't be pulled
  ansible.builtin.assert:
    that: backend_image | ha_stack.aws.input_faults('image', 'backend_image') | length == 0
"""

RETURN = r"""
_value:
  description: One message a fault, naming the variable, its value, the cause and the remedy. Empty when all is well.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ha_stack.aws.plugins.plugin_utils import inputs

RULES: dict[str, Callable[[Any, str], list[str]]] = {
    "image": inputs.image_faults,
    "port": inputs.port_faults,
    "url": inputs.url_faults,
    "environment": inputs.environment_faults,
    "connection": inputs.connection_faults,
    "secret_arn": inputs.secret_arn_faults,
}


def input_faults(value: Any, rule: str, variable: str) -> list[str]:
    if rule not in RULES:
        raise AnsibleFilterError(f"ha_stack.aws.input_faults: no rule {rule!r}; there are {', '.join(RULES)}")
    return RULES[rule](value, variable)


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"input_faults": input_faults}
