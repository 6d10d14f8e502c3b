# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Calls that AWS refuses only because what they refer to, made a moment ago, has not reached every part of AWS yet."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from ansible_collections.ha_stack.aws.plugins.module_utils._aws.waiting import FIRST_DELAY

try:
    from botocore.exceptions import ClientError
except ImportError:  # AnsibleAWSModule says what to install
    ClientError = Exception

T = TypeVar("T")

# IAM says that a new role or instance profile may take "several seconds" to be seen everywhere; a minute is ample.
PROPAGATION = 60.0  # seconds
ACROSS_SERVICES = 15.0  # seconds that RDS and ELB are given to see what EC2 has just made
LONGEST_DELAY = 5.0


def retried(
    call: Callable[[], T],
    transient: Callable[[Exception], bool],
    timeout: float = PROPAGATION,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> T:
    """What ``call`` returns, called again while its error is ``transient``.

    After ``timeout`` seconds that error is raised.
    """
    deadline = clock() + timeout
    delay = FIRST_DELAY
    while True:
        try:
            return call()
        except ClientError as error:
            if not transient(error) or clock() >= deadline:
                raise
        sleep(delay)
        delay = min(delay * 1.5, LONGEST_DELAY)
