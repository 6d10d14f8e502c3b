# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
name: bucket_settings
short_description: The settings of a bucket that make it a website
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Takes what M(amazon.aws.s3_bucket_info) tells apart, so that it can be compared with what is wanted.
options:
  _input:
    description: The C(buckets) of M(amazon.aws.s3_bucket_info), asked for all facts that are to be told.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: What the bucket is
  ansible.builtin.debug:
    msg: "{{ found.buckets | ha_stack.aws.bucket_settings }}"
"""

RETURN = r"""
_value:
  description:
    - C(encryption), C(object_ownership), C(policy), C(public_access_blocked), C(tags), C(versioning), C(website) of the
      first bucket. Empty when there is none.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.ha_stack.aws.plugins.plugin_utils.website import bucket_settings


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"bucket_settings": bucket_settings}
