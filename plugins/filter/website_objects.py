# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
name: website_objects
short_description: A folder as the objects of an S3 website
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Every file below a folder of the controller, as the object that S3 is to hold.
positional: uncached, max_age
options:
  _input:
    description: The folder.
    type: path
    required: true
  uncached:
    description: Patterns of the keys that browsers are to ask for again each time.
    type: list
    elements: str
    required: true
  max_age:
    description: Seconds that browsers may keep the others.
    type: int
    required: true
"""

EXAMPLES = r"""
- name: What the bucket is to hold
  ansible.builtin.debug:
    msg: "{{ '/srv/site' | ha_stack.aws.website_objects(['*.html'], 300) }}"
"""

RETURN = r"""
_value:
  description: Each file's C(key), C(path), C(etag), C(content_type) and C(cache_control).
  type: list
  elements: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.ha_stack.aws.plugins.plugin_utils.website import website_objects


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"website_objects": website_objects}
