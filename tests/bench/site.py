"""A fresh site beside its critical path, where AWS takes its usual minutes; then the same again, with nothing to do.

    python -m tests.bench.site [--time-scale 1]

No playbook can be faster than its critical path: the database (12 minutes), and then the instances, which need its
endpoint (3). NAT gateways (2) and load balancer (3) have the time of the database. A time scale below 1 is quicker to
run, and makes the playbook's own seconds weigh more.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from local_region.timing import AWS_DELAYS
from tests.integration.site.conftest import Region

CRITICAL = ("database.creating", "instance.pending", "target.initial")
WAITED_FOR = (*CRITICAL, "nat_gateway.pending", "load_balancer.provisioning")


@contextmanager
def aws_times(scale: float) -> Iterator[Region]:
    """A region that takes as long as AWS does."""
    with TemporaryDirectory() as folder:
        region = Region(Path(folder))
        region.up("--delays", "aws", "--time-scale", str(scale))
        try:
            yield region
        finally:
            region.down()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--time-scale", type=float, default=1.0, help="multiplies AWS's times (%(default)s)")
    scale = parser.parse_args().time_scale
    critical, one_by_one = (sum(AWS_DELAYS[each] for each in names) * scale for names in (CRITICAL, WAITED_FOR))
    with aws_times(scale) as region:
        began = time.monotonic()
        run = region.site()
        took = time.monotonic() - began
        again = [_again(region) for _ in range(3)]
    if run.returncode:
        print(run.messages(), file=sys.stderr)
        return 1
    print(f"fresh site {took:.1f} s, {took / critical:.3f} x the critical path of {critical:.0f} s", end="")
    print(f" (one wait after the other: {one_by_one:.0f} s)")
    print(f"no-op site {median(again):.1f} s, the median of {', '.join(f'{each:.1f}' for each in again)}")
    return 0


def _again(region: Region) -> float:
    """Seconds of a run that finds nothing to do."""
    began = time.monotonic()
    run = region.site()
    if run.returncode or run.stats["changed"]:
        raise SystemExit(f"not a no-op: {run.stats} {run.messages()}")
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
