"""The state folder: region.json for whoever wants to know the region, secrets/ for who may, and the lock that tells a
running region from a killed one."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from local_region.settings import Settings

POLL = 0.05  # seconds between two looks at a condition


class AlreadyRunning(RuntimeError):
    """Another server holds this state folder."""


def prepare(settings: Settings) -> None:
    """Make the folder and its secrets/ (mode 0700)."""
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    settings.secrets_dir.mkdir(mode=0o700, exist_ok=True)
    settings.secrets_dir.chmod(0o700)


def read(state_dir: Path) -> dict[str, Any]:
    """What region.json says; empty when there is none."""
    try:
        content = json.loads((state_dir / "region.json").read_text())
    except FileNotFoundError:
        return {}
    return content if isinstance(content, dict) else {}


def update(state_dir: Path, fields: Mapping[str, Any]) -> None:
    """Set ``fields`` in region.json, whole or not at all."""
    content = {**read(state_dir), **fields}
    draft = state_dir / f"region.json.{os.getpid()}"
    draft.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")
    draft.replace(state_dir / "region.json")


def clear(state_dir: Path) -> None:
    """Forget the region; its log, its calls and its secrets stay."""
    (state_dir / "region.json").unlink(missing_ok=True)


def hold(state_dir: Path) -> IO[str]:
    """Take the folder's lock for this process. The kernel lets go of it when the process dies, however it dies."""
    lock = (state_dir / "region.lock").open("w")
    if not wait(lambda: _try_lock(lock), timeout=1):  # is_running holds it for a moment too
        lock.close()
        raise AlreadyRunning(f"a region is already running in {state_dir}")
    return lock


def is_running(state_dir: Path) -> bool:
    """Whether a living server holds the folder."""
    if not (state_dir / "region.lock").exists():
        return False
    with (state_dir / "region.lock").open("w") as lock:
        return not _try_lock(lock)


def _try_lock(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait(condition: Callable[[], bool], timeout: float) -> bool:
    """Await ``condition`` for at most ``timeout`` seconds; whether it came true."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True
