"""The backend's settings, from environment variables.

The database is libpq's own business: PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSFILE and PGSSLMODE are read by libpq
at every new connection, so a password that was rotated in the passfile is used from the next connection on.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass

_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.IGNORECASE)


class BadSettingError(ValueError):
    """A setting that can't be used: the message names the variable, its value and the remedy."""


@dataclass(frozen=True)
class Settings:
    """``instance`` is the host's name, told to clients so that they can see who served them."""

    version: str = "dev"
    instance: str = "localhost"
    cors_allowed_origins: tuple[str, ...] = ()
    port: int = 8000

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read APP_VERSION, INSTANCE_NAME, CORS_ALLOWED_ORIGINS (comma separated, or "*") and PORT.

        Raises:
            BadSettingError: an origin that no browser would send, or a port out of range.
        """
        return cls(
            version=env.get("APP_VERSION") or "dev",
            instance=env.get("INSTANCE_NAME") or socket.gethostname(),
            cors_allowed_origins=_origins(env.get("CORS_ALLOWED_ORIGINS", "")),
            port=_port(env.get("PORT") or "8000"),
        )


def _origins(value: str) -> tuple[str, ...]:
    """A browser's Origin header has a scheme, a host and perhaps a port, in lower case, without a slash at the end."""
    origins = tuple(origin.strip().rstrip("/").lower() for origin in value.split(",") if origin.strip())
    for origin in origins:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            raise BadSettingError(
                f"CORS_ALLOWED_ORIGINS holds {origin!r}, which is no origin: write scheme://host[:port], or * for any."
            )
    return origins


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= 65535:
        raise BadSettingError(f"PORT is {value!r}: give a number from 1 to 65535.")
    return int(value)
