"""The services of the region that moto lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_region.control import cloudfront, zonal_shifts
from local_region.control.backends import Backends

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SERVICES = (cloudfront.SERVICE, zonal_shifts.SERVICE)


def own_services(backends: Backends) -> dict[str, WSGIApplication]:
    """Signing name -> application."""
    return {service.name: service.application(backends) for service in SERVICES}
