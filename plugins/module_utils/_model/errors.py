# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can go wrong, in words for the person who has to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """An option whose value can't be right, found before AWS is asked anything."""

    option: str
    value: Any
    cause: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.option}: {self.value!r} {self.cause}. {self.remedy}."


class StackError(Exception):
    """The run can't go on; the message names the resource, the cause and the remedy."""


class InvalidOptions(StackError):
    """Options that can't be right: every fault, not just the first."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class TimedOut(StackError):
    """A wait that ran out; ``told`` is what was waited for and what was last seen, without a remedy."""

    REMEDY = "It goes on in AWS; run the same command again to wait for it, or raise wait_timeout."

    def __init__(self, told: str) -> None:
        super().__init__(f"{told} {self.REMEDY}")
        self.told = told
