#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: stack_recorder
short_description: Log how the state of a stack changes, and what AWS says it did
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Reads an Auto Scaling Group, the health of its targets and a database again and again, and logs what changed
    since the look before. Its target groups and load balancers are found through the group.
  - At the end the log gets what AWS's own histories tell of the time since the start - scaling activities, instance
    refreshes, RDS events, the actions of FIS experiments and zonal shifts. A history that can't be read is logged
    as unknown with the cause, and the rest is read all the same.
  - A look takes one call for the group, one a target group and one for the database, side by side.
  - It runs until O(stop_file) is there, it gets SIGTERM or O(duration) has passed. Run it with C(async) and
    C(poll=0) to do something meanwhile.
options:
  autoscaling_group:
    description: The name of the group.
    type: str
    required: true
  db_instance:
    description: The identifier of the database. No database is watched when this is not given.
    type: str
  interval:
    description: Seconds from one look to the next.
    type: float
    default: 2
  duration:
    description: Seconds after which it stops by itself.
    type: float
    default: 3600
  stop_file:
    description: It stops when this file is there. It must not be there when it starts.
    type: path
  status_file:
    description:
      - A JSON file with what was last seen, written after each look - C(at), C(healthy) (how many targets are), and
        C(instance), C(database) and C(group) with the fields of each by its identifier.
    type: path
  log:
    description: The log, a file of JSON lines. One that is there is overwritten.
    type: path
    required: true
attributes:
  check_mode:
    support: none
    description: It is skipped in check mode.
  diff_mode:
    support: none
    description: It leaves nothing changed but its own files.
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: ha_stack.aws.http_probe
  - module: ha_stack.aws.drill_report
"""

EXAMPLES = r"""
- name: A record of the stack
  ha_stack.aws.stack_recorder:
    autoscaling_group: goals
    db_instance: goals
    log: /tmp/drill/stack.jsonl
    status_file: /tmp/drill/stack.json
    stop_file: /tmp/drill/stop
  async: 1800
  poll: 0
  register: recorder

- name: Both instances take requests
  ansible.builtin.command: cat /tmp/drill/stack.json
  register: stack
  changed_when: false
  until: stack.rc == 0 and (stack.stdout | from_json).healthy == 2
  retries: 60
  delay: 2
"""

RETURN = r"""
log:
  description: The log's path.
  type: str
  returned: success
samples:
  description: How often the state was read.
  type: int
  returned: success
samples_failed:
  description: How often it could not be read.
  type: int
  returned: success
longest_gap_seconds:
  description: The longest time between two looks that succeeded. What came and went in it may be missing.
  type: float
  returned: success
events:
  description: How many events AWS's histories told.
  type: int
  returned: success
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session, clients
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.stack_recorder import faults, run
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError

OPTIONS = {
    "autoscaling_group": {"type": "str", "required": True},
    "db_instance": {"type": "str"},
    "interval": {"type": "float", "default": 2},
    "duration": {"type": "float", "default": 3600},
    "stop_file": {"type": "path"},
    "status_file": {"type": "path"},
    "log": {"type": "path", "required": True},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=OPTIONS)
    try:
        if found := faults(module.params):
            raise InvalidOptions(found)
        result = run(Session(client=clients(module), params=module.params), module.params)
    except StackError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
