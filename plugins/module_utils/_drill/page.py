# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.chart import timeline
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.limits import shown
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.story import OUTCOMES
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.style import CSS

Report = Mapping[str, Any]

DASH = "\u2013"
MARKS = {"passed": "✓ passed", "failed": "✗ failed", "invalid": "? says nothing"}


def page(report: Report) -> str:
    """The document."""
    title = f"{report['drill']} of {report['stack']}: {report['verdict']}"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{CSS}</style>
</head>
<body>
<main class="{report["verdict"]}">
{_head(report)}
{_limits(report["limits"])}
<section><h2>What happened when</h2>
{timeline(report)}</section>
{_figures(report["figures"])}
{_events(report["events"])}
{_facts(report["facts"])}
</main>
</body>
</html>
"""


def _head(report: Report) -> str:
    fault = report["fault"]
    zone = f" It is about zone {escape(fault['zone'])}." if fault["zone"] else ""
    return f"""<header>
<h1>Drill {escape(report["drill"])} of {escape(report["stack"])}
 <span class="verdict">{MARKS[report["verdict"]]}</span></h1>
<p class="lead">{escape(report["summary"])}</p>
<p class="meta">It began at {escape(fault["at"])}; all times count from then.{zone}</p>
{_notes(report["invalid"])}{_notes(report["remarks"])}
</header>"""


def _notes(texts: Iterable[str]) -> str:
    lines = "".join(f"<p>{escape(text)}</p>" for text in texts)
    return f'<div class="notes" role="note">{lines}</div>' if lines else ""


def _limits(limits: Sequence[Mapping[str, Any]]) -> str:
    if not limits:
        return ""
    rows = "".join(
        f'<tr><th scope="row">{escape(each["says"])}</th>'
        f'<td class="n">{escape(shown(each["measured"], each["unit"]))}</td>'
        f'<td class="n">{escape(_wanted(each))}</td>'
        f'<td class="{"yes" if each["passed"] else "no"}">{"✓ kept" if each["passed"] else "✗ not kept"}</td></tr>'
        for each in limits
    )
    head = _head_row("", "#Measured", "#Limit", "")
    table = f"<table>{head}<tbody>{rows}</tbody></table>"
    return f'<section class="limits"><h2>Limits</h2><div class="scroll">{table}</div></section>'


def _wanted(limit: Mapping[str, Any]) -> str:
    value = shown(limit["limit"], limit["unit"])
    return value if limit["comparison"] == "is" else f"{limit['comparison']} {value}"


def _head_row(*names: str) -> str:
    """A table's head; a name that begins with # is of a column of numbers."""
    cells = "".join(
        f'<th scope="col"{" class=n" if name.startswith("#") else ""}>{escape(name.removeprefix("#"))}</th>'
        for name in names
    )
    return f"<thead><tr>{cells}</tr></thead>"


def _table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    numbers = [name.startswith("#") for name in head]
    body = "".join(
        "<tr>"
        + f'<th scope="row">{escape(str(row[0]))}</th>'
        + "".join(
            f"<td{' class=n' if number else ''}>{escape(str(cell))}</td>"
            for cell, number in zip(row[1:], numbers[1:], strict=True)
        )
        + "</tr>"
        for row in rows
    )
    if not body:
        return ""
    table = f"<table><caption>{escape(caption)}</caption>{_head_row(*head)}<tbody>{body}</tbody></table>"
    return f'<div class="scroll">{table}</div>'


def _figures(figures: Mapping[str, Any]) -> str:
    return f"""<section><h2>Figures</h2>
{_phases(figures)}
<div class="pair">
<div>{_kinds(figures["requests"])}{_errors(figures["requests"]["errors"])}{_writes(figures["writes"])}</div>
<div>{_instances(figures["instances"])}{_addresses(figures["addresses"])}{_prober(figures)}</div>
</div></section>"""


def _phases(figures: Mapping[str, Any]) -> str:
    head = ("", "#Requests", "#Failed", "#50 % within", "#90 %", "#99 %", "#All")
    rows = [
        (
            name,
            f"{figures[phase]['requests']:,}",
            f"{figures[phase]['failed']:,}",
            *(_time(figures[phase][f"{each}_seconds"]) for each in ("p50", "p90", "p99", "max")),
        )
        for name, phase in (("Before", "before"), ("During", "during"), ("After", "after"))
        if figures[phase]["requests"]
    ]
    caption = "During: until it ended and no request failed any more. Times are of requests that succeeded."
    return _table(caption, head, rows)


