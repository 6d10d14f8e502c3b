"""``python -m local_region.plane.docker build``: make the images beforehand."""

from __future__ import annotations

import argparse
import logging
import sys

from docker.errors import DockerException

from local_region.plane.docker import images


def main() -> int:
    """Run the command; 1 when it failed."""
    parser = argparse.ArgumentParser(prog="python -m local_region.plane.docker", description=__doc__)
    parser.add_argument("command", choices=["build", "prune"])
    command = parser.parse_args().command
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        images.prune() if command == "prune" else print(images.build())
    except (images.BuildError, DockerException) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
