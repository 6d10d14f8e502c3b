"""Clients that ask all the time while a test does something."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator

from tests.plane import site

PAUSE = 0.01  # seconds between two requests of a client


class Load:
    """To each of ``nodes`` one client that keeps its connection and one that makes a new one a request; ``failures``
    is what was no 200, with the time, ``served`` who answered."""

    def __init__(self, *nodes: str) -> None:
        self.answers = 0
        self.failures: list[tuple[float, object]] = []
        self.served: dict[str, float] = {}  # body -> when it was seen last
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(node, keep))
            for node in nodes or site.ALB_PUBLIC
            for keep in (True, False)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, node: str, keep: bool) -> None:
        for began, status, body in self._answers(node, keep):
            with self._lock:
                self.answers += 1
                self.served[body] = time.monotonic()
                if status != 200:
                    self.failures.append((began, status))

    def _answers(self, node: str, keep: bool) -> Iterator[tuple[float, int, str]]:
        connection = http.client.HTTPConnection(node, 80, timeout=12)
        while not self._stop.wait(PAUSE):
            began = time.monotonic()
            try:
                connection.request("GET", "/")
                response = connection.getresponse()
                yield began, response.status, response.read().decode().strip()
            except (OSError, http.client.HTTPException) as error:
                self.failures.append((began, repr(error)))
                connection.close()
            if not keep:
                connection.close()
        connection.close()
