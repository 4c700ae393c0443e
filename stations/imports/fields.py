"""Which parser reads which field."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from stations.catalogue import Vocabulary, catalogue
from stations.days import read_day
from stations.imports import cells, opening

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAME_LENGTH = 200
TEXT_LENGTH = 500

_people = partial(cells.count_value, units="人名位", most=10_000_000, example="1200 people")
_places = partial(cells.count_value, units="个位辆", most=100_000, example="12 places")
BY_CALENDAR = frozenset({"opening_hours", "host_hours", "amenity_hours", "access_hours"})
"""Fields whose parser takes the record's calendar, too."""
id_value = partial(cells.text_value, longest=100, required=True)


def station_parsers() -> Mapping[str, Callable[..., Any]]:
    """Return field → parser for a station's columns, in the schema's order.

    An empty ``calendar`` is "": what the words of the hours say decides then.
    """
    known = catalogue()
    return {
        "name": partial(cells.text_value, longest=NAME_LENGTH, required=True),
        "kind": _word(known.kinds, "standard"),
        "amenities": partial(cells.codes_value, vocabulary=known.amenities),
        "opening_hours": opening.hours_value,
        "access": _word(known.access, ""),
        "host": partial(cells.text_value, longest=TEXT_LENGTH),
        "capacity": _people,
        "area_code": cells.area_code_value,
        "status": _word(known.statuses, "active"),
        "phone": partial(cells.text_value, longest=TEXT_LENGTH),
        "calendar": _word(known.calendars, ""),
        "host_hours": opening.hours_value,
        "amenity_hours": partial(opening.hours_by_word, vocabulary=known.amenities),
        "closures": opening.closures_value,
        "access_hours": partial(opening.hours_by_word, vocabulary=known.access),
        "door_asks": partial(cells.codes_value, vocabulary=known.door_asks),
        "ebike_parking": _places,
        "truck_bays": _places,
        "synthetic": cells.flag_value,
    }


def site_parsers() -> Mapping[str, Callable[[str], Any]]:
    """Return field → parser for a demand site's columns."""
    return {
        "name": partial(cells.text_value, longest=NAME_LENGTH, required=True),
        "workers": _people,
        "from": read_day,
        "until": read_day,
        "synthetic": cells.flag_value,
    }


def _word(vocabulary: Vocabulary, default: str) -> Callable[[str], str]:
    return partial(cells.word_value, vocabulary=vocabulary, default=default)
