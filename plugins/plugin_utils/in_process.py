# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The fast path: a module runs in Ansible's own worker, instead of in a Python started, unpacked and filled for it.

Ansible imports a task's action plugin before it forks the worker that runs the task, so what is imported and loaded
here is there in every worker: the module, boto3, and the service models of what it calls. The module stays what it is:
it reads the same arguments and prints the same result, which Ansible's own code makes and takes apart.

Whatever uses a name that Ansible keeps for itself is in this file.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

from ansible.module_utils import basic
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.plugins.loader import filter_loader, test_loader
from ansible.utils.display import Display
from ansible_collections.ha_stack.aws.plugins.module_utils._aws import waiting

try:
    from ansible.vars.clean import remove_internal_keys
except ImportError:  # from 2.21 on a result does that itself
    remove_internal_keys = None

try:
    import botocore
    import botocore.session
except ImportError:  # the module itself says what is missing
    botocore = None

# From 2.19 on ansible-core has several ways to write arguments and results; this is the one of modules such as these.
PROFILE = "legacy"
WITH_PROFILES = hasattr(basic, "_ANSIBLE_PROFILE")


class InProcess(NormalAction):
    """An action that runs ``module`` in the worker where it may, and as Ansible runs any module where it may not.

    ``services`` are those that the module calls. Where ``tells_progress``, what it waits for is shown while it does, on
    standard error, so that what reads a callback's output is not disturbed.
    """

    module: ModuleType
    services: tuple[str, ...]
    tells_progress = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _load_template_plugins()
        for service in cls.services:
            load(service)

    def _execute_module(self, *args: Any, task_vars: Any = None, wrap_async: bool = False, **options: Any) -> Any:
        if wrap_async or not self._may_stay(task_vars or {}):
            return super()._execute_module(*args, task_vars=task_vars, wrap_async=wrap_async, **options)
        arguments = dict(self._task.args)
        self._update_module_args(self._task.action, arguments, task_vars)
        with self._environment(), _listening(self.tells_progress and not self._task.no_log):
            answer = run(self.module, arguments)
        result = self._parse_returned_data(answer, *([PROFILE] if WITH_PROFILES else []))
        if remove_internal_keys is None:
            result.remove_internal_keys()
            return result.as_result_dict(for_round_trip=True)
        remove_internal_keys(result)
        return result

    def _may_stay(self, variables: dict[str, Any]) -> bool:
        """Whether the module would run on this machine, as this user, with this Python."""
        python = self._templar.template(variables.get("ansible_python_interpreter", ""))
        return (
            self._connection.transport == "local"
            and not self._play_context.become
            and os.path.realpath(python or "") == os.path.realpath(sys.executable)
            and basic.boolean(self._templar.template(variables.get("ha_stack_in_process", True)))
        )

    @contextlib.contextmanager
    def _environment(self) -> Any:
        """The task's ``environment``, for as long as the module runs."""
        wanted: dict[str, str] = {}
        self._compute_environment_string(wanted)
        before = dict(os.environ)
        os.environ.update({name: str(value) for name, value in wanted.items()})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextlib.contextmanager
def _listening(to_progress: bool) -> Iterator[None]:
    """A worker's display is the parent's, who shows it at once."""
    before = waiting.listener
    if to_progress:
        waiting.listener = lambda progress: Display().display(progress, color="cyan", stderr=True)
    try:
        yield
    finally:
        waiting.listener = before


def run(module: ModuleType, arguments: dict[str, Any]) -> dict[str, Any]:
    """What the module, run with these arguments, answers: ``rc``, ``stdout`` and ``stderr``, as a command does."""
    gc.freeze()  # collecting what the worker inherited would copy it
    basic._ANSIBLE_ARGS = _encoded({"ANSIBLE_MODULE_ARGS": arguments})
    if WITH_PROFILES:
        basic._ANSIBLE_PROFILE = PROFILE
    out, err, code = io.StringIO(), io.StringIO(), 0
    handler = signal.getsignal(signal.SIGTERM)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), _inherited_session():
        try:
            module.main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except Exception:  # as where a Python of its own ends with it
            traceback.print_exc()
            code = 1
        finally:
            signal.signal(signal.SIGTERM, handler)
    return {"rc": code, "stdout": out.getvalue(), "stderr": err.getvalue()}


def _encoded(arguments: dict[str, Any]) -> bytes:
    if not WITH_PROFILES:
        from ansible.module_utils.common.json import AnsibleJSONEncoder

        return json.dumps(arguments, cls=AnsibleJSONEncoder).encode()
    from ansible.module_utils.common.json import Direction, get_module_encoder

    return json.dumps(arguments, cls=get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)).encode()


@cache
def _load_template_plugins() -> None:
    """Import what templates may use. Each worker would do it again: the process that forks them makes few templates."""
    for loader, any_name in ((filter_loader, "bool"), (test_loader, "failed")):
        loader.get(any_name)


@cache
def _session() -> Any:
    """A session for no call, whose loader of service models every session of this process gets, filled as it is."""
    session = botocore.session.Session()
    loader = session.get_component("data_loader")
    botocore.register_initializer(lambda session: session.register_component("data_loader", loader))
    SPARE.append(botocore.session.get_session())
    return session


# A session that nobody has used: it has read no environment, no configuration and no credentials. Every worker has its
# own copy and takes it for its first session; making one anew registers a hundred handlers.
SPARE: list[Any] = []


@contextlib.contextmanager
def _inherited_session() -> Iterator[None]:
    if not SPARE:
        yield
        return
    usual = botocore.session.get_session
    botocore.session.get_session = lambda *given: SPARE.pop() if SPARE and not given else usual(*given)
    try:
        yield
    finally:
        botocore.session.get_session = usual


@cache
def load(service: str) -> None:
    """Read the service's model: an unused client fills the loader. With keys given it looks for no credentials."""
    if botocore is not None:
        keys = {"aws_access_key_id": "unused", "aws_secret_access_key": "unused"}
        _session().create_client(service, region_name="us-east-1", **keys)
