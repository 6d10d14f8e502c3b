"""When a scheduled action recurs: the five fields of crontab."""

from __future__ import annotations

from datetime import datetime, timedelta

RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))  # Sunday is 0 and 7
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
NAMES = {name: n for n, name in enumerate(MONTHS, 1)} | {name: n for n, name in enumerate(DAYS)}
FARTHEST = timedelta(days=4 * 366)  # 29 February


def following(recurrence: str, after: datetime) -> datetime | None:
    """The first time after ``after``; None where there is none. ValueError for what is no recurrence."""
    fields = recurrence.split()
    if len(fields) != len(RANGES):
        message = f"{recurrence} has not five fields"
        raise ValueError(message)
    minutes, hours, days, months, weekdays = (_values(*each) for each in zip(fields, RANGES, strict=True))
    either = "*" not in (fields[2], fields[4])  # crontab: where both days are given, one of them is enough
    day = after.replace(hour=0, minute=0, second=0, microsecond=0)
    while day <= after + FARTHEST:
        matches = (day.day in days, {day.isoweekday(), day.isoweekday() % 7} & weekdays)
        if day.month in months and (any(matches) if either else all(matches)):
            times = (day.replace(hour=hour, minute=minute) for hour in sorted(hours) for minute in sorted(minutes))
            if found := next((time for time in times if time > after), None):
                return found
        day += timedelta(days=1)
    return None


def _values(field: str, bounds: tuple[int, int]) -> set[int]:
    return {value for part in field.split(",") for value in _part(part.upper(), *bounds)}


def _part(part: str, low: int, high: int) -> range:
    """``*``, ``3``, ``MON``, ``1-5``, each with a step or without, such as ``*/15``."""
    span, _, step = part.partition("/")
    if span != "*":
        first, _, last = span.partition("-")
        low = _number(first)
        high = _number(last) if last else high if step else low
    return range(low, high + 1, int(step or 1))


def _number(text: str) -> int:
    return NAMES[text] if text in NAMES else int(text)
