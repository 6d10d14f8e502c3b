"""GetConsoleOutput: what the instance's boot printed, where moto answers the same sample for every instance."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.responses.general import General
from moto.ec2.utils import Base64EncodedString

from local_region.control.patching import around

KEPT = 64 * 1024  # bytes: "up to 64 KB of the most recent console output", as the API reference says
_folders: list[Path] = []


def read_from(folder: Path) -> None:
    """Where the plane keeps ``<instance id>/console.log``."""
    _folders[:] = [folder]


@around(General, "get_console_output")
def newest(original: Any, self: Any) -> Any:
    instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
    log = next((folder / instance.id / "console.log" for folder in _folders), None)
    answer = {"InstanceId": instance.id, "Timestamp": datetime.now(UTC)}
    if log is not None and log.exists() and (text := log.read_bytes()[-KEPT:]):
        answer["Output"] = Base64EncodedString.from_raw_string(text.decode(errors="replace"))
    return ActionResult(answer)
