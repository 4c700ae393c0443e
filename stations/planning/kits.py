"""What new stations offer, and the hours an existing one may be asked to keep (``kits.toml``)."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from stations.catalogue import catalogue
from stations.planning.kinds import BUILDS

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kit(NamedTuple):
    """A new station of one kind."""

    kind: str
    """A code of ``catalogue().kinds``."""
    opening_hours: str
    amenities: tuple[str, ...]
    access: str

    def with_needs(self, needs: tuple[str, ...]) -> tuple[str, ...]:
        """Return all it offers where ``needs`` are asked for, in the catalogue's order."""
        known = catalogue().amenities
        return known.codes(known.mask((*self.amenities, *needs)))


@cache
def kits() -> Mapping[str, Kit]:
    """Return the kit of every action of `BUILDS`."""
    data = _data()
    return {
        code: Kit(row["kind"], row["opening_hours"], tuple(row["amenities"]), row["access"])
        for code, row in data.items()
        if code in BUILDS
    }


@cache
def patterns() -> tuple[str, ...]:
    """Return the hours an existing station may be asked to keep, besides all week."""
    return tuple(_data()["patterns"]["hours"])


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads((files("stations.planning") / "kits.toml").read_text("utf-8"))
