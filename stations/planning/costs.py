"""What actions cost: a price list by kind and area that the planner edits (see inputs.md)."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from geodata import files
from geodata.errors import FileFormatError, UsageError
from geodata.files import Table
from stations.planning.kinds import KINDS
from stations.planning.prices import Price, prices_of, shown_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SUFFIXES = (".xlsx", ".csv", ".toml")
_FIELDS = ("action", "area", "unit", "item", "yuan", "basis")
_PRICED: Mapping[str, tuple[str, ...]] = {
    "extend_hours": ("once", "weekly_hour"),
    "add_amenities": (),
}
"""What of a kind must have a price, any of these; ``once`` for the others."""


@dataclass(frozen=True)
class CostTable:
    """Prices in whole yuan; of several that fit, the one for the smallest area counts."""

    prices: tuple[Price, ...]
    """Sorted, no two for the same action, area, unit and item."""

    @classmethod
    def default(cls) -> Self:
        """Return the list shipped with the program: assumptions, each saying so."""
        text = (resources("stations") / "data" / "costs.toml").read_text("utf-8")
        return cls.from_records(tomllib.loads(text)["price"])

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Read a planner's list: .xlsx, .csv or .toml (`[[price]]`), Chinese headings or ours.

        `FaultyDataError` with every fault of every row, `FileFormatError` for what is no such file.
        """
        path = Path(path)
        if path.suffix.lower() not in SUFFIXES:
            raise FileFormatError(f"{path.name}: a price list is one of {', '.join(SUFFIXES)}")
        if path.suffix.lower() != ".toml":
            return cls(prices_of(files.read(path)))
        try:
            rows = tomllib.loads(path.read_text("utf-8")).get("price", [])
        except OSError as error:
            raise FileFormatError(f"{path.name}: {error.strerror or error}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise FileFormatError(f"{path.name} is not TOML: {error}") from None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise FileFormatError(f"{path.name}: expected tables called [[price]]")
        return cls.from_records(rows)

    @classmethod
    def from_records(cls, rows: Iterable[Mapping[str, Any]]) -> Self:
        """Read records of ``action``, ``yuan`` and what else `Price` has; row 1 is the first."""
        texts = [{name: str(row.get(name, "")) for name in _FIELDS} for row in rows]
        frame = pd.DataFrame(texts, columns=list(_FIELDS), dtype="str")
        numbers = np.arange(1, len(frame) + 1)
        return cls(prices_of(Table(frame, numbers, None, None, "records", "utf-8")))

    def write(self, path: Path | str) -> None:
        """Write the list so that `read` gives it back: .xlsx and .csv with Chinese headings."""
        path = Path(path)
        if path.suffix.lower() not in SUFFIXES:
            raise UsageError(f"{path.name}: a price list is one of {', '.join(SUFFIXES)}")
        if path.suffix.lower() != ".toml":
            files.write(pd.DataFrame(list(shown_rows(self.prices))), path)
        elif not path.parent.is_dir() or path.is_dir():
            raise UsageError(f"{path.name} cannot be written: name a file in a folder that exists")
        else:
            path.write_text(_toml(self.prices), "utf-8")

    def price(
        self,
        kind: str,
        *,
        area_code: str = "",
        amenities: Sequence[str] = (),
        weekly_hours: float = 0.0,
    ) -> int:
        """Return the yuan of one action in a county.

        The price ``once``, that of each amenity the list prices for the kind, and ``weekly_hours``
        (hours a week added) at theirs, rounded. `UsageError` for an unknown kind, one without a
        price there, and an amenity to add without one.
        """
        if kind not in KINDS.terms:
            raise UsageError(f"no action {kind[:40]!r}; known: {KINDS.expected()}")
        if not weekly_hours >= 0:
            raise UsageError(f"hours a week added are 0 or more, not {weekly_hours}")
        found = {unit: self._best(kind, unit, "", area_code) for unit in ("once", "weekly_hour")}
        needed = _PRICED.get(kind, ("once",))
        if needed and all(found[unit] is None for unit in needed):
            raise _unpriced(kind, area_code, "")
        items = [self._item(kind, code, area_code) for code in amenities]
        hours = found["weekly_hour"] or 0
        return (found["once"] or 0) + sum(items) + round(hours * weekly_hours)

    def _item(self, kind: str, code: str, area_code: str) -> int:
        for item in (code, ""):
            price = self._best(kind, "item", item, area_code)
            if price is not None:
                return price
        if kind == "add_amenities":
            raise _unpriced(kind, area_code, code)
        return 0

    def _best(self, kind: str, unit: str, item: str, area_code: str) -> int | None:
        ends = (area_code[:digits] for digits in (6, 4, 2, 0))
        prices = (self._known.get((kind, unit, item, area)) for area in ends)
        return next((price for price in prices if price is not None), None)

    @cached_property
    def _known(self) -> dict[tuple[str, str, str, str], int]:
        return {(p.action, p.unit, p.item, p.area): p.yuan for p in self.prices}

    def scaled(self, kind: str, factor: float) -> CostTable:
        """Return the list with one kind dearer or cheaper, rounded to whole yuan: what if."""
        return CostTable(
            tuple(
                Price(p.action, p.area, p.unit, p.item, round(p.yuan * factor), p.basis)
                if p.action == kind
                else p
                for p in self.prices
            )
        )

    def as_records(self) -> list[dict[str, Any]]:
        """Return the list for JSON; `from_records` reads it."""
        return [asdict(price) for price in self.prices]

    @property
    def fingerprint(self) -> str:
        """Return what differs where any price differs; 16 letters and digits."""
        rows = [[getattr(p, name) for name in _FIELDS[:-1]] for p in self.prices]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def _unpriced(kind: str, area_code: str, item: str) -> UsageError:
    words = KINDS.terms[kind]
    of = f" of {item}" if item else ""
    where = f" in {area_code}" if area_code else ""
    return UsageError(
        f"the price list has no price for {words.zh} {kind}{of}{where}; add a row, or leave that "
        "kind of action out"
    )


def _toml(prices: Sequence[Price]) -> str:
    tables = []
    for price in prices:
        cells = {name: value for name, value in asdict(price).items() if value != ""}
        lines = [
            f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in cells.items()
        ]
        tables.append("\n".join(["[[price]]", *lines]))
    return "\n\n".join(tables) + "\n"
