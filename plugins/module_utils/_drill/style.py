# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The page's own style: light and dark, on paper, and from a phone's width on. Nothing is fetched."""

from __future__ import annotations

CSS = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f5f6f8; --ink: #1b1f24; --dim: #59636e; --line: #d5dae0; --grid: #e6e9ed;
  --ok: #5b93c7; --failed: #c8321f; --p50: #1f6fb2; --p99: #8a5a00; --good: #1a7f37; --doubt: #8a5a00;
  --s-healthy: #bfe3c6; --s-initial: #f6e3a1; --s-pending: #dfe3e8; --s-unhealthy: #f2b3aa; --s-draining: #d9c8ee;
  --s-other: #dfe3e8; --s-shifted: #c9dcf0; --band: #f9dccb; --s-text: #1b1f24;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --panel: #1d2127; --ink: #e8ebee; --dim: #9aa4af; --line: #3a414a; --grid: #2a3037;
    --ok: #4c82b4; --failed: #ff7b68; --p50: #6cb2ee; --p99: #e5b557; --good: #57c46f; --doubt: #e5b557;
    --s-healthy: #23502f; --s-initial: #5a4c14; --s-pending: #3a414a; --s-unhealthy: #74261b; --s-draining: #48356a;
    --s-other: #3a414a; --s-shifted: #27456a; --band: #5f3a22; --s-text: #f1f3f5;
  }
}
@media print {
  :root { color-scheme: light; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  section, .row, tr { break-inside: avoid; }
  details > :not(summary) { display: block; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem clamp(0.8rem, 3vw, 2.5rem) 4rem; }
h1 { font-size: clamp(1.4rem, 1rem + 2vw, 2rem); line-height: 1.2; margin: 0 0 0.5rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 0.6rem; }
h3 { font-size: 0.95rem; margin: 1.2rem 0 0.3rem; }
.verdict { display: inline-block; padding: 0.05em 0.5em; border-radius: 0.3em; color: var(--paper); }
.passed .verdict { background: var(--good); } .failed .verdict { background: var(--failed); }
.invalid .verdict { background: var(--doubt); }
.lead { font-size: 1.1rem; max-width: 62rem; margin: 0 0 0.4rem; }
.limits table { max-width: 58rem; }
.meta, .note { color: var(--dim); font-size: 0.88rem; margin: 0.2rem 0; }
.notes { margin: 0.6rem 0; padding: 0.5rem 0.9rem; border-left: 4px solid var(--doubt); background: var(--panel); }
.notes p { margin: 0.15rem 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; margin-bottom: 1.3rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--dim); font-size: 0.85rem; padding-bottom: 0.2rem; }
th, td { text-align: left; padding: 0.3rem 0.7rem 0.3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
thead th { color: var(--dim); font-weight: 600; }
th[scope=row] { font-weight: 500; }
td.n, th.n { text-align: right; white-space: nowrap; }
.yes { color: var(--good); font-weight: 600; } .no { color: var(--failed); font-weight: 600; }
.yes, .no { white-space: nowrap; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 2.5rem; }

.time { --label: 12rem; background: var(--panel); border-radius: 0.5rem; padding: 0.8rem; }
.row { display: grid; grid-template-columns: var(--label) 1fr; align-items: center; gap: 0 0.7rem; margin: 0.22rem 0; }
.row > .name { font-size: 0.82rem; line-height: 1.25; overflow-wrap: anywhere; }
.row > .name small { display: block; color: var(--dim); font-size: 0.75rem; }
.group { font-size: 0.75rem; font-weight: 600; color: var(--dim); margin: 0.7rem 0 0.1rem; }
.plot { position: relative; min-height: 1.45rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: 3px; overflow: hidden; }
.plot.chart { height: 8.5rem; }
.plot.latency { height: 6.5rem; }
.plot svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.plot.axis { background: none; border: 0; min-height: 1.3rem; overflow: visible; }
.grid { position: absolute; top: 0; bottom: 0; width: 1px; background: var(--grid); }
.fault { position: absolute; top: 0; bottom: 0; width: 2px; margin-left: -1px; background: var(--failed); z-index: 2; }
.band { position: absolute; top: 0; bottom: 0; background: var(--band); opacity: 0.55; }
.tick { position: absolute; transform: translateX(-50%); font-size: 0.75rem; color: var(--dim); white-space: nowrap; }
.tick.first { transform: none; } .tick.last { transform: translateX(-100%); }
.tick.zero { color: var(--failed); font-weight: 700; }
.y { position: absolute; left: 0.25rem; font-size: 0.68rem; line-height: 1; color: var(--dim); background: var(--paper);
  padding: 1px 2px; z-index: 3; }
.level { position: absolute; left: 0; right: 0; height: 1px; background: var(--grid); }
.span { position: absolute; top: 2px; bottom: 2px; min-width: 2px; border-radius: 2px; background: var(--s-other);
  color: var(--s-text); font-size: 0.74rem; line-height: 1.25rem; padding: 0 0.25rem; overflow: hidden;
  white-space: nowrap; z-index: 1; }
.span.thin { padding: 0; text-indent: 100%; }
.span.healthy, .span.enough { background: var(--s-healthy); } .span.initial { background: var(--s-initial); }
.span.pending, .span.terminating { background: var(--s-pending); } .span.draining { background: var(--s-draining); }
.span.unhealthy, .span.few { background: repeating-linear-gradient(45deg, var(--s-unhealthy) 0 6px,
  color-mix(in srgb, var(--s-unhealthy) 75%, var(--paper)) 6px 9px); }
.span.shifted, .span.zone, .span.version, .span.dns { background: var(--s-shifted); }
.span.moving { background: var(--s-initial); }
.span.cause { background: var(--band); border: 1px solid var(--failed); line-height: 1.1rem; }
.span.mark { top: auto; height: 0.45rem; bottom: 0; background: var(--failed); padding: 0; border-radius: 0; }
.legend { display: flex; flex-wrap: wrap; gap: 0.1rem 1rem; font-size: 0.8rem; color: var(--dim); margin: 0.5rem 0 0;
  padding: 0; list-style: none; }
.legend i { display: inline-block; width: 0.9em; height: 0.9em; margin-right: 0.35em; border-radius: 2px;
  vertical-align: -0.1em; position: static; min-width: 0; padding: 0; }
.legend .ok { background: var(--ok); } .legend .bad { background: var(--failed); }
.legend .p50 { background: var(--p50); height: 3px; vertical-align: 0.25em; }
.legend .p99 { background: var(--p99); height: 3px; vertical-align: 0.25em; }
.a-ok { fill: var(--ok); } .a-failed { fill: var(--failed); } .a-not-sent { fill: var(--dim); }
.l-p50, .l-p99 { fill: none; stroke-width: 1.6; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.l-p50 { stroke: var(--p50); } .l-p99 { stroke: var(--p99); stroke-dasharray: 5 2; }
.events td:nth-child(-n + 3) { white-space: nowrap; }
.events td { overflow-wrap: anywhere; }
.events .bad td { color: var(--failed); }
.events .zero td { border-top: 3px solid var(--failed); }
.events small { color: var(--dim); display: block; }
@media (max-width: 46rem) {
  .row { grid-template-columns: 1fr; margin: 0.45rem 0; }
  .row > .name small { display: inline; }
  .tick.odd { display: none; }
  .events td:nth-child(2), .events th:nth-child(2) { display: none; }
  .limits td.n { white-space: normal; }
  .time { padding: 0.6rem; margin: 0 -0.4rem; }
}
"""
