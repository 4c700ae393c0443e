"""How often one address may send something. No address is kept: only a mark of it, in memory.

The mark is keyed with a secret that dies with the process, so nobody can turn it back. Counts are
the process's own: with n workers an address may send up to n times as much. (Flask-Limiter looks
at every request, for half the time an empty answer takes; its own engine, ``limits``, is asked
only where something is sent.)
"""

from __future__ import annotations

import hmac
import ipaddress
import math
import secrets
import time

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from geodata.errors import UsageError

SET_BACK_S = 5.0
"""A clock that goes back farther was put right: all counts begin anew."""
NETWORK_V6 = 64
"""Leading bits of an IPv6 address that tell senders apart: a household has all the others."""


def parse_limits(text: str) -> list[RateLimitItem]:
    """Read limits such as ``10 per minute; 100 per day``; anything else raises `UsageError`."""
    try:
        return parse_many(text)
    except ValueError:
        raise UsageError("expected limits such as 10 per minute; 100 per day") from None


class Limits:
    """What each sender has left; shared by all threads."""

    def __init__(self, allowed: str) -> None:
        """Take limits that all hold at once, as `parse_limits` reads them."""
        self._items = parse_limits(allowed)
        self._counts = MovingWindowRateLimiter(MemoryStorage())
        self._latest = -math.inf
        self._secret = secrets.token_bytes(32)

    def spend(self, address: str | None) -> None:
        """Count one message from an address; one too many raises 429 and is not counted."""
        self._spend(self.mark(address), "from one address")

    def spend_by(self, name: str) -> None:
        """Count one message from somebody known by name, as `spend` does."""
        self._spend(f"name {name}", "from one account")

    def _spend(self, mark: str, whose: str) -> None:
        now = time.time()
        if now < self._latest - SET_BACK_S:  # what was counted lies ahead, and would stay there
            self._counts = MovingWindowRateLimiter(MemoryStorage())
        self._latest = now
        for item in self._items:
            if not self._counts.test(item, mark):
                reset = self._counts.get_window_stats(item, mark).reset_time
                raise TooManyRequests(
                    f"At most {item} can be taken {whose}; please try again later.",
                    retry_after=max(1, math.ceil(reset - now)),
                )
        for item in self._items:
            self._counts.hit(item, mark)

    def mark(self, address: str | None) -> str:
        """Return what stands for an address in this process: nobody can turn it back."""
        return hmac.digest(self._secret, _sender(address).encode(), "sha256").hex()


def _sender(address: str | None) -> str:
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((int(known), NETWORK_V6), strict=False))
