"""Features: those that match, a page at a time; one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import numpy as np
import orjson
from flask import Response, request

from geodata.errors import MissingError
from stations.errors import StoreConflictError
from web.api.base import GEOJSON
from web.api.reading import short
from web.ogc import asking, base
from web.ogc.base import HTML, blueprint, link, snapshot
from web.ogc.references import CRS84, reference
from web.ogc.visible import STATIONS, visible_one
from web.ogc.writing import features

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geodata.geodesy import IntArray
    from web.ogc.asking import Page
    from web.ogc.visible import Collection


@blueprint.get("/collections/<name>/items")
def items(name: str) -> Response:
    """List features as GeoJSON, a page at a time: follow the link with rel "next"."""
    about = visible_one(name)
    values = asking.asked(about)
    page = asking.page_of(values)
    answer = _answered(about, lambda: _page(about, values, page), "items.html")
    return _told_in(answer, page.reference)


@blueprint.get("/collections/<name>/items/<path:item>")
def item(name: str, item: str) -> Response:
    """Show one feature."""
    about = visible_one(name)
    values = base.given("crs")
    told_in = reference(values["crs"], "crs") if "crs" in values else CRS84
    if item not in about.frame.index:
        raise MissingError(f"{about.name} has no item {short(item)!r}")
    row = np.array([about.frame.index.get_loc(item)])
    answer = _answered(about, lambda: _one(about, row, item, told_in), "item.html")
    return _told_in(answer, told_in)


def _answered(about: Collection, build: Any, template: str) -> Response:  # noqa: ANN401
    """Answer GeoJSON bytes, or the page that shows them."""
    if base.form() == "json":
        return base.sent(build, GEOJSON, restricted=about.restricted)
    return base.answer(
        lambda: orjson.loads(build()),
        f"ogc/{template}",
        restricted=about.restricted,
        about=about,
    )


def _told_in(answer: Response, told_in: str) -> Response:
    answer.headers["Content-Crs"] = f"<{told_in}>"
    return answer


def _page(about: Collection, values: Mapping[str, str], page: Page) -> bytes:
    """Return one page as a feature collection."""
    rows = asking.matched(about, values)
    revision = snapshot().revision
    start = _start(about, rows, page, revision, ordered="sortby" in values)
    stop = start + page.limit if not page.before else _place(about, rows, page.before, "left")
    chosen = rows[start:stop]
    links = [
        *base.this(GEOJSON),
        *_neighbours(about, rows, (start, start + len(chosen)), values, revision),
        link("collection", f"/collections/{about.name}", "application/json"),
    ]
    return b'{"type":"FeatureCollection","numberMatched":%d,"numberReturned":%d,"revision":%d,' % (
        len(rows), len(chosen), revision,
    ) + b'"links":%b,"features":[%b]}' % (
        orjson.dumps(links), b",\n".join(features(about, chosen, page.reference)),
    )  # fmt: skip


def _start(about: Collection, rows: IntArray, page: Page, revision: int, *, ordered: bool) -> int:
    """Return where a page begins among the rows that match.

    Pages that go by id stay right while the register changes: no feature comes twice, and none
    that stays is left out. One that goes by its number does not, so it is refused.
    """
    by_number = ordered or page.offset
    if by_number and page.revision not in {None, revision}:
        raise StoreConflictError(
            f"the register has changed since the first page, from revision {page.revision} to"
            f" {revision}: begin again, without offset and revision"
        )
    if page.before:
        return max(0, _place(about, rows, page.before, "left") - page.limit)
    return _place(about, rows, page.after, "right") if page.after else min(page.offset, len(rows))


def _place(about: Collection, rows: IntArray, item: str, side: Any) -> int:  # noqa: ANN401
    """Return how many of the rows come before an id, or before and with it."""
    return int(np.searchsorted(rows, about.frame.index.searchsorted(item, side=side)))


def _neighbours(
    about: Collection,
    rows: IntArray,
    shown: tuple[int, int],
    values: Mapping[str, str],
    revision: int,
) -> list[dict[str, str]]:
    """Return the links to the pages after and before this one."""
    start, stop = shown
    kept = {k: v for k, v in request.args.items() if k not in {"offset", "after", "before"}}
    kept["revision"] = str(revision)
    limit, ids, found = asking.limit_of(values), about.frame.index, []
    for rel, there in (("next", stop < len(rows)), ("prev", start > 0)):
        if not there:
            continue
        if "sortby" in values:
            place = {"offset": str(stop if rel == "next" else max(0, start - limit))}
        elif rel == "next":
            place = {"after": ids[rows[stop - 1]]} if stop else {}
        else:
            place = {"before": ids[rows[start]]} if start < len(rows) else {"offset": "0"}
        path = f"/collections/{about.name}/items?{urlencode({**kept, **place})}"
        found.append(link(rel, path, HTML if base.form() == "html" else GEOJSON))
    return found


def _one(about: Collection, row: IntArray, item: str, told_in: str) -> bytes:
    (feature,) = features(about, row, told_in)
    links = [
        *base.this(GEOJSON),
        link("collection", f"/collections/{about.name}", "application/json"),
    ]
    if about.name == STATIONS:
        page = f"{request.url_root.rstrip('/')}/stations/{quote(item)}"
        links.append({"href": page, "rel": "canonical", "type": HTML})
    return feature[:-1] + b',"links":%b}' % orjson.dumps(links)
