"""Private addresses that the plane itself gives out: those of database members, which the API doesn't name."""

from __future__ import annotations

from ipaddress import IPv4Network

from local_region.world import Subnet


class AddressBook:
    """Takes a subnet's addresses from the top, where EC2's own allocation, from the bottom, comes last.

    The five that AWS reserves (network, base+1 to +3, broadcast) are never taken.
    """

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}  # owner -> address

    def take(self, subnet: Subnet, owner: str) -> str:
        """The owner's address; the same each time.

        Raises:
            LookupError: the subnet is full.
        """
        if owner not in self._taken:
            hosts = IPv4Network(subnet.cidr)
            used = set(self._taken.values())
            free = (str(hosts[n]) for n in range(hosts.num_addresses - 2, 3, -1) if str(hosts[n]) not in used)
            address = next(free, None)
            if address is None:
                raise LookupError(f"subnet {subnet.id} ({subnet.cidr}) has no free address for {owner}")
            self._taken[owner] = address
        return self._taken[owner]

    def give_back(self, owner: str) -> None:
        self._taken.pop(owner, None)
