#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: caller_identity
short_description: Tell whose credentials are in use
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Asks the Security Token Service who the caller is. Every caller may ask this, whatever its policies say.
  - The first task of a play is a good place for it. Credentials that are missing or wrong and an endpoint that doesn't
    answer are told at once, with what to do about it.
  - Changes nothing.
options: {}
extends_documentation_fragment:
  - ha_stack.aws.common.watches
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Whose account this is
  ha_stack.aws.caller_identity:
  register: caller

- name: Refuse to work in another account
  ansible.builtin.assert:
    that: caller.caller_identity.account == '123456789012'
"""

RETURN = r"""
caller_identity:
  description: Who asks.
  type: dict
  returned: success
  contains:
    account:
      description: The account's id.
      type: str
      sample: "123456789012"
    arn:
      description: The user's or the assumed role's ARN.
      type: str
      sample: arn:aws:iam::123456789012:user/deploy
    partition:
      description: The part of AWS that the account is in, as it stands in ARNs.
      type: str
      sample: aws
    user_id:
      description: The caller's unique id.
      type: str
"""

from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.errors import explained
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import run_watcher

OPTIONS: dict[str, Any] = {}


def seen(session: Session) -> dict[str, str]:
    """Who the caller is. StackError where AWS doesn't say."""
    with explained("ask AWS who the caller is"):
        caller = session.client("sts").get_caller_identity()
    return {
        "account": caller["Account"],
        "arn": caller["Arn"],
        "partition": caller["Arn"].split(":")[1],
        "user_id": caller["UserId"],
    }


def main() -> None:
    run_watcher("caller_identity", OPTIONS, seen)


if __name__ == "__main__":
    main()
