"""What reading a file gives: cells as text, the rows a clerk sees, and what could not be read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geodata.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

SHOWN = 80
"""Characters of a value shown in a fault."""


@dataclass(frozen=True, eq=False)
class Table:
    """One table of a file, every cell as text."""

    frame: pd.DataFrame
    """The cells that were read well, as text (an empty cell is ""), under the file's own column
    names. Index 0, 1, 2, …"""
    rows: NDArray[np.int64]
    """For each row of ``frame`` the number its reader sees: the sheet's row or the text file's
    line on which the record starts (the header being row 1 where nothing stands above it); for
    features and JSON items their number, from 1."""
    geometry: NDArray[np.object_] | None
    """For each row a shapely geometry (x is longitude or easting) or None; None where the format
    has no geometry."""
    crs: str | None
    """What the geometry's coordinates refer to, ``EPSG:n``; None where the file does not say."""
    format: str
    """What the file is, in words: ``CSV``, ``GeoPackage``, …"""
    encoding: str
    """Text encoding the cells were read with."""
    faults: tuple[Fault, ...] = ()
    """What could not be read. A record named here is *not* in ``frame``."""
    notes: tuple[str, ...] = ()
    """What was decided while reading and the user should know, one sentence each."""


def build(
    names: Sequence[object],
    columns: Sequence[Sequence[str]],
    rows: Iterable[int],
    **more: Any,  # noqa: ANN401  the other fields of Table
) -> Table:
    """Return the table of these columns; repeated and missing column names become faults.

    A column with neither a name nor a filled cell is left out.
    """
    texts = [str(name).strip().strip("\ufeff").strip() for name in names]
    kept = [i for i, text in enumerate(texts) if text or any(columns[i])]
    unique, faults = _headings([(i + 1, texts[i]) for i in kept])
    numbers = np.fromiter(rows, dtype=np.int64)
    data = {name: pd.array(columns[i], dtype="str") for name, i in zip(unique, kept, strict=True)}
    frame = pd.DataFrame(data, index=pd.RangeIndex(len(numbers)))
    table = Table(frame=frame, rows=numbers, **{"geometry": None, "crs": None} | more)
    return replace(table, faults=(*faults, *table.faults))


def _headings(
    texts: Sequence[tuple[int, str]],
) -> tuple[list[str], list[Fault]]:
    taken = Counter(text for _, text in texts)
    seen: Counter[str] = Counter()
    names, faults = [], []
    for number, text in texts:
        name = text or f"column {number}"
        seen[name] += 1
        if text and seen[name] > 1:
            problem = f"{taken[text]} columns have this name; give each its own"
            faults.append(Fault(None, shown(text), shown(text), problem))
        while name in names:
            name += "+"
        names.append(name)
    return names, faults


def shown(text: str) -> str:
    """Cut ``text`` to what a fault shows."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def take(table: Table, good: NDArray[np.bool_], faults: Sequence[Fault]) -> Table:
    """Return ``table`` without the records that are not ``good``, and with ``faults`` added."""
    geometry = None if table.geometry is None else table.geometry[good]
    return replace(
        table,
        frame=table.frame[good].reset_index(drop=True),
        rows=table.rows[good],
        geometry=geometry,
        faults=(*table.faults, *faults),
    )
