# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
name: website
short_description: A folder as the files of a website, its templates rendered
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Gives every file below a folder of the controller, with the headers that a web server is to send with it.
  - A file NAME.j2 is rendered, as M(ansible.builtin.template) does it, and is the file NAME.
options:
  _terms:
    description: The folder.
    type: list
    elements: path
    required: true
  uncached:
    description: Patterns of the files that browsers are to ask for again each time.
    type: list
    elements: str
    default: []
  max_age:
    description: Seconds that browsers may keep the others.
    type: int
    default: 0
  template_vars:
    description: Variables that templates see besides all others, and before them.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: What the website holds
  ansible.builtin.debug:
    msg: "{{ query('ha_stack.aws.website', '/srv/site', uncached=['*.html'], max_age=300) }}"
"""

RETURN = r"""
_raw:
  description:
    - Each file's C(key) (its path below the folder), C(content_type), C(cache_control), and its C(path), or the
      C(content) that was rendered, as M(ha_stack.aws.s3_website) takes its files.
  type: list
  elements: dict
"""

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.loader import lookup_loader
from ansible.plugins.lookup import LookupBase
from ansible_collections.ha_stack.aws.plugins.plugin_utils.website import website_files


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **options: Any) -> list[dict[str, str]]:
        self.set_options(var_options=variables, direct=options)
        template = lookup_loader.get("ansible.builtin.template", loader=self._loader, templar=self._templar)
        uncached, max_age = self.get_option("uncached"), self.get_option("max_age")
        seen = self.get_option("template_vars")

        def render(path: str) -> str:
            rendered: str = template.run([path], variables, template_vars=seen)[0]
            return rendered

        try:
            return [file for folder in terms for file in website_files(folder, render, uncached, max_age)]
        except OSError as error:
            raise AnsibleLookupError(f"ha_stack.aws.website: {error}") from error
