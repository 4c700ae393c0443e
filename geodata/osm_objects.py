"""Objects of an OpenStreetMap file: the part of `geodata.osm` that is done in a process apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    type Found = dict[str, dict[tuple[str, int], tuple[str, dict[str, str]]]]


@dataclass(frozen=True)
class Condition:
    """One tag an object must have."""

    key: str
    values: frozenset[str]
    """Any of these; empty: any value at all but ``no``."""

    def holds(self, tags: Mapping[str, str]) -> bool:
        """Tell whether an object with ``tags`` meets the condition."""
        value = tags.get(self.key)
        return value in self.values if self.values else value not in {None, "no"}


@dataclass(frozen=True)
class TagFilter:
    """What belongs to a layer, and how it is drawn."""

    rules: tuple[tuple[Condition, ...], ...]
    """An object belongs where every condition of any one rule holds."""
    shape: Literal["points", "areas"]

    def holds(self, tags: Mapping[str, str]) -> bool:
        """Tell whether an object with ``tags`` belongs to the layer."""
        return any(all(condition.holds(tags) for condition in rule) for rule in self.rules)


def read(path: str, filters: Mapping[str, TagFilter]) -> Found:
    """Return a filter's name → (letter of its kind, number) → WKB in hexadecimal and tags.

    Raises `RuntimeError`, `OSError` or `UnicodeDecodeError` for a damaged file, unless that ends
    the process: a zero byte in a tag is enough.
    """
    import osmium  # noqa: PLC0415 - nobody else needs it

    factory = osmium.geom.WKBFactory()
    found: Found = {name: {} for name in filters}
    for item in _candidates(path, filters.values()):
        tags = dict(item.tags)
        names = [name for name, chosen in filters.items() if chosen.holds(tags)]
        key, wkb = _drawn(item, factory) if names else (("", "", 0), None)
        for name in names:
            if wkb is not None and (key[0] == "area" or filters[name].shape == "points"):
                found[name][key[1:]] = wkb, tags
    return found


def _candidates(path: str, filters: Iterable[TagFilter]) -> Iterable[Any]:
    """Yield what has any key a rule starts with; keys are compared before Python sees an object."""
    import osmium  # noqa: PLC0415 - as above

    keys = sorted({rule[0].key for chosen in filters for rule in chosen.rules})
    if not keys:
        return ()
    wanted = osmium.filter.KeyFilter(*keys)
    return osmium.FileProcessor(path).with_areas(wanted).with_filter(wanted)


def _drawn(
    item: Any,  # noqa: ANN401  pyosmium has a class a kind and no common one
    factory: Any,  # noqa: ANN401  no types
) -> tuple[tuple[str, str, int], str | None]:
    kind = item.type_str()
    try:
        if kind == "n":
            return ("node", kind, item.id), factory.create_point(item)
        if kind == "a":
            source = "w" if item.from_way() else "r"
            return ("area", source, item.orig_id()), factory.create_multipolygon(item)
        if kind == "w" and not item.is_closed():
            return ("line", kind, item.id), factory.create_linestring(item)
    except RuntimeError:
        return ("", kind, item.id), None  # nodes outside the extract
    return ("", kind, item.id), None
