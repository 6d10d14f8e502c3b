"""``python -m local_region``."""

import sys

from local_region.cli import main

sys.exit(main())
