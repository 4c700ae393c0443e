"""Which upload (上传批次) a position came with: what went wrong once went wrong for all of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from geodata.geodesy import IntArray
    from stations.audit.ruling import Context
    from stations.store import Store

_DIGITS = re.compile(r"(\d+)")


def uploads(store: Store, as_of: int | None = None) -> pd.DataFrame:
    """Return the upload of each station of a revision, the newest for None; indexed by id.

    Columns: ``upload``, a label such as ``r12 gcj02 operator`` (the revision that last set the
    position, the datum it was said to be in and who said so), ``since``, that revision's time.
    """
    frame = store.stations(as_of)
    origins = store.position_revisions(as_of)
    numbers = origins.reindex(frame.index)
    times = {each.number: each.at for each in store.revisions()}
    label = "r" + numbers.astype(str) + " " + frame["datum_in"] + " " + frame["datum_by"]
    since = pd.to_datetime(numbers.map(times), utc=True)
    return pd.DataFrame({"upload": label.astype("str"), "since": since}, index=frame.index)


class Batches(NamedTuple):
    """The records of a register by upload."""

    names: list[str]
    code: IntArray
    """(n,) position in ``names`` of each row's upload."""
    order: IntArray
    """(n,) the rows, upload by upload, each in the order of its ids read as people count: A2
    before A10. The order of the file itself is not kept."""

    def rows(self) -> list[IntArray]:
        """Return the rows of each upload, in order."""
        counts = np.bincount(self.code, minlength=len(self.names))
        return np.split(self.order, np.cumsum(counts)[:-1])


def batches(context: Context) -> Batches:
    """Group the register by ``context.uploads``; without it, by datum and who said it."""
    frame = context.registry.stations
    labels = frame["datum_in"] + " " + frame["datum_by"]
    if context.uploads is not None:
        labels = context.uploads["upload"].reindex(frame.index).fillna(labels)
    code, names = pd.factorize(labels, sort=True)
    place = np.empty(len(frame), dtype=np.int64)
    place[_counted(frame.index)] = np.arange(len(frame))
    return Batches([str(name) for name in names], code, np.lexsort((place, code)))


def _counted(ids: pd.Index[str]) -> IntArray:
    """Return the rows in the order people count ids in; ids of one length are so already."""
    length = ids.str.len()
    if len(ids) and (length == length[0]).all():
        return np.argsort(ids.to_numpy(dtype=object), kind="stable")
    keys = [
        [int(part) if at % 2 else part for at, part in enumerate(_DIGITS.split(text))]
        for text in ids
    ]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
