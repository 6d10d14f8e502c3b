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
    sessions: int = 0  # requests in flight
    passes: int = 0  # checks in a row that passed, up to those that it takes

    @property
    def up(self) -> bool:
        """Whether its checks pass; a server that gets no new requests may be up too."""
        return self.status.startswith(("UP", "DRAIN"))

    @property
    def verdict(self) -> str:
        return self.check.removeprefix("* ")


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
            (row["pxname"], row["svname"]): ServerStatus(
                row["status"],
                row["check_status"],
                row["check_code"],
                int(row["scur"] or 0),
                int(row["check_health"] or 0),
            )
            for row in csv.DictReader(io.StringIO(text))
            if row.get("svname")
        }

    def server_state(self) -> str:
        """What a reload needs to know the servers' health, for the state file."""
        return self.command("show servers state")

    def add(self, backend: str, server: str, words: str) -> None:
        """Add a server that gets nothing yet.

        Raises:
            ProxyError: HAProxy refused the definition.
        """
        answer = self.command(f"add server {backend}/{server} {words}")
        if "New server registered" not in answer:
            raise ProxyError(f"{backend}/{server} {words}: {answer.strip()}")

    def begin(self, backend: str, server: str, checked: bool) -> None:
        """Let a server that gets nothing have requests, a checked one once it passed a check. HAProxy takes a server
        that is enabled for healthy: it has no weight until it was told better."""
        name = f"{backend}/{server}"
        ready = f"set server {name} state ready"
        down = (f"enable health {name}", ready, f"set server {name} health down")
        commands = (f"set server {name} weight 0", *down, f"set server {name} weight 1") if checked else (ready,)
        self.command(*commands)

    def switch(self, backend: str, server: str, mode: str) -> None:
        """ "ready"; "drain": checked, but nothing new; "maint": neither. Requests in flight go on."""
        self.command(f"set server {backend}/{server} state {mode}")

    def remove(self, backend: str, server: str) -> bool:
        """Remove a server, with the requests that it still has; False while HAProxy isn't done with them."""
        name = f"{backend}/{server}"
        answer = self.command(
            f"set server {name} state maint", f"shutdown sessions server {name}", f"del server {name}"
        )
        return "Server deleted" in answer

    def mark_up(self, backend: str, server: str) -> None:
        """Let a server take traffic now, whatever its number of passes."""
        self.command(f"set server {backend}/{server} health up")
