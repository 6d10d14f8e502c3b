"""AWS Fault Injection Service: experiments that are carried out through the region's own API.

``step`` moves them on; importing the package puts FIS's requests in place.
"""

from local_region.control.fault_injection import catalogue, requests, safety_lever
from local_region.control.fault_injection.experiments import step

__all__ = ["catalogue", "requests", "safety_lever", "step"]
