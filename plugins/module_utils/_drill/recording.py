# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Look at the stack's state again and again and write down what changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.log import Log, replace
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.state import (
    INSTANCE,
    State,
    by_kind,
    healthy,
    transitions,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import StackError

WATCH_EVERY = 0.2  # seconds between looks at the stop file


@dataclass
class Recorder:
    """``look`` reads the state; ``met`` is told the identifiers of instances that are seen for the first time."""

    look: Callable[[], State]
    met: Callable[[list[str]], None]
    log: Log
    interval: float
    duration: float
    stop_file: Path | None = None
    status_file: Path | None = None
    state: State = field(default_factory=dict)
    samples: int = 0
    blind: int = 0
    longest_gap: float = 0.0
    _seen: set[str] = field(default_factory=set)
    _stopped: bool = False
    _seen_at: float | None = None

    def stop(self) -> None:
        self._stopped = True

    def run(self) -> None:
        """Until told to stop. A look that AWS fails is written down, and the next one made all the same."""
        end = time.monotonic() + self.duration
        due = time.monotonic()
        while not self._over(end):
            self.sample()
            self.log.flush()
            due = max(due + self.interval, time.monotonic())
            while time.monotonic() < due and not self._over(end):
                time.sleep(WATCH_EVERY)

    def sample(self) -> None:
        try:
            state = self.look()
        except StackError as error:
            self.blind += 1
            self.log.write("blind", time.time(), cause=str(error))
            return
        at = time.time()  # what was read was so a moment before
        self.samples += 1
        self.longest_gap = max(self.longest_gap, at - (self._seen_at or at))
        self._seen_at = at
        for record in transitions(self.state, state):
            self.log.write("state", at, **record)
        self.state = state
        self._meet()
        self._tell(at)

    def _meet(self) -> None:
        new = sorted({identity for kind, identity in self.state if kind == INSTANCE} - self._seen)
        if new:
            try:
                self.met(new)
            except StackError as error:
                self.log.write("blind", time.time(), cause=str(error))
                return
            self._seen.update(new)

    def _tell(self, at: float) -> None:
        if self.status_file:
            replace(self.status_file, {"at": round(at, 3), "healthy": healthy(self.state), **by_kind(self.state)})

    def _over(self, end: float) -> bool:
        return self._stopped or time.monotonic() >= end or bool(self.stop_file and self.stop_file.exists())

    def facts(self) -> dict[str, Any]:
        return {
            "samples": self.samples,
            "samples_failed": self.blind,
            "longest_gap_seconds": round(self.longest_gap, 3),
        }
