"""How the plane, on the host, sees from outside whether a body answers."""

from __future__ import annotations

import socket

from local_region.plane.docker.firewall import PROBE_MARK


def accepts(address: str, port: int, timeout: float) -> bool:
    """Whether a connection is accepted in time. The mark lets the probe past security groups and past the rule that
    keeps the host out of VPCs, but not past a network ACL that cuts the subnet off."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, PROBE_MARK)
        return connection.connect_ex((address, port)) == 0
