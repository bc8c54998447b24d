"""How often an address may fail to sign in: a brake in memory, beside the lock of each account."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque
from datetime import datetime, timedelta

MOST = 20  #: failures of one address
WITHIN = timedelta(minutes=10)
ADDRESSES = 10_000  #: remembered; the one that failed longest ago is forgotten first


class Tries:
    """The failures of each address in the last minutes."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, deque[datetime]] = OrderedDict()

    def pause(self, address: str, now: datetime) -> timedelta | None:
        """How long it has to wait; None when it may try."""
        found = self._failed.get(_network(address))
        if not found or len(found) < MOST or now - found[0] >= WITHIN:
            return None
        return found[0] + WITHIN - now

    def failed(self, address: str, now: datetime) -> None:
        """One more failure."""
        network = _network(address)
        self._failed.setdefault(network, deque(maxlen=MOST)).append(now)
        self._failed.move_to_end(network)
        while len(self._failed) > ADDRESSES:
            self._failed.popitem(last=False)


def _network(address: str) -> str:
    """What one subscriber has: an address, or 64 bits of them."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, 64), strict=False))
