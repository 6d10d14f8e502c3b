# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Logs as JSON lines: one object a line, each with ``kind`` and ``at`` (seconds since 1970)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO


class Log:
    """Lines are gathered and written by ``flush``, so that no request waits for the disk."""

    def __init__(self, path: Path) -> None:
        self._file: TextIO = path.open("w", encoding="utf-8")
        self._lines: list[str] = []

    def __enter__(self) -> Log:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.flush()
        self._file.close()

    def write(self, kind: str, at: float, **fields: Any) -> None:
        record = {"kind": kind, "at": round(at, 4), **fields}
        self._lines.append(json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n")

    def flush(self) -> None:
        if self._lines:
            self._file.write("".join(self._lines))
            self._file.flush()
            self._lines.clear()


def read(path: Path) -> Iterator[Mapping[str, Any]]:
    """The log's records. A last line that was cut short, as by a killed writer, is left out."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield json.loads(line)


def replace(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file that a reader only ever sees whole."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)
