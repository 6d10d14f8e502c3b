# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The addresses of a name, asked for again and again, as clients do when a record's time to live runs out."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# A load balancer's records live for 60 s; a client whose name server is silent may use them that long.
LONGEST_USE = 60.0  # seconds


def lookup(host: str, port: int) -> tuple[str, ...]:
    """What this machine's resolver says now, sorted; OSError where it says nothing."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(sorted({str(each[4][0]) for each in found}))


@dataclass
class Names:
    """The addresses of ``host``, and whom to try first: each in turn."""

    host: str
    port: int
    interval: float = 1.0
    changed: Callable[[tuple[str, ...], str], None] = lambda addresses, cause: None
    resolve: Callable[[str, int], tuple[str, ...]] = lookup
    addresses: tuple[str, ...] = ()
    _known_at: float = field(default=float("-inf"))
    _told: tuple[tuple[str, ...], str] | None = None

    async def follow(self) -> None:
        """Look again every ``interval`` seconds, in a thread: a slow name server holds nothing else up."""
        while True:
            await self.look()
            await asyncio.sleep(self.interval)

    async def look(self) -> None:
        """``changed`` is called with the addresses and, where the name server gave none, the cause."""
        cause = ""
        try:
            found = await asyncio.get_running_loop().run_in_executor(None, self.resolve, self.host, self.port)
        except OSError as error:
            cause = str(error)
            found = self.addresses if time.monotonic() - self._known_at < LONGEST_USE else ()
        else:
            self._known_at = time.monotonic()
        self.addresses = found
        if (found, cause) != self._told:
            self._told = (found, cause)
            self.changed(found, cause)

    def order(self, turn: int) -> tuple[str, ...]:
        """Every address, the one whose turn it is first."""
        if not self.addresses:
            return ()
        first = turn % len(self.addresses)
        return self.addresses[first:] + self.addresses[:first]
