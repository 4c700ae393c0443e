"""Rows of hours, each kept once: most sites and stations share theirs with others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from geodata.geodesy import FloatArray, IntArray

WHOLE = 1_000
"""Shares are written in thousandths."""
NOBODY = -1


class Rows:
    """Distinct rows, written as runs: a value, for how many hours, the next value, …."""

    def __init__(self) -> None:
        self.distinct: list[list[int]] = []
        self._numbers: dict[bytes, int] = {}

    def shares(self, shares: FloatArray) -> list[int]:
        """Return the number of each row of shares (n, hours); NaN becomes `NOBODY`.

        A part that is not all is never written as all, nor one that is something as nothing.
        """
        thousandths = np.rint(shares * WHOLE)
        part = (shares > 0) & (shares < 1)
        thousandths[part] = np.clip(thousandths[part], 1, WHOLE - 1)
        return self.numbers(np.where(np.isnan(shares), NOBODY, thousandths).astype(np.int64))

    def numbers(self, rows: IntArray) -> list[int]:
        """Return the number of each row of whole numbers (n, hours)."""
        return [self._number(row) for row in rows]

    def _number(self, row: IntArray) -> int:
        key = row.tobytes()
        if key not in self._numbers:
            starts = np.flatnonzero(np.diff(row, prepend=row[0] - 1))
            lengths = np.diff(starts, append=row.size)
            self._numbers[key] = len(self.distinct)
            self.distinct.append(np.stack((row[starts], lengths), axis=1).ravel().tolist())
        return self._numbers[key]
