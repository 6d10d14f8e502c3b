#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: http_probe
short_description: Send requests at a constant rate and log what clients see
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Stands for the clients of a web backend while something happens to it. Reads and writes are sent at a constant
    rate, whatever becomes of the ones before, so that a slow answer never hides a failure.
  - The name in O(url) is looked up again every O(dns_interval). A request tries the addresses in turn, as a browser
    does, going to the next one where a connection is refused or not made within O(connect_timeout). Once it is sent
    it is not tried again, so it fails exactly where a client would see a failure.
  - Most visitors come with a connection of their own; a share of the requests (O(reuse_share)) comes from ten
    clients an address who keep theirs, each asking in its turn. They are the ones who notice when a connection that
    worked dies.
  - Each request is a line of O(log) with the time it was due, how late it was sent, its duration, its outcome, the
    addresses that were tried and, where the answer has such headers, the instance and version that answered. A
    request that can't be sent within a second of its time is logged as C(not_sent); that is the prober's fault, not
    the stack's.
  - At the end each acknowledged write is looked for in the list at O(list_path), and what was written is deleted. A
    write that failed may have been carried out all the same; these are counted apart.
  - It runs until O(stop_file) is there, it gets SIGTERM or O(duration) has passed. Run it with C(async) and
    C(poll=0) to do something meanwhile.
  - It succeeds whatever it saw; M(ha_stack.aws.drill_report) judges.
