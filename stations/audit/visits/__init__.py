"""Visits (现场核查): what is asked on the spot, and what the answers do.

README.md beside this file has the form, what becomes of each answer, and how photos are kept.
"""

from __future__ import annotations

from stations.audit.visits.form import Form, form
from stations.audit.visits.images import LARGEST
from stations.audit.visits.listing import (
    Wanted,
    chosen,
    heirs,
    homes,
    listed,
    numbered,
    photos_named,
    records,
    sheet,
)
from stations.audit.visits.photos import Photo, Photos
from stations.audit.visits.pins import is_far, metres
from stations.audit.visits.recording import Made, asked, record
from stations.audit.visits.sent import PhotoNamed, Position, VisitSent, read
from stations.audit.visits.terms import terms

__all__ = [
    "LARGEST",
    "Form",
    "Made",
    "Photo",
    "PhotoNamed",
    "Photos",
    "Position",
    "VisitSent",
    "Wanted",
    "asked",
    "chosen",
    "form",
    "heirs",
    "homes",
    "is_far",
    "listed",
    "metres",
    "numbered",
    "photos_named",
    "read",
    "record",
    "records",
    "sheet",
    "terms",
]
