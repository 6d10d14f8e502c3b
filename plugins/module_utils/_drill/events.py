# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What AWS did, as each service's history tells it, in one form: when, until when, who, what, why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

Answer = Mapping[str, Any]

AUTO_SCALING, DATABASE, REFRESH, FAULT, SHIFT = "autoscaling", "database", "refresh", "fault", "zonal shift"


@dataclass(frozen=True)
class Event:
    """``until``: when it ended, None where it has no end or goes on; ``failed``: it did not do what it should."""

    at: float
    source: str
    what: str
    detail: str = ""
    until: float | None = None
    failed: bool = False

    def record(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value not in ("", None, False)}


def seconds(when: datetime | None) -> float | None:
    return None if when is None else when.timestamp()


def activities(answers: Iterable[Answer]) -> list[Event]:
    """DescribeScalingActivities: a launch or termination, and its cause."""
    return [
        Event(
            at=each["StartTime"].timestamp(),
            until=seconds(each.get("EndTime")),
            source=AUTO_SCALING,
            what=each.get("Description", "").rstrip("."),
            detail=_joined(each.get("Cause"), each.get("StatusMessage")),
            failed=each["StatusCode"] in ("Failed", "Cancelled"),
        )
        for each in answers
    ]


def database_events(answers: Iterable[Answer]) -> list[Event]:
    """DescribeEvents of RDS."""
    return [
        Event(
            at=each["Date"].timestamp(),
            source=DATABASE,
            what=each["Message"].rstrip("."),
            detail=", ".join(each.get("EventCategories", [])),
            failed="failure" in each.get("EventCategories", []),
        )
        for each in answers
    ]


def refreshes(answers: Iterable[Answer]) -> list[Event]:
    """DescribeInstanceRefreshes: the refresh, and its rollback where there was one."""
    found = []
    for each in answers:
        version = each.get("DesiredConfiguration", {}).get("LaunchTemplate", {}).get("Version", "")
        status = each["Status"]
        found.append(
            Event(
                at=each["StartTime"].timestamp(),
                until=seconds(each.get("EndTime")),
                source=REFRESH,
                what=f"Instance refresh{f' to template version {version}' if version else ''}: {status}",
                detail=_joined(each.get("StatusReason")),
                failed=status not in ("Successful", "Pending", "InProgress", "Baking"),
            )
        )
        rollback = each.get("RollbackDetails", {})
        if rollback.get("RollbackStartTime"):
            found.append(
                Event(
                    at=rollback["RollbackStartTime"].timestamp(),
                    until=seconds(each.get("EndTime")),
                    source=REFRESH,
                    what="Rollback",
                    detail=_joined(rollback.get("RollbackReason")),
                )
            )
    return found


def experiments(answers: Iterable[Answer]) -> list[Event]:
    """GetExperiment of FIS: each action that began."""
    return [
        Event(
            at=action["startTime"].timestamp(),
            until=seconds(action.get("endTime")),
            source=FAULT,
            what=f"{name} ({action['actionId']}): {action['state']['status']}",
            detail=_joined(action.get("description"), action["state"].get("reason"), f"experiment {experiment['id']}"),
            failed=action["state"]["status"] in ("failed", "cancelled"),
        )
        for experiment in answers
        for name, action in experiment.get("actions", {}).items()
        if action.get("startTime")
    ]


def shifts(answers: Iterable[Answer], zones: Mapping[str, str]) -> list[Event]:
    """ListZonalShifts. AWS tells when a shift expires, not when it was cancelled: then it has no end.

    ``zones`` are the names of zone ids: a shift names the zone by its id.
    """
    return [
        Event(
            at=each["startTime"].timestamp(),
            until=None if each["status"] == "CANCELED" else seconds(each.get("expiryTime")),
            source=SHIFT,
            what=f"Away from {zones.get(each['awayFrom'], each['awayFrom'])}: {each['status'].lower()}",
            detail=_joined(each.get("comment")),
        )
        for each in answers
    ]


def _joined(*texts: str | None) -> str:
    return " ".join(f"{text.strip().rstrip('.')}." for text in texts if text and text.strip())