options:
  url:
    description: Where the requests go, as V(http://goals-1.us-east-1.elb.amazonaws.com).
    type: str
    required: true
  validate_certs:
    description: Whether the certificate of an https URL must hold.
    type: bool
    default: true
  rate:
    description: Requests a second, at most 2000.
    type: float
    default: 200
  write_share:
    description: The share of requests that write, 0 to 1. Which ones is left to chance.
    type: float
    default: 0.1
  reuse_share:
    description: The share of requests that are sent over a connection used before, 0 to 1.
    type: float
    default: 0.5
  read_paths:
    description: What is read, each in its turn.
    type: list
    elements: str
    default: [/]
  read_status:
    description: The status code with which a read succeeds.
    type: int
    default: 200
  write_path:
    description: Where writes are posted. What is written is deleted at this path with a slash and its id.
    type: str
    default: /goals
  write_field:
    description: The field of the JSON object that is written, which holds a text that no other write has.
    type: str
    default: text
  write_status:
    description: The status code that acknowledges a write.
    type: int
    default: 201
  list_path:
    description:
      - The list of what was written, as JSON objects with O(write_field) and C(id). Further pages are found by the
        header Link (RFC 8288).
    type: str
    default: /goals?limit=1000
  instance_header:
    description: The header that names who answered.
    type: str
    default: X-Served-By
  version_header:
    description: The header that names the version that answered.
    type: str
    default: X-App-Version
  connect_timeout:
    description: Seconds after which the next address is tried.
    type: float
    default: 1
  request_timeout:
    description: Seconds after which a request that was sent has failed.
    type: float
    default: 5
  dns_interval:
    description: Seconds between two look-ups of the name. An answer is used for 60 seconds when there is no newer one.
    type: float
    default: 1
  duration:
    description: Seconds after which it stops by itself.
    type: float
    default: 3600
  stop_file:
    description: It stops when this file is there. It must not be there when it starts.
    type: path
  status_file:
    description:
      - A JSON file with what was seen so far, written once 20 requests in a row have succeeded and then every second
        (C(requests), C(failed), C(last_failed_at), C(succeeded_in_a_row) and others).
      - That it is there says that the probe runs and the stack answers.
    type: path
  log:
    description: The log, a file of JSON lines. One that is there is overwritten.
    type: path
    required: true
  read_back:
    description: Whether writes are looked for at the end.
    type: bool
    default: true
  read_back_timeout:
    description: Seconds that looking for them is tried again while it fails.
    type: float
    default: 60
  delete:
    description: Whether what was written and found is deleted at the end.
    type: bool
    default: true
attributes:
  check_mode:
    support: none
    description: It is skipped in check mode.
  diff_mode:
    support: none
    description: It leaves nothing changed but its own files.
seealso:
  - module: ha_stack.aws.stack_recorder
  - module: ha_stack.aws.drill_report
"""

EXAMPLES = r"""
- name: Clients at work
  ha_stack.aws.http_probe:
    url: http://{{ load_balancer.dns_name }}
    log: /tmp/drill/probe.jsonl
    status_file: /tmp/drill/probe.json
    stop_file: /tmp/drill/stop
  async: 1800
  poll: 0
  register: probe

- name: The stack answers them
  ansible.builtin.wait_for:
    path: /tmp/drill/probe.json
    timeout: 30

- name: (Something happens to the stack)
  ansible.builtin.pause:
    seconds: 60

- name: No more clients
  ansible.builtin.file:
    path: /tmp/drill/stop
    state: touch

- name: What they saw
  ansible.builtin.async_status:
    jid: "{{ probe.ansible_job_id }}"
  register: seen
  until: seen.finished
  retries: 60
  delay: 2
"""

RETURN = r"""
run:
  description: What the texts of this run's writes have in them, so that they can be told from others.
  type: str
  returned: success
  sample: 9f86d081
log:
  description: The log's path.
  type: str
  returned: success
requests:
  description: Requests sent.
  type: int
  returned: success
failed:
  description: Requests sent that failed for the client.
  type: int
  returned: success
not_sent:
  description: Requests that the prober could not send in time.
  type: int
  returned: success
succeeded_in_a_row:
  description: Requests that succeeded after the last one that failed.
  type: int
  returned: success
last_failed_at:
  description: When the last failed request was due, in seconds since 1970; null when none failed.
  type: float
  returned: success
writes_acknowledged:
  description: Writes that the stack acknowledged.
  type: int
  returned: success
lateness_max_seconds:
  description: The longest time by which a request was sent later than it was due.
  type: float
  returned: success
elapsed_seconds:
  description: How long requests were sent.
  type: float
  returned: success
cpu_share:
  description: The share of one processor that the prober used.
  type: float
  returned: success
read_back:
  description: What became of the writes. Empty without O(read_back).
  type: dict
  returned: success
  contains:
    acknowledged:
      description: Writes that were acknowledged.
      type: int
    lost:
      description: The texts of acknowledged writes that are not in the list.
      type: list
      elements: str
    unacknowledged_found:
      description: Writes that failed for the client and are in the list.
      type: int
    deleted:
      description: Items deleted.
      type: int
    not_deleted:
      description: Items of this run that are still there.
      type: int
    error:
      description: Why the list could not be read. What became of the writes is not known then.
      type: str
      returned: when the list could not be read
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.probing import faults, run
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError

OPTIONS = {
    "url": {"type": "str", "required": True},
    "validate_certs": {"type": "bool", "default": True},
    "rate": {"type": "float", "default": 200},
    "write_share": {"type": "float", "default": 0.1},
    "reuse_share": {"type": "float", "default": 0.5},
    "read_paths": {"type": "list", "elements": "str", "default": ["/"]},
    "read_status": {"type": "int", "default": 200},
    "write_path": {"type": "str", "default": "/goals"},
    "write_field": {"type": "str", "default": "text"},
    "write_status": {"type": "int", "default": 201},
    "list_path": {"type": "str", "default": "/goals?limit=1000"},
    "instance_header": {"type": "str", "default": "X-Served-By"},
    "version_header": {"type": "str", "default": "X-App-Version"},
    "connect_timeout": {"type": "float", "default": 1},
    "request_timeout": {"type": "float", "default": 5},
    "dns_interval": {"type": "float", "default": 1},
    "duration": {"type": "float", "default": 3600},
    "stop_file": {"type": "path"},
    "status_file": {"type": "path"},
    "log": {"type": "path", "required": True},
    "read_back": {"type": "bool", "default": True},
    "read_back_timeout": {"type": "float", "default": 60},
    "delete": {"type": "bool", "default": True},
}


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS)
    try:
        if found := faults(module.params):
            raise InvalidOptions(found)
        result = run(module.params)
    except StackError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
