"""Keyed work, level-triggered: a key that is added again while it is worked on is worked on once more afterwards."""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable, Hashable

log = logging.getLogger(__name__)

FIRST_DELAY, LAST_DELAY = 0.2, 10.0  # seconds between attempts at a key that fails


class NotReady(Exception):
    """What the work needs isn't there yet: try again soon, nothing is wrong."""


class WorkQueue:
    """A few threads that call ``work(key)``, never two for one key at a time; a failure is logged and tried again later."""

    def __init__(self, work: Callable[[Hashable], None], threads: int) -> None:
        self._work = work
        self._condition = threading.Condition()
        self._due: dict[Hashable, float] = {}
        self._heap: list[tuple[float, int, Hashable]] = []
        self._busy: set[Hashable] = set()
        self._failures: dict[Hashable, int] = {}
        self._number = 0
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
                self._number += 1
                heapq.heappush(self._heap, (due, self._number, key))
                self._condition.notify()

    def close(self) -> None:
        """Finish the work at hand and begin none."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        for thread in self._threads:
            thread.join()

    def _next(self) -> Hashable | None:
        with self._condition:
            while not self._closed:
                wait = self._take_stale()
                if wait is None:
                    _, _, key = heapq.heappop(self._heap)
                    del self._due[key]
                    self._busy.add(key)
                    return key
                self._condition.wait(wait)
        return None

    def _take_stale(self) -> float | None:
        """Drop entries that were superseded; None when the first is due, else seconds to wait."""
        now = time.monotonic()
        while self._heap:
            due, number, key = self._heap[0]
            if self._due.get(key) != due:
                heapq.heappop(self._heap)
            elif key in self._busy:
                heapq.heappop(self._heap)
                self._due[key] = now + 0.05
                heapq.heappush(self._heap, (now + 0.05, number, key))
            else:
                return None if due <= now else due - now
        return 3600.0

    def _run(self) -> None:
        while (key := self._next()) is not None:
            delay = self._attempt(key)
            with self._condition:
                self._busy.discard(key)
                self._condition.notify()
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
