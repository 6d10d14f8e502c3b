# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether the drill was passed, failed, or says nothing because the measurement is no good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._drill.figures import Figures
from ansible_collections.ha_stack.aws.plugins.module_utils._drill.limits import Result, watch_for

PASSED, FAILED, INVALID = "passed", "failed", "invalid"

MOST_NOT_SENT = 0.01  # share of the requests; with more of them missing, failures may be among the missing
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
        found.append(f"{before['failed']} requests failed before it began: the stack was not healthy at the start.")
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


def remarks(figures: Figures, unknown: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a reader should know that does not change the verdict."""
    found = []
    late, not_sent = figures["prober"]["late_p99_seconds"] or 0.0, figures["requests"]["not_sent"]
    if late > LATE:
        found.append(f"The prober was late: 1 % of requests were sent {late:.2f} s or more after their time.")
    if not_sent:
        found.append(f"{not_sent} requests were not sent in time; they count neither as succeeded nor as failed.")
    writes = figures["writes"]
    if writes["unacknowledged_found"]:
        found.append(
            f"{writes['unacknowledged_found']} writes that failed for the client were carried out all the same."
        )
    if writes["sent"] and writes["read_back_error"]:
        found.append(f"What became of the writes is not known: {writes['read_back_error']}.")
    found += [f"Not known of the stack: {record.get('cause', '')}" for record in unknown]
    return found
