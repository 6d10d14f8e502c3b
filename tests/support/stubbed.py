"""A module's session whose AWS is botocore's Stubber: every request is checked against the service's own model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from botocore.stub import Stubber


class InTurn(Session):
    """Makes its reads one after the other, since a Stubber expects calls in an order."""

    def together(self, *reads: Callable[[], Any]) -> list[Any]:
        return [read() for read in reads]


@contextmanager
def stubbed(service: str, **params: Any) -> Iterator[tuple[Session, Stubber]]:
    """A session and the stub behind it. What the stub was told to expect must have been called in the end."""
    client = boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stub:
        yield InTurn(client=lambda name: client, params=params, wait_timeout=params.get("wait_timeout", 0)), stub
        stub.assert_no_pending_responses()
