"""The engine's networks of a region: a bridge a subnet, and those of the internet and of AWS's own services."""

from __future__ import annotations

from ipaddress import ip_network

from docker.errors import APIError, NotFound
from docker.types import IPAMConfig, IPAMPool

from local_region.plane.docker.engine import ID, Engine, EngineError
from local_region.plane.docker.layout import Layout, gateway
from local_region.plane.docker.workqueue import NotReady

MTU = 1400  # leaves room for the encapsulation of whatever network the host itself is on


class Networks:
    """Known by their names in the region: a subnet's id, "outside" or "services"."""

    def __init__(self, layout: Layout, engine: Engine) -> None:
        self._layout, self._engine = layout, engine

    def present(self) -> dict[str, str]:
        """The region's networks: name in the region -> CIDR."""
        return {
            n["Labels"][ID]: n["IPAM"]["Config"][0]["Subnet"]
            for n in self._engine.api.networks(filters=self._engine.filter("network"))
        }

    def create(self, name: str, cidr: str) -> None:
        """A bridge with ``cidr`` whose first address is the host's, the router's.

        Raises:
            EngineError: another network of the engine has these addresses.
        """
        try:
            self._create(name, cidr)
        except APIError as error:
            if "overlaps" not in str(error.explanation):
                raise
            raise EngineError(
                f"network {name}: {cidr} overlaps with {self._overlapping(cidr)}. If that is of another region, take "
                "that down first (up and down of its name do, if it was killed); else remove the network, or choose "
                "other addresses"
            ) from error

    def _overlapping(self, cidr: str) -> str:
        """The engine's networks that have addresses of ``cidr``, by name."""
        wanted = ip_network(cidr)
        found = {
            network["Name"]: pool["Subnet"]
            for network in self._engine.api.networks()
            for pool in network["IPAM"]["Config"] or ()
            if ":" not in pool["Subnet"] and ip_network(pool["Subnet"]).overlaps(wanted)
        }
        return ", ".join(f"the engine's network {name} ({subnet})" for name, subnet in sorted(found.items())) or (
            "addresses that the engine keeps"
        )

    def _create(self, name: str, cidr: str) -> None:
        pool = IPAMPool(subnet=cidr, gateway=gateway(cidr))
        self._engine.api.create_network(
            self._layout.object("network", name),
            driver="bridge",
            ipam=IPAMConfig(pool_configs=[pool]),
            labels=self._engine.labels("network", name),
            options={
                "com.docker.network.bridge.name": self._layout.bridge(name),
                "com.docker.network.bridge.enable_ip_masquerade": "false",
                "com.docker.network.driver.mtu": str(MTU),
            },
        )

    def remove(self, name: str) -> None:
        """Remove a network; nothing happens when there is none.

        Raises:
            NotReady: a body still has a leg there.
        """
        try:
            self._engine.api.remove_network(self._layout.object("network", name))
        except NotFound:
            return
        except APIError as error:
            if error.status_code != 403:
                raise
            raise NotReady(f"network {name} is in use") from error
