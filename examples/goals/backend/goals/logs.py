"""Logs as one line an event: ``time level logger event key=value ...``. A value with blanks is a JSON string."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

_PLAIN = re.compile(r"[!#-~]+")  # printable ASCII without blanks and double quotes


def _value(value: object) -> str:
    """A path may hold a line break (percent-encoded): quoting keeps one event on one line."""
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


class PlainFormatter(logging.Formatter):
    """``extra={"fields": {...}}`` of a record becomes its key=value pairs."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = dict(getattr(record, "fields", {}))
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        pairs = "".join(f" {key}={_value(value)}" for key, value in fields.items())
        return f"{time} {record.levelname.lower()} {record.name} {_value(record.getMessage())}{pairs}"


def set_up() -> None:
    """Everything to standard output; ours replaces uvicorn's own access log, and of the pool only troubles show."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(PlainFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("psycopg.pool").setLevel(logging.WARNING)
