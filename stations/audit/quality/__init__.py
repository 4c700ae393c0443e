"""Data quality (数据质量): what no record of the register may be, and how it is found.

The rules are in ``rules.toml``, their predicates in `CHECKS`; ``README.md`` tells how well they
find what was planted. Nothing here changes the register.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from stations.audit.quality import (
    ageing,
    amenities,
    counties,
    datums,
    listing,
    maplist,
    opening,
    outside,
    pairs,
    places,
    rows,
)
from stations.audit.quality.datums import audit_datums
from stations.audit.quality.merging import Proposal, merged, propose
from stations.audit.quality.uploads import uploads
from stations.audit.rulebook import read_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.audit.ruling import Check, Rule

__all__ = [
    "CHECKS",
    "Proposal",
    "audit_datums",
    "maplist",
    "merged",
    "propose",
    "rules",
    "uploads",
]

CHECKS: Mapping[str, Check] = {
    check.__name__: check
    for check in (
        places.null_island,
        places.swapped_axes,
        places.truncated,
        places.piled_up,
        counties.code_retired,
        counties.code_unknown,
        outside.outside_county,
        rows.off_by_one,
        datums.datum_upload,
        datums.datum_record,
        pairs.duplicates,
        opening.never_open,
        opening.round_the_clock_off,
        opening.minutes_only,
        opening.unreadable,
        amenities.own_hours,
        amenities.needs_other,
        amenities.smart_not_always,
        amenities.open_door_asks,
        amenities.truck_bays_without,
        ageing.stale,
        listing.missing,
        listing.moved,
    )
}
"""Every predicate by its name."""


@cache
def rules() -> tuple[Rule, ...]:
    """Return the data quality rules, in the file's order."""
    return read_rules((files(__package__) / "rules.toml").read_text("utf-8"))
