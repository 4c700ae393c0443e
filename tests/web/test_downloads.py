"""Whole collections as files: their content, and when they need not be sent again."""

from __future__ import annotations

import gzip
import io
import json
import time
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyarrow.parquet as pq
import pytest

from stations.registry import LiveRegistry
from stations.store import Changes
from tests.web import people, sample
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

FORMS = ["geojson", "csv", "parquet"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("what", ["stations", "parks"])
def test_a_file_holds_the_register_and_nothing_of_its_inside(
    client: FlaskClient, tmp_path: Path, what: str, form: str
) -> None:
    answer = client.get(f"/api/v1/exports/{what}.{form}")
    assert answer.headers["Content-Disposition"] == f"attachment; filename={what}.{form}"
    path = tmp_path / f"{what}.{form}"
    path.write_bytes(answer.get_data())
    frame = sample.stations() if what == "stations" else sample.parks()
    if form == "csv":
        table = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("id")
    else:
        table = gpd.read_file(path) if form == "geojson" else gpd.read_parquet(path)
        table = table.set_index("id")
        assert table.geometry.geom_equals(frame.geometry).all()
    assert [*table.index] == [*frame.index]
    assert [*table["name"]] == [*frame["name"]]
    assert {"position_in", "datum_by", "attributes", "closures"}.isdisjoint(table.columns)
    if what == "stations" and form == "csv":
        assert [*map(float, table["lon"])] == [*frame.geometry.x]


def test_parquet_says_where_each_row_is(client: FlaskClient) -> None:
    file = pq.ParquetFile(io.BytesIO(client.get("/api/v1/exports/parks.parquet").get_data()))
    told = json.loads(file.schema_arrow.metadata[b"geo"])
    assert told["version"] == "1.1.0"
    covering = told["columns"]["geometry"]["covering"]["bbox"]
    assert covering["xmin"] == ["bbox", "xmin"]


@pytest.mark.parametrize("form", FORMS)
def test_what_one_has_is_not_sent_again(tmp_path: Path, form: str) -> None:
    store = sample.filled_store(tmp_path)
    live = LiveRegistry(store, 0.0, time.monotonic)
    client = create_app(Settings(), live, lambda: sample.NOW).test_client()
    path = f"/api/v1/exports/stations.{form}"
    first = client.get(path)
    tag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    assert not tag.startswith("W/")
    assert changed == "Sun, 22 Nov 2026 08:00:00 GMT"
    head = client.head(path)
    assert (head.status_code, head.headers["ETag"], head.get_data()) == (200, tag, b"")
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(path, headers={"If-Modified-Since": changed}).status_code == 304
    early = {"If-Modified-Since": "Sat, 21 Nov 2026 08:00:00 GMT"}
    assert client.get(path, headers=early).get_data() == first.get_data()
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    if form != "parquet":
        assert gzip.decompress(packed.get_data()) == first.get_data()
        assert packed.headers["ETag"] != tag
    store.commit(
        Changes(removed_stations=("S001",)),
        who="t", why="x", at=sample.WHEN.replace(hour=9),
    )  # fmt: skip
    again = client.get(path, headers={"If-None-Match": tag, "If-Modified-Since": changed})
    assert again.status_code == 200
    assert again.headers["Last-Modified"] == "Sun, 22 Nov 2026 09:00:00 GMT"
    store.close()


def test_restricted_files_are_their_readers_alone(tmp_path: Path) -> None:
    with people.filled_store(tmp_path) as store:
        app = create_app(Settings(), LiveRegistry(store, 1.0, time.monotonic), lambda: sample.NOW)
        paths = [f"/api/v1/exports/border_posts.{form}" for form in FORMS]
        for name in ("", "editor-here"):
            client = people.Browser(app, name).client
            assert {client.get(path).status_code for path in paths} == {404}
        client = people.Browser(app, "inspector-here").client
        answer = client.get(paths[1])
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer.headers
        assert "Last-Modified" not in answer.headers
        assert [line[:8] for line in answer.get_data(as_text=True).splitlines()[1:]] == [
            "SECRET-0", "SECRET-1", "SECRET-2",
        ]  # fmt: skip
        assert '机密"' not in answer.get_data(as_text=True)
        assert client.get("/api/v1/exports/stations.exe").status_code == 404
