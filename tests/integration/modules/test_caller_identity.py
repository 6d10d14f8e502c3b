"""Whose credentials are in use, asked of the region."""

from __future__ import annotations

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.modules.caller_identity import seen


def test_the_caller_is_told(aws):
    told = seen(Session(aws))
    assert (told["account"], told["partition"]) == ("123456789012", "aws")
    assert told["arn"].startswith("arn:aws:")
    assert told["user_id"]
