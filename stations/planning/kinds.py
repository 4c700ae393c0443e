"""The kinds of action a plan may choose from; the words are data (``stations/data/costs.toml``)."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from stations.catalogue import Term, Vocabulary

_DATA = tomllib.loads((files("stations") / "data" / "costs.toml").read_text("utf-8"))

KINDS = Vocabulary(
    Term(code, row["zh"], row["en"], tuple(row["words"])) for code, row in _DATA["actions"].items()
)
"""build_standard, build_smart, build_mobile, extend_hours, add_amenities, upgrade_24h, move, close
and merge, in that order."""

BUILDS = ("build_standard", "build_smart", "build_mobile")
"""Those that make a new station at a candidate place."""
