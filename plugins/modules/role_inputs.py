#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: role_inputs
short_description: Refuse inputs of a role that can't be right
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Fails with every fault of a role's variables, in the names of the variables, before anything is written.
  - What is wrong is what the modules that will get the values would say, and what the O(rules) say. Neither asks AWS.
  - Only the variables' names are given. Their values are looked up, so that this costs as good as no time.
options:
  rules:
    description:
      - From a variable's name to what it has to be, a container image reference (V(image)), a port (V(port)), a URL
        (V(url)), environment variables (V(environment)), what a client connects to a database with (V(connection)), the
        ARN of a secret (V(secret_arn)) or something that is not empty (V(given)).
    type: dict
    default: {}
  modules:
    description: The modules of this collection that will get the values.
    type: list
    elements: dict
    default: []
    suboptions:
      module:
        description: The module's short name.
        type: str
        required: true
      variables:
        description:
          - From an option to the name of the variable that holds its value. V(a.b) is an option in an option,
            V(a[0\].b) one in a list's first item.
        type: dict
        default: {}
      options:
        description: Other options, as a task would give them. One of them stands where its variable is empty.
        type: dict
        default: {}
      names:
        description: From one of the other options to the variable that it comes from, for the messages.
        type: dict
        default: {}
  faults:
    description: Faults that were found in another way.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - ha_stack.aws.common.watches
attributes:
  action:
    support: full
    description: It runs on the controller.
"""

EXAMPLES = r"""
- name: Refuse sizes that can't be
  ha_stack.aws.role_inputs:
    rules:
      backend_port: port
    modules:
      - module: autoscaling_group
        variables: {name: backend_name, min_size: backend_min_size, max_size: backend_max_size}
        options:
          launch_template: {name: goals, version: 1}
          subnet_ids: [subnet-11111111, subnet-22222222]
"""

RETURN = r"""
faults:
  description: One message a fault, naming the variable, its value, the cause and the remedy.
  type: list
  elements: str
  returned: failure
"""
