#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: http_answer
short_description: Wait until URLs answer as they are to
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Asks each URL with GET, and is content when all answer with a status, headers and content that are wanted.
  - Asks again, ever more rarely, until that is so. Fails with what it last saw when it isn't within O(wait_timeout).
  - Changes nothing.
options:
  requests:
    description: What to ask. All are asked again when one of them doesn't answer as it is to.
    type: list
    elements: dict
    required: true
    suboptions:
      url:
        description: The URL. Redirects are followed.
        type: str
        required: true
      validate_certs:
        description: Whether the certificate of an https URL has to be valid and have the URL's name.
        type: bool
        default: true
      headers:
        description: Headers to send.
        type: dict
        default: {}
      status:
        description: The statuses that are wanted.
        type: list
        elements: int
        default: [200]
      answer_headers:
        description: Headers that the answer has to have, with their values.
        type: dict
        default: {}
      md5:
        description: The MD5 of the content that is wanted, in hexadecimal digits.
        type: str
      count:
        description:
          - So many answers in a row have to be so, each over a connection of its own. Round robin shows every target.
        type: int
        default: 1
  timeout:
    description: How long an answer may take, in seconds.
    type: int
    default: 5
  wait_timeout:
    description: How long to ask again at most, in seconds.
    type: int
    default: 60
extends_documentation_fragment:
  - ha_stack.aws.common.watches
"""

EXAMPLES = r"""
- name: The load balancer passes requests on, to the new version alone
  ha_stack.aws.http_answer:
    requests:
      - url: http://goals-1234567890.us-east-1.elb.amazonaws.com/
        answer_headers: {X-App-Version: 1.1.0}
        count: 4
    wait_timeout: 120

- name: The page and its configuration are published
  ha_stack.aws.http_answer:
    requests:
      - url: http://goals.s3-website-us-east-1.amazonaws.com/index.html
        md5: 9b9af6945c95f1aa302a61acf75c9bd6
      - url: http://goals.s3-website-us-east-1.amazonaws.com/config.js
"""

RETURN = r"""
answers:
  description: The last answer of each request.
  type: list
  elements: dict
  returned: success
  contains:
    url:
      description: What was asked.
      type: str
    status:
      description: The answer's status.
      type: int
"""

import hashlib
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.urls import open_url
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.waiting import wait_until
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import TimedOut

LONGEST_DELAY = 2.0  # seconds between two rounds: a target group's health check takes a target in as quickly

REQUEST = {
    "url": {"type": "str", "required": True},
    "validate_certs": {"type": "bool", "default": True},
    "headers": {"type": "dict", "default": {}},
    "status": {"type": "list", "elements": "int", "default": [200]},
    "answer_headers": {"type": "dict", "default": {}},
    "md5": {"type": "str"},
    "count": {"type": "int", "default": 1},
}
OPTIONS = {
    "requests": {"type": "list", "elements": "dict", "required": True, "options": REQUEST},
    "timeout": {"type": "int", "default": 5},
    "wait_timeout": {"type": "int", "default": 60},
}


def fault(wanted: Mapping[str, Any], status: int, headers: Mapping[str, str], content: bytes) -> str | None:
    """Why this is not the answer that is wanted, in words, or None."""
    if status not in wanted["status"]:
        return f"status {status} instead of {' or '.join(map(str, wanted['status']))}"
    for name, value in wanted["answer_headers"].items():
        if headers.get(name) != str(value):
            return f"{name}: {headers.get(name, '(none)')} instead of {value}"
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if wanted["md5"] and found != wanted["md5"]:
        return f"{len(content)} bytes of other content (MD5 {found} instead of {wanted['md5']})"
    return None


def ask(wanted: Mapping[str, Any], timeout: int) -> tuple[int, str | None]:
    """One answer's status (0: none came) and fault."""
    try:
        try:
            answer = open_url(
                wanted["url"],
                headers=wanted["headers"],
                timeout=timeout,
                http_agent="ha_stack.aws",
                validate_certs=wanted["validate_certs"],
            )
        except HTTPError as error:  # an answer, too
            answer = error
        with answer:
            return answer.status, fault(wanted, answer.status, answer.headers, answer.read())
    except (OSError, HTTPException, ValueError) as error:
        return 0, str(getattr(error, "reason", "") or error or type(error).__name__)


def ask_all(params: Mapping[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    """The answers so far, and the first that isn't as it is to be."""
    answers = []
    for wanted in params["requests"]:
        for _ in range(max(wanted["count"], 1)):
            status, wrong = ask(wanted, params["timeout"])
            if wrong:
                return answers, f"GET {wanted['url']}: {wrong}"
        answers.append({"url": wanted["url"], "status": status})
    return answers, None


def main() -> None:
    module = AnsibleModule(argument_spec=OPTIONS, supports_check_mode=True)
    params = module.params
    try:
        answers, _ = wait_until(
            "answer", lambda: ask_all(params), lambda seen: seen[1], params["wait_timeout"], longest=LONGEST_DELAY
        )
    except TimedOut as error:
        module.fail_json(msg=error.told)
    module.exit_json(changed=False, answers=answers)


if __name__ == "__main__":
    main()
