"""``python -m goals`` serves until SIGTERM, then answers what has begun and ends."""

from __future__ import annotations

import logging
import os
import sys

import uvicorn

from .app import create_app
from .logs import set_up
from .settings import BadSettingError, Settings
from .store import PostgresStore

log = logging.getLogger("goals")


def main() -> int:
    set_up()
    try:
        settings = Settings.from_env(os.environ)
    except BadSettingError as error:
        log.error("bad setting", extra={"fields": {"error": str(error)}})
        return 2
    log.info("starting", extra={"fields": {"version": settings.version, "instance": settings.instance}})
    if "PGHOST" not in os.environ:
        log.warning("no database", extra={"fields": {"error": "PGHOST is not set: only / will answer"}})
    uvicorn.run(
        create_app(settings, PostgresStore()),
        host="0.0.0.0",  # noqa: S104 - the security group decides who reaches it
        port=settings.port,
        access_log=False,
        log_config=None,
        server_header=False,
        # Longer than a load balancer keeps an idle connection (60 s on an ALB): were it shorter, the load balancer
        # would now and then send a request into a connection just closed, which its client sees as a 502.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=15,
    )
    return 0


sys.exit(main())