def _kinds(requests: Mapping[str, Any]) -> str:
    rows = [(kind, f"{each['sent']:,}", f"{each['failed']:,}") for kind, each in requests["by_kind"].items()]
    return _table("Requests by kind", ("", "#Sent", "#Failed"), rows)


def _errors(errors: Mapping[str, int]) -> str:
    rows = [(OUTCOMES.get(outcome, f"status {outcome}"), f"{count:,}") for outcome, count in errors.items()]
    return _table("How requests failed", ("", "#Requests"), rows)


def _writes(writes: Mapping[str, Any]) -> str:
    if not writes["sent"]:
        return ""
    rows = [
        ("Sent", f"{writes['sent']:,}"),
        ("Acknowledged", f"{writes['acknowledged']:,}"),
        ("Acknowledged and lost", "not known" if writes["lost"] is None else f"{writes['lost']:,}"),
        ("Failed, yet carried out", writes["unacknowledged_found"] if writes["lost"] is not None else "not known"),
    ]
    return _table("Writes, read back at the end", ("", "#Writes"), rows)


def _instances(instances: Mapping[str, Any]) -> str:
    rows = [
        (identity, each["zone"] or DASH, f"{each['requests']:,}", _share(each["share_before"]))
        for identity, each in instances["answered"].items()
    ]
    return _table("Who answered", ("Instance", "Zone", "#Requests", "#Share before"), rows)


def _share(share: float) -> str:
    return f"{share * 100:.1f} %" if share else DASH


def _addresses(addresses: Mapping[str, Any]) -> str:
    rows = [
        (address, each["zone"] or DASH, f"{each['requests']:,}", f"{each['connections_failed']:,}")
        for address, each in addresses.items()
    ]
    head = ("Address", "Zone", "#Requests", "#Connections failed")
    return _table("Over which address of the load balancer", head, rows)


def _prober(figures: Mapping[str, Any]) -> str:
    prober = figures["prober"]
    rows = [
        ("Requests a second", prober["rate"]),
        ("Not sent in time", f"{figures['requests']['not_sent']:,}"),
        ("99 % sent within … of their time", _time(prober["late_p99_seconds"])),
        ("Latest", _time(prober["late_max_seconds"])),
        ("Share of a processor", DASH if prober["cpu_share"] is None else f"{prober['cpu_share'] * 100:.0f} %"),
    ]
    return _table("The prober itself", ("", "#"), rows)


def _events(events: Sequence[Mapping[str, Any]]) -> str:
    if not events:
        return ""
    first = next((number for number, each in enumerate(events) if each["at_seconds"] >= 0), None)
    rows = "".join(_event(each, begins=number == first) for number, each in enumerate(events))
    head = _head_row("#Seconds", "Time (UTC)", "Where", "What")
    return f"""<section><h2>Events</h2>
<div class="scroll"><table class="events">
<caption>In order; the line marks the moment it began. States are looked at every few seconds.</caption>
{head}<tbody>{rows}</tbody></table></div></section>"""


def _event(event: Mapping[str, Any], *, begins: bool) -> str:
    kinds = " ".join(["bad"] * event["bad"] + ["zero"] * begins)
    until = event["until_seconds"]
    lasting = f" {DASH} {until:+.1f}" if until is not None and until - event["at_seconds"] >= 0.05 else ""
    detail = f"<small>{escape(event['detail'])}</small>" if event["detail"] else ""
    return (
        f'<tr class="{kinds}"><td class="n">{event["at_seconds"]:+.1f}{lasting}</td>'
        f"<td>{escape(event['time'][11:23])}</td><td>{escape(event['source'])}</td>"
        f"<td>{escape(event['what'])}{detail}</td></tr>"
    )


def _facts(facts: Mapping[str, Any]) -> str:
    rows = [(name, value) for name, value in facts.items()]
    table = _table("As the drill was told", ("", "Value"), rows)
    return f"<section><h2>The stack</h2>{table}</section>" if table else ""


def _time(seconds: float | None) -> str:
    if seconds is None:
        return DASH
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"
