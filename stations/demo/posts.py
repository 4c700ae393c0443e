"""Border posts: points a little inside the border line, in the counties that have one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Geod

from geodata import boundaries
from stations.demo.chance import dealt, drawn, serials, shared_out
from stations.demo.frames import MARK, framed
from stations.demo.places import Points, moved
from stations.schema import SITE_COLUMNS

if TYPE_CHECKING:
    import geopandas as gpd

    from geodata.geodesy import IntArray
    from stations.demo.chance import ObjectArray
    from stations.demo.facts import Facts, PostFacts
    from stations.demo.places import Counties

_EARTH = Geod(ellps="WGS84")
_PROVINCE = "53"


@dataclass(frozen=True)
class Posts:
    """What is drawn of the posts; one row for each, in order of county."""

    kind: ObjectArray
    """A key of ``PostFacts.words``."""
    county: IntArray
    place: Points


def build(rng: np.random.Generator, facts: Facts, counties: Counties) -> gpd.GeoDataFrame:
    """Draw the posts: counties by the length of their border, at least one each."""
    posts = facts.border_posts
    kinds = dealt(rng, *_kinds(posts))
    codes = boundaries.border_counties(_PROVINCE)
    lines = [boundaries.border_line(code) for code in codes]
    lengths = [_EARTH.geometry_length(line) for line in lines]
    counts = shared_out(len(kinds), lengths, least=1)
    on_line = _joined(
        [_along(rng, line, count) for line, count in zip(lines, counts.tolist(), strict=True)]
    )
    home = np.repeat(np.array(codes, dtype=np.int64), counts)
    drawn_posts = Posts(kinds, home, _inland(rng, posts, on_line, home))
    return _frame(rng, posts, counties, drawn_posts)


def _kinds(facts: PostFacts) -> tuple[int, dict[str, float]]:
    counts = {kind: getattr(facts, kind) for kind in facts.words}
    return sum(counts.values()), counts


def _joined(points: list[Points]) -> Points:
    return Points(
        np.concatenate([part.lon for part in points]),
        np.concatenate([part.lat for part in points]),
    )


def _along(rng: np.random.Generator, line: shapely.Geometry, count: int) -> Points:
    """Draw points along a line, one in each of ``count`` equal stretches of its metres."""
    parts = shapely.get_parts(line)
    corners, owner = shapely.get_coordinates(parts, return_index=True)
    lon, lat = corners.T
    _, _, step_m = _EARTH.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    step_m[owner[:-1] != owner[1:]] = 0  # from one part to the next costs nothing
    along_m = np.append(0, np.cumsum(step_m))
    wanted_m = (np.arange(count) + rng.uniform(size=count)) * along_m[-1] / count
    return Points(np.interp(wanted_m, along_m, lon), np.interp(wanted_m, along_m, lat))


def _inland(rng: np.random.Generator, facts: PostFacts, on_line: Points, codes: IntArray) -> Points:
    """Move each point off the line until it lies in its own county."""
    found = Points(np.empty(len(codes)), np.empty(len(codes)))
    rows = np.arange(len(codes))
    while len(rows):
        metres = rng.uniform(facts.least_inside_m, facts.most_inside_m, len(rows))
        tried = moved(on_line.at(rows), rng.uniform(0, 360, len(rows)), metres)
        good = boundaries.county_of(tried.lon, tried.lat) == codes[rows]
        found.put(rows[good], tried.at(good))
        rows = rows[~good]
    return found


def _frame(
    rng: np.random.Generator, facts: PostFacts, counties: Counties, posts: Posts
) -> gpd.GeoDataFrame:
    words = [facts.words[kind] for kind in posts.kind]
    with_aed = np.zeros(len(posts.county), dtype=np.bool_)
    with_aed[drawn(rng, np.ones(len(posts.county)), facts.aeds)] = True
    codes = [str(code) for code in posts.county]
    numbers = serials(posts.county)
    labels = [counties.labels[counties.row(code)] for code in codes]
    columns = {
        "name": [
            f"{label}{word}第{serial:03d}号{MARK}"
            for label, word, serial in zip(labels, words, numbers, strict=True)
        ],
        "workers": rng.integers(facts.least_workers, facts.most_workers + 1, len(posts.county)),
        "area_code": codes,
        "attributes": [
            json.dumps({"aed": aed, "post_kind": word}, ensure_ascii=False)
            for aed, word in zip(with_aed.tolist(), words, strict=True)
        ],
    }
    ids = [f"BP{code}-{serial:03d}" for code, serial in zip(codes, numbers, strict=True)]
    return framed(
        ids, shapely.points(posts.place.lon, posts.place.lat), columns, schema=SITE_COLUMNS
    )
