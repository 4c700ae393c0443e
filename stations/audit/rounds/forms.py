"""How long the forms of visits are."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from stations.audit.standards import USUAL, load
from stations.audit.visits.form import form

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import pandas as pd

    from stations.audit.standards import Standard
    from stations.registry import Registry


def questions_of(
    registry: Registry, standing: pd.DataFrame, at: datetime, standard: Standard | None = None
) -> Callable[[str], float]:
    """Return what tells the number of questions of a station's form, by its id, for `plan`.

    ``standing`` and ``at`` as for `visits.form`; ``standard`` None: the usual one.
    """
    return partial(_count, registry, standing, at, standard or load(USUAL))


def _count(
    registry: Registry, standing: pd.DataFrame, at: datetime, standard: Standard, station: str
) -> float:
    return len(form(registry, station, standard, standing, at).questions)
