"""The experiment's role: FIS does everything through AWS's API, with what the role's policies allow.

The API is called inside this process, past the network: who calls (a step of the region's loop) holds the API's lock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import unquote

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.botocore_stubber import BotocoreStubber

from local_region.control.backends import Backends
from local_region.control.fault_injection.errors import Failure
from local_region.control.fault_injection.permissions import Document, Request, allowed, trusts

SERVICE = "fis.amazonaws.com"
SERVICES = ("autoscaling", "ec2", "rds", "ssm")  # those that actions and targets call
ANY = ("*",)


def fault_of(iam: Any, arn: str, experiment: str) -> str | None:
    """Why FIS can't use the role for the experiment (its ARN), None when it can."""
    found = _find(iam, arn)
    if found is None:
        return f"The role {arn} does not exist."
    # AWS FIS User Guide, "Cross-service confused deputy prevention": what trust policies may ask for.
    source = {"aws:SourceAccount": [experiment.split(":")[4]], "aws:SourceArn": [experiment]}
    if not trusts(_document(found.assume_role_policy_document), SERVICE, source):
        return f"The role {arn} can't be assumed by {SERVICE}: its trust policy must allow that service sts:AssumeRole."
    return None


def _find(iam: Any, arn: str) -> Any:
    return next((role for role in iam.roles.values() if role.arn == arn), None)


def _document(policy: Any) -> Document:
    """A policy as moto keeps it: JSON, as it was sent or percent-encoded."""
    if isinstance(policy, Mapping):
        return policy
    document: Document = json.loads(policy if policy.lstrip().startswith("{") else unquote(policy))
    return document


def _current(policy: Any) -> Document:
    """A managed policy's default version."""
    return _document(next(version.document for version in policy.versions if version.is_default))


class Role:
    """``call`` is AWS's API as the experiment (its ARN) may use it."""

    def __init__(self, backends: Backends, arn: str, experiment: str) -> None:
        self.backends = backends
        self.arn = arn
        self.experiment = experiment

    def call(
        self, action: str, *, on: Sequence[str] = ANY, context: Mapping[str, Sequence[str]] | None = None, **asked: Any
    ) -> dict[str, Any]:
        """The whole answer (every page of it) of a call such as "ec2:StopInstances" ``on`` resources (ARNs).

        Raises:
            Failure: the role may not do it, or the service refuses.
        """
        self.require(action, on=on, context=context)
        service, _, operation = action.partition(":")
        client, name = _client(service, self.backends.ec2.region_name), xform_name(operation)
        try:
            if client.can_paginate(name):
                answer: dict[str, Any] = client.get_paginator(name).paginate(**asked).build_full_result()
                return answer
            answer = getattr(client, name)(**asked)
            return answer
        except ClientError as error:
            raise _failure(action, error) from error

    def require(
        self, action: str, *, on: Sequence[str] = ANY, context: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Raises Failure when the role's policies don't allow the action on every one of the resources."""
        identity, boundary = list(self._policies()), list(self._boundary())
        for resource in on:
            request = Request(action, resource, context or {})
            if not allowed(identity, request) or (boundary and not allowed(boundary, request)):
                session = f"assumed-role/{self.arn.rpartition('/')[2]}/{self.experiment.rpartition('/')[2]}"
                reason = f"User: arn:aws:sts::{self.arn.split(':')[4]}:{session} is not authorized to perform: {action}"
                remedy = f"a policy of the role {self.arn} must allow it"
                raise Failure("AuthorizationFailure", f"{reason} on resource: {resource}; {remedy}.")

    def _policies(self) -> Iterator[Document]:
        if fault := fault_of(self.backends.iam, self.arn, self.experiment):
            raise Failure("AuthorizationFailure", fault)
        role = _find(self.backends.iam, self.arn)
        yield from (_document(policy) for policy in role.policies.values())
        yield from (_current(policy) for policy in role.managed_policies.values())

    def _boundary(self) -> Iterator[Document]:
        role = _find(self.backends.iam, self.arn)
        arn = getattr(role, "permissions_boundary_arn", None)
        if arn in self.backends.iam.managed_policies:
            yield _current(self.backends.iam.managed_policies[arn])


def _failure(action: str, error: ClientError) -> Failure:
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    reason = f"{action} failed with {code}: {message}"
    if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
        return Failure("DependentServiceFailure", reason)
    return Failure("InvalidTarget" if "NotFound" in code else "ConfigurationFailure", reason)


def prepare(region: str) -> None:
    """Make the clients, which takes a moment, before an experiment needs them."""
    for service in SERVICES:
        _client(service, region)


@cache
def _session() -> Any:
    session = botocore.session.Session()
    session.set_config_variable("ignore_configured_endpoint_urls", True)
    return session


@cache
def _client(service: str, region: str) -> Any:
    """A client whose requests go to moto in this process."""
    client = _session().create_client(
        service,
        region_name=region,
        aws_access_key_id="fis",
        aws_secret_access_key="fis",
        config=Config(retries={"total_max_attempts": 1}),
    )
    to_moto = BotocoreStubber()
    to_moto.enabled = True
    client.meta.events.register("before-send", to_moto)
    return client
