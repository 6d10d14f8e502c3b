# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether the drill was passed, failed, or says nothing because the measurement is no good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.evidence import Evidence
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.figures import Figures
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.limits import Result, watch_for

PASSED, FAILED, INVALID = "passed", "failed", "invalid"

MOST_NOT_SENT = 0.01  # share of the requests; with more of them missing, failures may be among the missing
LONG_GAP = 10.0  # seconds between two looks at the stack
LATE = 0.25  # seconds; later than this the prober was short of time itself


def verdict(results: Sequence[Result], invalid: Sequence[str]) -> str:
    if invalid:
        return INVALID
    return PASSED if all(result.passed for result in results) else FAILED


def objections(figures: Figures, limits: Mapping[str, Any]) -> list[str]:
    """Why nothing can be said of the stack."""
    found = []
    before, requests, prober = figures["before"], figures["requests"], figures["prober"]
    since = figures["during"]["requests"] + figures["after"]["requests"]
    if before["requests"] == 0:
        found.append("No request was made before it began: whether the stack was healthy then is not known.")
    if before["failed"]:
        failed = counted(before["failed"], "request")
        found.append(f"{failed} failed before it began: the stack was not healthy at the start.")
    if since == 0:
        found.append("No request was made after it began.")
    if requests["not_sent"] > requests["total"] * MOST_NOT_SENT:
        found.append(
            f"The prober could not send {requests['not_sent']} of {requests['total']} requests: the machine it runs on "
            "is too busy."
        )
    if not prober["ended_in_order"]:
        found.append("The prober's log has no end: the prober was killed.")
    needed = watch_for(limits)
    last = requests["last_seconds"]
    if since and last is not None and last < needed:
        found.append(f"The prober stopped {last:.1f} s after it began; a limit of {needed:g} s needs longer.")
    return found


def counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def remarks(figures: Figures, evidence: Evidence) -> list[str]:
    """What a reader should know that does not change the verdict."""
    return [*_of_the_prober(figures), *_of_the_recorder(evidence)]


def _of_the_prober(figures: Figures) -> list[str]:
    found = []
    late, not_sent = figures["prober"]["late_p99_seconds"] or 0.0, figures["requests"]["not_sent"]
    if late > LATE:
        found.append(f"The prober was late: 1 % of requests were sent {late:.2f} s or more after their time.")
    if not_sent:
        found.append(f"{counted(not_sent, 'request')} not sent in time: neither succeeded nor failed.")
    writes = figures["writes"]
    if writes["unacknowledged_found"]:
        found.append(f"{counted(writes['unacknowledged_found'], 'write')} failed for the client, yet carried out.")
    if writes["sent"] and writes["read_back_error"]:
        found.append(f"What became of the writes is not known: {writes['read_back_error']}.")
    return found


def _of_the_recorder(evidence: Evidence) -> list[str]:
    """What could not be read, each cause once, and how long nobody looked."""
    causes = Counter(str(record.get("cause", "")) for record in evidence.unknown)
    found = [
        f"Not known of the stack{f' ({times} times)' if times > 1 else ''}: {cause}" for cause, times in causes.items()
    ]
    gap = (evidence.recorder_end or {}).get("longest_gap_seconds", 0.0)
    if gap > LONG_GAP:
        found.append(f"Nobody looked at the stack for {gap:.1f} s: what came and went in that time is not known.")
    return found
