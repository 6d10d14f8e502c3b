# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The timeline: rows over one axis. Positions are shares of the width, so that text keeps its size at every width."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

Lane = Mapping[str, Any]

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600)
MOST_TICKS = 12
PER_LETTER, PADDING = 0.75, 1.0  # percent of the width that a span needs to show its state; narrower ones only tell it
DECADES = (0.001, 0.01, 0.1, 1.0, 10.0)  # seconds


@dataclass(frozen=True)
class Axis:
    """The time from ``start`` to ``end``, in seconds since the fault began, which ended at ``until``."""

    start: float
    end: float
    until: float | None = None

    def x(self, at: float) -> float:
        """In percent of the width, kept within it."""
        share = (at - self.start) / max(self.end - self.start, 1e-9)
        return round(min(max(share, 0.0), 1.0) * 100, 3)

    def ticks(self) -> list[int]:
        span = self.end - self.start
        step = next((each for each in STEPS if span / each <= MOST_TICKS), STEPS[-1])
        return list(range(math.ceil(self.start / step) * step, math.floor(self.end) + 1, step))

    def backdrop(self) -> str:
        """The lines behind every row: the grid, the fault's duration, and the moment it began."""
        grid = "".join(f'<i class="grid" style="left:{self.x(tick)}%"></i>' for tick in self.ticks())
        until = 0.0 if self.until is None else self.until
        band = f'<i class="band" style="left:{self.x(0)}%;width:{self.x(until) - self.x(0):.3f}%"></i>'
        return f'{grid}{band}<i class="fault" style="left:{self.x(0)}%"></i>'


def timeline(report: Mapping[str, Any]) -> str:
    """The whole drawing, without scripts."""
    shown = report["timeline"]
    seconds = shown["seconds"]
    if not seconds:
        return '<p class="note">The probe made no request.</p>'
    axis = Axis(seconds[0]["at_seconds"], max(seconds[-1]["at_seconds"] + 1, 1), report["fault"]["until_seconds"])
    rows = [
        _axis_row(axis, "Seconds since it began"),
        _requests_row(axis, seconds),
        _latency_row(axis, seconds),
        _lanes(axis, "What was done", shown["causes"], lambda lane, span: "cause"),
        _lanes(axis, "Capacity", shown["capacity"], lambda lane, span: _capacity(span)),
        _lanes(axis, "Instances", shown["instances"], lambda lane, span: str(span["state"])),
        _lanes(axis, "Database", shown["database"], lambda lane, span: _database(span)),
        _lanes(axis, "Load balancer addresses", shown["addresses"], lambda lane, span: "dns"),
        _lanes(axis, "Versions that answered", shown["versions"], lambda lane, span: "version"),
        _axis_row(axis),
    ]
    return f'<div class="time">{"".join(rows)}{_legend(shown)}</div>'


def _capacity(span: Mapping[str, Any]) -> str:
    count, _, wanted = str(span["told"]).removesuffix(" desired").partition(" of ")
    return "few" if wanted.isdigit() and int(count) < int(wanted) else "enough"


def _database(span: Mapping[str, Any]) -> str:
    return "zone" if span["told"] == "available" else "moving"


def _row(name: str, note: str, plot: str, kind: str = "") -> str:
    small = f" <small>{escape(note)}</small>" if note else ""
    return f'<div class="row"><div class="name">{escape(name)}{small}</div><div class="plot {kind}">{plot}</div></div>'


def _axis_row(axis: Axis, name: str = "") -> str:
    ticks = "".join(_tick(axis.x(tick), tick, odd=bool(number % 2)) for number, tick in enumerate(axis.ticks()))
    return _row(name, "", ticks, "axis")


def _tick(x: float, at: int, *, odd: bool) -> str:
    """A time under its line; at the drawing's ends it stays within them. On a phone the odd ones are left out."""
    kinds = ["tick", *(["zero"] if at == 0 else ["odd"] if odd else []), *(["first"] if x < 4 else [])]
    kinds += ["last"] if x > 96 else []
    return f'<span class="{" ".join(kinds)}" style="left:{x}%">{f"{at:+d} s" if at else "0"}</span>'


def _requests_row(axis: Axis, seconds: Sequence[Mapping[str, Any]]) -> str:
    highest = max(each["ok"] + each["failed"] + each["not_sent"] for each in seconds)
    bars = [
        _area(axis, [(each["at_seconds"], sum(each[name] for name in names)) for each in seconds], highest, kind)
        for kind, names in (
            ("a-not-sent", ("ok", "failed", "not_sent")),
            ("a-ok", ("ok", "failed")),
            ("a-failed", ("failed",)),
        )
    ]
    failed = sum(each["failed"] for each in seconds)
    label = f"Requests each second, at most {highest}; {failed} failed in all"
    drawing = _svg(label, "".join(bars))
    marks = "".join(
        f'<i class="span mark" style="left:{axis.x(each["at_seconds"])}%;'
        f'width:{axis.x(each["at_seconds"] + 1) - axis.x(each["at_seconds"]):.3f}%" '
        f'title="{each["failed"]} failed at {each["at_seconds"]:+d} s"></i>'
        for each in seconds
        if each["failed"]
    )
    levels = f'<span class="y" style="top:2px">{highest}/s</span>'
    return _row("Requests a second", "failed ones from the bottom", axis.backdrop() + drawing + marks + levels, "chart")


