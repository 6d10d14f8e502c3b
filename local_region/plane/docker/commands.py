"""Systems Manager's agents: each command is run once, by root, in its instance.

As on AWS an agent fetches its commands from the service's endpoint, through whatever way out its subnet has: without
one a command waits.
"""

from __future__ import annotations

import logging
import threading
import time

from docker.errors import DockerException

from local_region.plane.docker.engine import Engine, EngineError
from local_region.plane.docker.instances import KIND
from local_region.plane.docker.layout import EDGE
from local_region.world import Command, CommandResult, World

log = logging.getLogger(__name__)

PERIOD = 1.0  # seconds between two attempts of an agent to reach the service
FETCH = ["timeout", "2", "bash", "-c", f"exec 3<>/dev/tcp/{EDGE}/443"]
FOLDER = "/var/lib/amazon/ssm/{instance}/document/orchestration/{command}/awsrunShellScript/0.awsrunShellScript"
# $0 the script, $1 its working directory, $2 its time. The shell's process group is the script's: to be killed by.
RUN = 'echo $$ > "$0.pid"; cd "$1" && exec timeout --signal KILL "$2" sh "$0"'
KILL = 'kill -s KILL -- "-$(cat "$0.pid")"'
KILLED = 137  # the exit code of a process that died of SIGKILL
KEPT = 100_000  # bytes of each stream


class Run:
    """A command on its instance: a thread that ends with the script."""

    def __init__(self, engine: Engine, command: Command) -> None:
        folder = FOLDER.format(instance=command.instance_id, command=command.id)
        self.result: CommandResult | None = None
        self._engine = engine
        self._command = command
        self._script = f"{folder}/_script.sh"
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"command-{command.id}", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Don't begin, or kill the script."""
        self._unwanted.set()
        threading.Thread(target=self._kill, name=f"cancel-{self._command.id}", daemon=True).start()

    def _kill(self) -> None:
        """Until it is dead: it may be about to begin."""
        while self._thread.is_alive():
            try:
                self._engine.run(KIND, self._command.instance_id, ["sh", "-c", KILL, self._script])
            except (EngineError, DockerException) as error:
                log.debug("command %s isn't there to be killed: %s", self._command.id, error)
            self._thread.join(PERIOD)

    def _run(self) -> None:
        while not self._unwanted.is_set():
            try:
                self._engine.run(KIND, self._command.instance_id, FETCH)
                break
            except (EngineError, DockerException) as error:
                log.debug("the agent of %s has no command yet: %s", self._command.instance_id, error)
                self._unwanted.wait(PERIOD)
        if not self._unwanted.is_set():
            self.result = CommandResult("running")
            self._carry_out()

    def _carry_out(self) -> None:
        """An instance that goes off meanwhile never tells the outcome: the service's own patience ends then."""
        command, began = self._command, time.monotonic()
        words = ["sh", "-c", RUN, self._script, command.working_directory, str(command.timeout)]
        try:
            self._engine.put(KIND, command.instance_id, {self._script: (command.script.encode(), 0o700)})
            done = self._engine.execute(KIND, command.instance_id, words, user="root", keep=KEPT)
        except (EngineError, DockerException) as error:
            log.warning("command %s on %s has no outcome: %s", command.id, command.instance_id, error)
            return
        late = done.code == KILLED and time.monotonic() - began >= command.timeout
        out, err = (stream.decode(errors="replace") for stream in (done.stdout, done.stderr))
        self.result = (
            CommandResult("timed out", None, out, err) if late else CommandResult("exited", done.code, out, err)
        )


class Commands:
    """All commands of a region."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._runs: dict[tuple[str, str], Run] = {}

    def reconcile(self, world: World) -> None:
        """Begin what is new, end what is no longer wanted."""
        wanted = {(command.id, command.instance_id): command for command in world.commands}
        with self._lock:
            unwanted = [self._runs.pop(key) for key in self._runs.keys() - wanted.keys()]
            for key in wanted.keys() - self._runs.keys():
                self._runs[key] = Run(self._engine, wanted[key])
        for run in unwanted:
            run.cancel()

    def results(self) -> dict[tuple[str, str], CommandResult]:
        """(command id, instance id) -> what is known of it, once its agent has it."""
        with self._lock:
            return {key: run.result for key, run in self._runs.items() if run.result}
