# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
name: image
short_description: A container image reference in its parts
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Takes a reference apart as Docker does.
options:
  _input:
    description: The image reference.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Where to log in
  ansible.builtin.debug:
    msg: "{{ ('registry.gitlab.example/goals/backend:1.0' | ha_stack.aws.image).registry }}"
"""

RETURN = r"""
_value:
  description: Its C(registry) (the host, C(docker.io) when none is named), C(repository), C(tag) and C(digest).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.ha_stack.aws.plugins.plugin_utils.inputs import parse_image


def image(reference: str) -> dict[str, str]:
    try:
        return parse_image(reference)._asdict()
    except ValueError as error:
        raise AnsibleFilterError(f"ha_stack.aws.image: {error}") from error


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"image": image}
