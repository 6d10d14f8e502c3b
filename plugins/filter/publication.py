# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
name: publication
short_description: What makes a bucket hold a website
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Compares the files that a bucket is to hold with those it holds, content and headers.
positional: found
options:
  _input:
    description: What P(ha_stack.aws.website#lookup) gave.
    type: list
    elements: dict
    required: true
  found:
    description: The C(object_info) of M(amazon.aws.s3_object_info).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: What to do
  ansible.builtin.debug:
    msg: "{{ wanted | ha_stack.aws.publication(found.object_info) }}"
"""

RETURN = r"""
_value:
  description: The files to C(upload) and the keys to C(remove).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.ha_stack.aws.plugins.plugin_utils.website import publication


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"publication": publication}
