"""Durations as FIS takes them: ISO 8601 in days, hours, minutes and seconds ("PT2M", "PT1H30M")."""

from __future__ import annotations

import re

ISO_8601 = re.compile(r"P(?!$)(?:(\d+)D)?(?:T(?!$)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
UNITS = (86400, 3600, 60, 1)


def seconds(duration: str) -> int | None:
    """The duration in seconds, None when it is not one."""
    found = ISO_8601.fullmatch(duration)
    return sum(int(number or 0) * unit for number, unit in zip(found.groups(), UNITS, strict=True)) if found else None
