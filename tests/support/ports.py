"""Ports that nothing listens on."""

from __future__ import annotations

import socket


def free_port(*addresses: str) -> int:
    """A port that is free on every one of ``addresses``, this machine's own address by default."""
    first, *others = addresses or ("127.0.0.1",)
    while True:
        with socket.create_server((first, 0)) as taken:
            port: int = taken.getsockname()[1]
        try:
            for address in others:
                socket.create_server((address, port)).close()
        except OSError:
            continue
        return port
