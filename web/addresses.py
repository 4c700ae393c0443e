"""Addresses of other servers that secrets may be sent to."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

LONGEST = 300
"""Characters of a provider's address: it is part of a key."""


def is_provider(text: str) -> bool:
    """Whether an issuer's address can be used: https, or of this very machine."""
    if not is_safe(text, text) or not text.isascii() or len(text) > LONGEST:
        return False
    parts = urlsplit(text)
    return not (parts.query or parts.fragment or "@" in parts.netloc)


def is_safe(address: str, issuer: str) -> bool:
    """Whether an address is https; plain http will do on the machine that the issuer is on."""
    try:
        parts, base = urlsplit(address), urlsplit(issuer)
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    local = _is_loopback(parts.hostname or "") and _is_loopback(base.hostname or "")
    return parts.scheme == "http" and base.scheme == "http" and local


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
