"""Coverage in truth as files: sheets, pictures, layers."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from apiflask import FileSchema

from geodata import files
from stations.report import workbook
from web import weekmap
from web.api.base import GEOJSON, endpoint
from web.api.demand import asked, sent
from web.api.needs import FileQuery

if TYPE_CHECKING:
    from flask import Response

    from stations.coverage import Truth

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "png": "image/png",
    "svg": "image/svg+xml",
    "gpkg": "application/geopackage+sqlite3",
    "geojson": GEOJSON,
    "html": "text/html",
    "parquet": "application/vnd.apache.parquet",
}
BYTES = FileSchema(type="string", format="binary")


@endpoint("/coverage/file", FileQuery, BYTES, content_type=", ".join(TYPES.values()))
def coverage_file(query: FileQuery) -> Response:
    """Send coverage in truth as a file: a workbook, a picture, or the sites with their figures.

    The same question gives what `GET /coverage` with `hours` tells; without `hours`, of all the
    ordinary week. Every file says how it was made, and whether data is synthetic.
    """
    source = asked(query, query.layer, hours_needed=True)
    what = ("file", query.format, query.plot, query.by)
    answer = sent(
        source,
        lambda: source.written(what, lambda: _written(source.truth(), query)),
        content_type=TYPES[query.format],
    )
    name = f"coverage-{query.layer}.{query.format}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _written(answer: Truth, query: FileQuery) -> bytes:
    if query.format == "xlsx":
        return workbook(answer, query.by)
    if query.format == "html":
        return weekmap.week_page(answer).encode()
    if query.format in {"png", "svg"}:
        from stations.report.plots import plot  # noqa: PLC0415 - matplotlib takes half a second

        return plot(answer, query.plot, query.format, query.by)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"coverage.{query.format}"
        files.write(answer.sites, path)
        return path.read_bytes()
