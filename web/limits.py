"""How often one address or account may send something, counted over all workers of a machine.

No address is kept: only a mark of it, keyed with a secret that dies with the server, so nobody can
turn it back. (Flask-Limiter looks at every request, for half the time an empty answer takes; its
own engine, ``limits``, is asked only where something is sent.)
"""

from __future__ import annotations

import hmac
import ipaddress
import logging
import math
import secrets
import sqlite3
import time
from typing import TYPE_CHECKING

from limits import RateLimitItem, parse_many
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from geodata.errors import UsageError
from web.spent import Spent

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger("web.limits")

NETWORK_V6 = 64
"""Leading bits of an IPv6 address that tell senders apart: a household has all the others."""


def parse_limits(text: str) -> list[RateLimitItem]:
    """Read limits such as ``10 per minute; 100 per day``; anything else raises `UsageError`."""
    try:
        return parse_many(text)
    except ValueError:
        raise UsageError("expected limits such as 10 per minute; 100 per day") from None


class Senders:
    """What stands for those who send, and what they have spent; shared by all threads."""

    def __init__(self, secret: bytes | None = None, path: Path | None = None) -> None:
        """Count in a file, with all processes that have the same ``secret``; None: for itself."""
        self._secret = secret or secrets.token_bytes(32)
        self._own, self._shared = Spent(None), Spent(path) if path else None
        self._alone = False

    def mark(self, who: str) -> str:
        """Return what stands for an address or a name: nobody can turn it back."""
        return hmac.digest(self._secret, who.encode(), "sha256").hex()

    def spend(self, items: list[RateLimitItem], *key: str) -> None:
        """Count one under a key, by all limits; if one has no room, by none: `FullError`.

        Where the file fails this process counts for itself meanwhile.
        """
        if self._shared:
            try:
                _spend(self._shared, items, key)
            except sqlite3.Error as error:
                if not self._alone:
                    log.warning("each worker counts for itself what is limited: %s", error)
                self._alone = True
            else:
                self._alone = False
                return
        _spend(self._own, items, key)


class FullError(Exception):
    """A limit has no room left."""

    def __init__(self, item: RateLimitItem, reset: float) -> None:
        """Tell which one, and when it will have, in seconds since 1970."""
        super().__init__(f"{item} is full")
        self.item, self.reset = item, reset


def _spend(spent: Spent, items: list[RateLimitItem], key: tuple[str, ...]) -> None:
    counts = MovingWindowRateLimiter(spent)
    with spent.together():
        for item in items:
            if not counts.hit(item, *key):
                raise FullError(item, counts.get_window_stats(item, *key).reset_time)


class Limits:
    """How often each sender may send one kind of thing."""

    def __init__(self, allowed: str, kind: str = "", senders: Senders | None = None) -> None:
        """Take limits that all hold at once, as `parse_limits` reads them."""
        self._items, self._kind = parse_limits(allowed), kind
        self._senders = senders or Senders()

    def spend(self, address: str | None) -> None:
        """Count one message from an address; one too many raises 429 and is not counted."""
        self._spend(self.mark(address), "from one address")

    def spend_by(self, name: str) -> None:
        """Count one message from somebody known by name, as `spend` does."""
        self._spend(self._senders.mark(f"name {name}"), "from one account")

    def _spend(self, mark: str, whose: str) -> None:
        try:
            self._senders.spend(self._items, self._kind, mark)
        except FullError as full:
            raise TooManyRequests(
                f"At most {full.item} can be taken {whose}; please try again later.",
                retry_after=max(1, math.ceil(full.reset - time.time())),
            ) from None

    def mark(self, address: str | None) -> str:
        """Return what stands for an address on this server: nobody can turn it back."""
        return self._senders.mark(_sender(address))


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
