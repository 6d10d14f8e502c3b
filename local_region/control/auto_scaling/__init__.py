"""Auto Scaling as AWS behaves where moto does not: requests say what is wanted, ``step`` brings it about in time."""

from local_region.control.auto_scaling.loop import step

__all__ = ["step"]
