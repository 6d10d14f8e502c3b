"""What the edge locations keep of answers, until it is too old or invalidated."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

Headers = list[tuple[str, str]]
DAY = 86400.0  # seconds that CachingOptimized keeps what says nothing of it


@dataclass(frozen=True)
class Answer:
    status: str
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass
class Cache:
    """By distribution and path. Every thread that answers a viewer uses it."""

    clock: Callable[[], float] = time.monotonic
    _kept: dict[tuple[str, str], tuple[float, Answer]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, distribution: str, path: str) -> Answer | None:
        with self._lock:
            until, answer = self._kept.get((distribution, path), (0.0, None))
        return answer if self.clock() < until else None

    def put(self, distribution: str, path: str, answer: Answer) -> None:
        """Keep it for as long as its Cache-Control allows."""
        seconds = _seconds(answer.header("cache-control"))
        if answer.status.startswith("200") and seconds:
            with self._lock:
                self._kept[distribution, path] = (self.clock() + seconds, answer)

    def invalidate(self, distribution: str, paths: list[str]) -> None:
        """A path that ends with an asterisk stands for all that begin as it does."""
        with self._lock:
            for id_, path in list(self._kept):
                if id_ == distribution and any(_meant(path, each) for each in paths):
                    del self._kept[id_, path]


def _seconds(cache_control: str) -> float:
    if re.search(r"\b(no-cache|no-store|private)\b", cache_control):
        return 0.0
    found = re.search(r"\bs-maxage=(\d+)", cache_control) or re.search(r"\bmax-age=(\d+)", cache_control)
    return float(found[1]) if found else DAY


def _meant(path: str, invalidated: str) -> bool:
    return path.startswith(invalidated[:-1]) if invalidated.endswith("*") else path == invalidated
