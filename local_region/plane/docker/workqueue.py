"""Keyed work, level-triggered: a key that is added again while it is worked on is worked on once more afterwards."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable

log = logging.getLogger(__name__)

FIRST_DELAY, LAST_DELAY = 0.2, 10.0  # seconds between attempts at a key that fails


class NotReady(Exception):
    """What the work needs isn't there yet: try again soon, nothing is wrong."""


class WorkQueue:
    """A few threads that call ``work(key)``, never two for one key at a time; a failure is logged and tried again
    later."""

    def __init__(self, work: Callable[[Hashable], None], threads: int) -> None:
        self._work = work
        self._condition = threading.Condition()
        self._due: dict[Hashable, float] = {}
        self._busy: set[Hashable] = set()
        self._failures: dict[Hashable, int] = {}
        self._closed = False
        self._threads = [threading.Thread(target=self._run, name=f"plane-{n}", daemon=True) for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def add(self, key: Hashable, delay: float = 0.0) -> None:
        """Have ``key`` worked on in ``delay`` seconds; an earlier appointment stands."""
        with self._condition:
            due = time.monotonic() + delay
            if not self._closed and due < self._due.get(key, float("inf")):
                self._due[key] = due
                self._condition.notify_all()

    def close(self) -> None:
        """Finish the work at hand and begin none."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        for thread in self._threads:
            thread.join()

    def _next(self) -> Hashable | None:
        """Wait for the next key that is due and that nobody works on; None when the queue closes."""
        with self._condition:
            while not self._closed:
                free = [(due, key) for key, due in self._due.items() if key not in self._busy]
                due, key = min(free, key=lambda entry: entry[0], default=(float("inf"), None))
                wait = due - time.monotonic()
                if wait <= 0:
                    del self._due[key]
                    self._busy.add(key)
                    return key
                self._condition.wait(min(wait, 3600.0))
        return None

    def _run(self) -> None:
        while (key := self._next()) is not None:
            delay = self._attempt(key)
            with self._condition:
                self._busy.discard(key)
                self._condition.notify_all()
            if delay is not None:
                self.add(key, delay)

    def _attempt(self, key: Hashable) -> float | None:
        """Seconds until the next attempt, None after a success."""
        try:
            self._work(key)
        except NotReady as reason:
            log.debug("%s waits: %s", key, reason)
            return FIRST_DELAY
        except Exception as error:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
            log.warning("%s failed (attempt %d): %s", key, failures, error, exc_info=failures == 1)
            return float(min(FIRST_DELAY * 2 ** (failures - 1), LAST_DELAY))
        self._failures.pop(key, None)
        return None
