"""The catalogue of activities."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from stations.catalogue import Term, Vocabulary


@cache
def kinds() -> Vocabulary:
    """Return the kinds of activities, in the order lists have them."""
    text = (files("stations.activities") / "kinds.toml").read_text("utf-8")
    rows = tomllib.loads(text).items()
    terms = (Term(code, row["zh"], row["en"], tuple(row["words"])) for code, row in rows)
    return Vocabulary(terms)
