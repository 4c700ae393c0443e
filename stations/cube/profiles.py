"""When the workers of a site are there, hour by hour; the numbers are in ``profiles.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from geodata.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.geodesy import FloatArray

_WORKDAYS, _WEEKEND = 5, 2


@dataclass(frozen=True)
class Profile:
    """A pattern of presence."""

    code: str
    zh: str
    en: str
    why: str
    days: tuple[float, ...]
    """Share of the workers there in each hour of a Monday to Friday."""
    weekend: tuple[float, ...]
    """The same of a Saturday and a Sunday."""

    @property
    def week(self) -> FloatArray:
        """The share of the workers there, (168,), in each hour of the week."""
        return np.array(self.days * _WORKDAYS + self.weekend * _WEEKEND)


@cache
def profiles() -> Mapping[str, Profile]:
    """Return every profile by its code, in the file's order."""
    data = tomllib.loads((files("stations.cube") / "profiles.toml").read_text("utf-8"))
    made = {
        code: Profile(
            code,
            row["zh"],
            row["en"],
            row["why"],
            tuple(row["days"]),
            tuple(row.get("weekend", row["days"])),
        )
        for code, row in data.items()
    }
    return MappingProxyType(made)


def profile_of(code: str) -> Profile:
    """Return a profile by its code; `UsageError` names the known ones."""
    if code not in profiles():
        raise UsageError(f"no profile {code[:40]!r}; known: {', '.join(profiles())}")
    return profiles()[code]
