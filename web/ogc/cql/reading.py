"""A caller's filter as CQL2 JSON, within limits: what is too long or too deep is refused unread."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate
from typing import Any

import cql2
import orjson

from geodata.errors import UsageError

LONGEST = 6_000
"""Characters a filter may have."""
DEEPEST = 24
"""Brackets within brackets, and parts within parts, and NOTs.

The parser calls itself for each; with some 100 of them it ends a thread of 256 kB, and the process.
"""
MOST = 500
"""Parts a filter may have: operators, values, properties; coordinates do not count."""
MOST_SLOW = 10
"""Conditions and foldings that look at every text letter by letter."""
_SLOW = frozenset({"like", "casei", "accenti"})
_SHAPE = "coordinates"
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NOT = re.compile(r"\bnot\b", re.IGNORECASE)
_SIGNS = re.compile(r"[-+]\s*[-+]\s*[-+]")
_OPERATORS = re.compile(r"[-+*/%^](?![0-9])|(?<=[0-9\w)])\s*[-+]|\bdiv\b", re.IGNORECASE)


@lru_cache(maxsize=256)
def read_text(text: str) -> Any:  # noqa: ANN401 - CQL2 JSON
    """Read CQL2 text; what cannot be read raises `UsageError` that says where."""
    _require_short(text)
    bare = _QUOTED.sub("''", text)
    depths = accumulate(1 if mark == "(" else -1 for mark in bare if mark in "()")
    if max(depths, default=0) > DEEPEST or len(_NOT.findall(bare)) > DEEPEST:
        raise UsageError(f"filter: at most {DEEPEST} brackets within brackets, and NOTs")
    if _SIGNS.search(bare) or len(_OPERATORS.findall(bare)) > MOST // 2:
        raise UsageError(f"filter: at most {MOST // 2} signs of arithmetic, and two together")
    try:
        document = cql2.parse_text(text).to_json()
    except Exception as error:  # noqa: BLE001 - its errors are of several kinds
        raise UsageError(f"filter: not CQL2 text: {_where(str(error))}") from None
    _require_small(document)
    return document


@lru_cache(maxsize=256)
def read_json(text: str) -> Any:  # noqa: ANN401 - CQL2 JSON
    """Read CQL2 JSON; what cannot be read raises `UsageError`."""
    _require_short(text)
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UsageError(f"filter: not CQL2 JSON: {error}") from None
    _require_small(document)
    return document


def _require_short(text: str) -> None:
    if len(text) > LONGEST:
        raise UsageError(f"filter: at most {LONGEST:,} characters, got {len(text):,}")


def _require_small(document: object) -> None:
    """Count parts and depth without recursion."""
    count, slow, ahead = 0, 0, [(document, 0)]
    while ahead:
        part, depth = ahead.pop()
        count += 1
        if depth > 2 * DEEPEST or count > MOST:
            raise UsageError(
                f"filter: at most {MOST} parts, and {DEEPEST} within one another; ask in pieces"
            )
        slow += isinstance(part, dict) and str(part.get("op", "")).lower() in _SLOW
        if slow > MOST_SLOW:
            raise UsageError(f"filter: at most {MOST_SLOW} LIKE, CASEI and ACCENTI in all")
        if isinstance(part, dict):
            inner = [value for key, value in part.items() if key != _SHAPE]
            ahead.extend((value, depth + 1) for value in inner)
        elif isinstance(part, list):
            ahead.extend((value, depth + 1) for value in part)


def _where(message: str) -> str:
    """Make one line of the parser's drawing."""
    return " ".join(part for part in message.replace("|", " ").split() if part.strip("-^="))[:300]
