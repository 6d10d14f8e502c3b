"""The region's record of API calls."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READS = ("Describe", "Get", "List", "Head", "Select", "Assume")


@dataclass
class Calls:
    """``calls.jsonl`` from a mark on."""

    path: Path
    offset: int = 0

    def mark(self) -> None:
        self.offset = self.path.stat().st_size

    def all(self) -> list[dict[str, Any]]:
        """Each call since the region is up."""
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def records(self) -> list[dict[str, Any]]:
        """Each call since the mark: time, service, action, status, ms, source, agent."""
        with self.path.open() as lines:
            lines.seek(self.offset)
            return [json.loads(line) for line in lines]

    def since(self) -> list[str]:
        """service:Action of each call since the mark."""
        return [f"{call['service']}:{call['action']}" for call in self.records()]

    def writes(self) -> list[str]:
        return [call for call in self.since() if not call.partition(":")[2].startswith(READS)]