def _area(axis: Axis, points: Sequence[tuple[float, int]], highest: int, kind: str) -> str:
    """Bars from the bottom, a second wide, as one path in a drawing of 100 by 100."""
    if not any(value for _, value in points):
        return ""
    steps = "".join(
        f"M{axis.x(at):g} 100V{100 - 100 * value / highest:.5g}H{axis.x(at + 1):g}V100Z"
        for at, value in points
        if value
    )
    return f'<path class="{kind}" d="{steps}"/>'


def _latency_row(axis: Axis, seconds: Sequence[Mapping[str, Any]]) -> str:
    values = [each[name] for each in seconds for name in ("p50_seconds", "p99_seconds") if each[name]]
    low = max((decade for decade in DECADES if decade <= min(values, default=0.001)), default=DECADES[0])
    high = min((decade for decade in DECADES if decade >= max(values, default=1.0)), default=DECADES[-1])
    high = max(high, low * 10)

    def y(value: float) -> float:
        """A logarithmic scale, so that a millisecond and ten seconds can both be read."""
        return 100 - 100 * math.log(max(value, low) / low) / math.log(high / low)

    lines = "".join(
        f'<path class="{kind}" d="{_line(axis, [(each["at_seconds"], each[name]) for each in seconds], y)}"/>'
        for kind, name in (("l-p99", "p99_seconds"), ("l-p50", "p50_seconds"))
    )
    levels = "".join(_level(y(decade), decade) for decade in DECADES if low <= decade <= high)
    label = f"Time to answer each second, {_time(low)} to {_time(high)}, on a logarithmic scale"
    return _row(
        "Time to answer", "of requests that succeeded", axis.backdrop() + levels + _svg(label, lines), "latency"
    )


def _level(y: float, value: float) -> str:
    """A line with its value under it; the lowest has it above."""
    place = "bottom:2px" if y > 99 else f"top:calc({y:.3g}% + 2px)"
    return f'<i class="level" style="top:{y:.3g}%"></i><span class="y" style="{place}">{_time(value)}</span>'


def _line(axis: Axis, points: Iterable[tuple[float, float | None]], y: Callable[[float], float]) -> str:
    """The line through the middles of the seconds, broken where nothing was measured."""
    path, drawing = [], False
    for at, value in points:
        if value is None:
            drawing = False
            continue
        path.append(f"{'L' if drawing else 'M'}{axis.x(at + 0.5):g} {y(value):.4g}{'' if drawing else 'h0'}")
        drawing = True
    return "".join(path)


def _svg(label: str, content: str) -> str:
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 100 100" preserveAspectRatio="none">'
        f"<title>{escape(label)}</title>{content}</svg>"
    )


def _lanes(axis: Axis, title: str, lanes: Sequence[Lane], kind: Callable[[Lane, Mapping[str, Any]], str]) -> str:
    if not lanes:
        return ""
    rows = "".join(
        _row(
            lane["name"],
            lane["note"],
            axis.backdrop() + "".join(_span(axis, span, kind(lane, span)) for span in lane["spans"]),
        )
        for lane in lanes
    )
    return f'<h3 class="group">{escape(title)}</h3>{rows}'


def _span(axis: Axis, span: Mapping[str, Any], kind: str) -> str:
    start, until = span["from_seconds"], span["until_seconds"]
    left, right = axis.x(start), axis.x(until)
    if right <= left and not axis.start <= start <= axis.end:
        return ""
    thin = " thin" if right - left < PADDING + PER_LETTER * len(str(span["state"])) else ""
    told = f": {span['told']}" if span["told"] else ""
    title = f"{span['state']} from {start:+.1f} s to {until:+.1f} s{told}"
    return (
        f'<span class="span {escape(kind)}{thin}" style="left:{left}%;width:{right - left:.3f}%" '
        f'title="{escape(title)}">{escape(str(span["state"]))}</span>'
    )


def _time(seconds: float) -> str:
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds * 1000:g} ms"


def _legend(shown: Mapping[str, Any]) -> str:
    states = dict.fromkeys(span["state"] for lane in shown["instances"] for span in lane["spans"])
    items = [
        '<li><i class="ok"></i>succeeded</li>',
        '<li><i class="bad"></i>failed (and, below, each second with a failure)</li>',
        '<li><i class="p50"></i>half of the requests</li>',
        '<li><i class="p99"></i>99 % of the requests</li>',
        *(f'<li><i class="span {escape(state)}"></i>{escape(state)}</li>' for state in states),
    ]
    return f'<ul class="legend">{"".join(items)}</ul>'
