# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
name: website_host
short_description: The host of an S3 website
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - The DNS name under which S3 serves a bucket as a website, in the form that its region has.
positional: region
options:
  _input:
    description: The bucket's name.
    type: str
    required: true
  region:
    description: The bucket's region.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Where the page will be
  ansible.builtin.debug:
    msg: "http://{{ 'goals-frontend' | ha_stack.aws.website_host('us-east-1') }}/"
"""

RETURN = r"""
_value:
  description: The host, as C(goals-frontend.s3-website-us-east-1.amazonaws.com).
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.s3_website import website_host


class FilterModule:
    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"website_host": website_host}
