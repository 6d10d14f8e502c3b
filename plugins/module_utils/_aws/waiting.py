# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Waiting for what AWS does in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from ansible_collections.ha_stack.aws.plugins.module_utils._model.errors import TimedOut

T = TypeVar("T")

FIRST_DELAY = 0.5  # seconds; each look is half as long again after the one before it
LONGEST_DELAY = 15.0  # seconds, what botocore's own waiters use for EC2 and load balancers


def _unheard(progress: str) -> None:
    """A module's output is its result: who runs it in a process of his own can listen, and takes this one's place."""


listener: Callable[[str], None] = _unheard


def wait_until(
    what: str,
    look: Callable[[], T],
    pending: Callable[[T], str | None],
    timeout: float,
    *,
    longest: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """Look until ``pending`` returns None, and return what was seen then.

    ``pending`` says what is still missing, or raises StackError when it will never be there. After ``timeout`` seconds
    TimedOut tells what it last said; whoever listens hears it each time that it says something else.
    """
    deadline = clock() + timeout
    delay, heard = FIRST_DELAY, None
    while True:
        seen = look()
        missing = pending(seen)
        if missing is None:
            return seen
        if missing != heard:
            listener(f"{what}: {missing}")
        heard = missing
        left = deadline - clock()
        if left <= 0:
            raise TimedOut(f"{what}: not done after {timeout:g} s (wait_timeout): {missing}.")
        sleep(min(delay, left))
        delay = min(delay * 1.5, longest or LONGEST_DELAY)
