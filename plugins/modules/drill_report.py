#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: drill_report
short_description: Judge a drill by its logs and write a report of it
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Reads the logs of M(ha_stack.aws.http_probe) and M(ha_stack.aws.stack_recorder), measures what clients saw and how
    the stack recovered, compares it with O(limits), and writes the result for people (O(html)) and for programs
    (O(json)).
  - The verdict is V(passed) when every limit was kept, V(failed) when one was not, and V(invalid) when the measurement
    says nothing of the stack. It does so when requests failed before the fault began, when none were made before or
    after it, when the prober stopped before a limit's time was over, was killed, or could not send more than 1 % of
    its requests.
  - A limit whose figure is not known is not kept.
  - The module succeeds whatever the verdict is; a task after it decides.
options:
  drill:
    description: The drill's name, as V(instance_crash).
    type: str
    required: true
  stack:
    description: The stack's name.
    type: str
    required: true
  what:
    description: What was done, in a sentence, as V(Instance i-0123456789abcdef0 in us-east-1a was stopped).
    type: str
    default: ""
  fault_at:
    description:
      - When the fault began, as C(2026-07-01T12:00:00Z) or in seconds since 1970. All times count from then.
      - Without, it is taken from the stack's log - the first action of an AWS FIS experiment, else the first zonal
        shift, else the first instance refresh.
    type: str
  fault_until:
    description:
      - When the fault was over, in the same forms. What is called during ends then, and requests that reach O(zone)
        later don't count.
      - Without, it is taken from the stack's log, where that tells it; of a zonal shift that was cancelled AWS doesn't.
    type: str
  zone:
    description: The Availability Zone that the drill is about, for C(last_request_in_zone_within).
    type: str
  probe_log:
    description: The log of M(ha_stack.aws.http_probe).
    type: path
    required: true
  stack_log:
    description: The log of M(ha_stack.aws.stack_recorder). Without, nothing is known of the stack but what clients saw.
    type: path
  limits:
    description:
      - What the drill may cost, by the limit's name. Requests count from the moment the fault began, by the time they
        were due; one that was under way then counts as due at that moment.
      - At most so many - V(failed_requests), V(failed_reads), V(failed_writes), V(failed_reads_of_root) (of V(/)),
        V(lost_writes) (acknowledged, and not there at the end).
      - At most so many seconds - V(last_failed_request_within), V(last_failed_read_within),
        V(last_failed_write_within) (kept as well when none failed), V(longest_outage) (failures at most a second apart
        are one outage), V(p99_after) (of the requests after the last failure and the fault's end, 99 % were answered
        in this time), V(recovered_within) (from then on there were as many healthy targets as the group desires),
        V(last_request_in_zone_within) (through the load balancer's node in O(zone) or by an instance in it).
      - At least so many - V(min_healthy) (healthy targets at any time since the fault began), V(healthy_at_end),
        V(instances_replaced).
      - At most - V(round_robin_within) (the largest distance of an instance's share of the requests before the fault
        from an even share, V(0.01) is one percent).
      - True or false - V(spread_over_zones) (the healthy targets at the end are in several zones, as evenly as can
        be), V(failed_over) (the database's primary is in another zone than before), V(standby_at_end) (the database is
        available and has a standby in another zone).
      - A text - V(version_at_end) (the version that answered last), V(only_version) (the only version that answered).
    type: dict
    default: {}
  facts:
    description: More to show in the report, by name.
    type: dict
    default: {}
  html:
    description: The page to write, one file that needs no other.
    type: path
  json:
    description: The JSON file to write. Times in it are seconds since the fault began, or UTC.
    type: path
attributes:
  check_mode:
    support: none
    description: It is skipped in check mode.
  diff_mode:
    support: none
    description: It writes the report and nothing else.
seealso:
  - module: ha_stack.aws.http_probe
  - module: ha_stack.aws.stack_recorder
"""

EXAMPLES = r"""
- name: What the crash cost
  ha_stack.aws.drill_report:
    drill: instance_crash
    stack: goals
    what: Instance {{ victim }} was terminated
    probe_log: /tmp/drill/probe.jsonl
    stack_log: /tmp/drill/stack.jsonl
    limits:
      last_failed_request_within: 11
      lost_writes: 0
      instances_replaced: 1
      recovered_within: 120
      spread_over_zones: true
    html: reports/instance_crash.html
    json: reports/instance_crash.json
  register: report

- name: The crash cost no more than it may
  ansible.builtin.assert:
    that: report.verdict == "passed"
    fail_msg: "{{ report.msg }}"
"""

RETURN = r"""
verdict:
  description: V(passed), V(failed) or V(invalid).
  type: str
  returned: success
msg:
  description: The drill in a few sentences, with each limit that was not kept, or why nothing can be said.
  type: str
  returned: success
summary:
  description: What clients saw, in a few sentences.
  type: str
  returned: success
limits:
  description: Each limit.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: Its name.
      type: str
    sentence:
      description: The limit and what was measured, for people.
      type: str
      sample: "last failed request after it began: 7.4 s; limit: at most 11 s"
    limit:
      description: Its value.
      type: raw
    measured:
      description: What was measured; null when that is not known, V(none) when there was nothing of the kind.
      type: raw
    unit:
      description: The unit of both, empty for numbers and texts.
      type: str
    comparison:
      description: V(at most), V(at least) or V(is).
      type: str
    passed:
      description: Whether it was kept.
      type: bool
figures:
  description: All figures, as in the JSON file.
  type: dict
  returned: success
invalid:
  description: Why the measurement says nothing.
  type: list
  elements: str
  returned: success
remarks:
  description: What else a reader should know.
  type: list
  elements: str
  returned: success
fault_at:
  description: When the fault began.
  type: str
  returned: success
  sample: "2026-07-01T12:00:00.000Z"
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.reporting import faults, run
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import InvalidOptions, StackError

OPTIONS = {
    "drill": {"type": "str", "required": True},
    "stack": {"type": "str", "required": True},
    "what": {"type": "str", "default": ""},
    "fault_at": {"type": "str"},
    "fault_until": {"type": "str"},
    "zone": {"type": "str"},
    "probe_log": {"type": "path", "required": True},
    "stack_log": {"type": "path"},
    "limits": {"type": "dict", "default": {}},
    "facts": {"type": "dict", "default": {}},
    "html": {"type": "path"},
    "json": {"type": "path"},
}


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS)
    try:
        if found := faults(module.params):
            raise InvalidOptions(found)
        result = run(module.params)
    except StackError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=bool(module.params["html"] or module.params["json"]), **result)


if __name__ == "__main__":
    main()
