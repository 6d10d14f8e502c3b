"""A control-plane-only region for the suite, and modules called as Ansible calls them, in this process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

import boto3
import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.ha_stack.aws.plugins.module_utils import _reconcile
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import waiting
from ansible_collections.ha_stack.aws.plugins.module_utils._aws.session import Session
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

from tests.support.ports import free_port

REPOSITORY = Path(__file__).parents[2]
READS = ("Describe", "Get", "List", "Head")
CREDENTIALS = {"region_name": "us-east-1", "aws_access_key_id": "local", "aws_secret_access_key": "local"}


def region_command(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "local_region", *arguments], cwd=REPOSITORY, check=True)


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of a region without data plane, whose delays are a tenth of the usual."""
    state = str(tmp_path_factory.mktemp("region"))
    port = str(free_port())
    options = ["--name", f"test{port}", "--port", port, "--imds-port", str(free_port()), "--time-scale", "0.1"]
    region_command("up", "--no-data-plane", "--state-dir", state, *options)
    yield f"http://127.0.0.1:{port}"
    region_command("down", "--state-dir", state)


@pytest.fixture(autouse=True)
def looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules look as often as the region's delays, a tenth of AWS's, call for."""
    monkeypatch.setattr(waiting, "LONGEST_DELAY", waiting.LONGEST_DELAY / 10)


@dataclass
class Aws:
    """Clients of the region. ``calls`` are the names of all operations called through them."""

    endpoint: str
    calls: list[str] = field(default_factory=list)
    _clients: dict[str, Any] = field(default_factory=dict)
    _making: Lock = field(default_factory=Lock)

    def __call__(self, service: str) -> Any:
        with self._making:  # boto3 makes clients in one thread at a time
            if service not in self._clients:
                client = boto3.client(service, endpoint_url=self.endpoint, **CREDENTIALS)
                client.meta.events.register("before-call", lambda model, **_: self.calls.append(model.name))
                self._clients[service] = client
            return self._clients[service]

    def writes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith(READS)]


@pytest.fixture
def aws(endpoint: str) -> Aws:
    return Aws(endpoint)


@dataclass
class Module:
    """A module of the collection: options in, result out, with the checks Ansible makes of options."""

    name: str
    aws: Aws

    def __call__(self, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        """The module's result. StackError where it fails, ValueError where Ansible would refuse the options."""
        resource = import_module(f"ansible_collections.ha_stack.aws.plugins.modules.{self.name}").RESOURCE
        validated = ArgumentSpecValidator({**_reconcile.COMMON_OPTIONS, **resource.options}).validate(options)
        if validated.error_messages:
            raise ValueError("; ".join(validated.error_messages))
        params = validated.validated_parameters
        session = Session(client=self.aws, wait=params["wait"], wait_timeout=params["wait_timeout"], params=params)
        result = _reconcile.reconcile(resource, session, params, check_mode=check_mode)
        json.dumps(result)  # what a module returns has JSON's types only
        return result


@pytest.fixture
def module(aws: Aws) -> Callable[[str], Module]:
    return lambda name: Module(name, aws)


def lasting(state: dict[str, Any]) -> dict[str, Any]:
    """Without what moves on by itself: RDS takes the first backup once an instance is there, an alarm is evaluated."""
    return {key: value for key, value in state.items() if key not in ("status", "state_value", "state_reason")}


@dataclass
class Lifecycle:
    """The twelve steps: check, do, check again and do again, for create, update and delete."""

    module: Module

    def __call__(
        self, create: dict[str, Any], update: dict[str, Any], delete: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """The results of create, update and delete, after the rules that hold for every module were checked."""
        return self.step(create), self.step(update), self.step({"state": "absent", **delete})

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        planned = self._without_writes(options, check_mode=True)
        done = self.module(**options)
        assert planned["changed"], f"check mode saw nothing to do: {options}"
        assert done["changed"]
        assert planned["diff"] == done["diff"], "the check-mode diff is the run's diff"
        assert planned["plan"] == done["plan"]
        for check_mode in (True, False):
            again = self._without_writes(options, check_mode=check_mode)
            assert not again["changed"], f"not idempotent (check_mode={check_mode}): {again['diff']}"
            assert lasting(again[self.module.name]) == lasting(done[self.module.name])
        return done

    def _without_writes(self, options: dict[str, Any], *, check_mode: bool) -> dict[str, Any]:
        self.module.aws.calls.clear()
        result = self.module(**options, check_mode=check_mode)
        assert self.module.aws.writes() == []
        return result


@pytest.fixture
def twelve_steps(aws: Aws) -> Callable[[str], Lifecycle]:
    return lambda name: Lifecycle(Module(name, aws))


__all__ = ["Aws", "Lifecycle", "Module", "StackError"]
