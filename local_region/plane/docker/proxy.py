"""A running HAProxy, through its runtime API's socket."""

from __future__ import annotations

import csv
import io
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 5.0  # seconds until a proxy that doesn't answer counts as gone


class ProxyError(RuntimeError):
    """The proxy refused a command, or doesn't answer."""


@dataclass(frozen=True)
class ServerStatus:
    """What a node knows of a server. ``check`` is HAProxy's word for the last check (L7OK, L7STS, L4TOUT, ...); it is
    empty before the first and starts with "* " while one is under way."""

    status: str
    check: str
    code: str

    @property
    def up(self) -> bool:
        return self.status.startswith("UP")

    @property
    def in_maintenance(self) -> bool:
        return self.status.startswith("MAINT")


class Proxy:
    def __init__(self, socket_path: Path) -> None:
        self._path = socket_path

    def command(self, *commands: str) -> str:
        """Run commands in one go; return what they say.

        Raises:
            ProxyError: nobody listens.
        """
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(TIMEOUT)
                connection.connect(str(self._path))
                connection.sendall((";".join(commands) + "\n").encode())
                return b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        except OSError as error:
            raise ProxyError(f"the proxy at {self._path} doesn't answer: {error}") from error

    def pid(self) -> int:
        """The worker's process id: another one after a reload."""
        info = dict(line.split(": ", 1) for line in self.command("show info").splitlines() if ": " in line)
        return int(info["Pid"])

    def servers(self) -> Mapping[tuple[str, str], ServerStatus]:
        """(backend, server) -> status."""
        text = self.command("show stat -1 4 -1").removeprefix("# ")
        return {
            (row["pxname"], row["svname"]): ServerStatus(row["status"], row["check_status"], row["check_code"])
            for row in csv.DictReader(io.StringIO(text))
            if row.get("svname")
        }

    def server_state(self) -> str:
        """What a reload needs to know the servers' health, for the state file."""
        return self.command("show servers state")

    def add(self, backend: str, server: str, words: str) -> None:
        """Add a server. A checked one counts as down until it passed a check.

        Raises:
            ProxyError: HAProxy refused the definition.
        """
        name = f"{backend}/{server}"
        commands = [f"add server {name} {words}"]
        if " check " in words:
            commands += [f"enable health {name}", f"enable server {name}", f"set server {name} health down"]
        else:
            commands += [f"enable server {name}"]
        answer = self.command(*commands)
        if "New server registered" not in answer:
            raise ProxyError(f"{name} {words}: {answer.strip()}")

    def retire(self, backend: str, server: str) -> bool:
        """Give a server nothing new, and remove it once it has no connection any more; True when it is gone."""
        name = f"{backend}/{server}"
        answer = self.command(f"set server {name} state maint", f"del server {name}")
        return "Server deleted" in answer

    def mark_up(self, backend: str, server: str) -> None:
        """Let a server take traffic now, whatever its number of passes."""
        self.command(f"set server {backend}/{server} health up")
