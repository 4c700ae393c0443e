"""The worker that keeps a page: all the page is made of, and a new name for every new version."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from web import offline

if TYPE_CHECKING:
    from apiflask import APIFlask
    from flask.testing import FlaskClient

PAGE = """<link rel="stylesheet" href="/static/a.css">
<a href="/map">no file</a> <script type="module" src="/static/js/main.js"></script>"""


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """Return a folder of scripts that import one another, in a circle too."""
    files = {
        "a.css": "p { margin: 0 }",
        "js/main.js": 'import "./words.js";\nimport {\n  a,\n  b,\n} from "./parts/a.js";\n',
        "js/words.js": 'const said = "./not-imported.js";\nexport const x = 1;\n',
        "js/parts/a.js": 'import { x } from "../words.js";\nexport { b } from "./b.js";\n',
        "js/parts/b.js": 'import "./a.js";\nexport function b() { return "./nor-this.js"; }\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_everything_a_page_loads_is_kept(static: Path) -> None:
    assert offline.parts(PAGE, static) == [
        "/static/a.css",
        "/static/js/main.js",
        "/static/js/parts/a.js",
        "/static/js/parts/b.js",
        "/static/js/words.js",
    ]


@pytest.mark.parametrize("name", ["a.css", "js/parts/b.js"])
def test_a_changed_byte_is_another_version(static: Path, name: str) -> None:
    before = offline.worker("/page", PAGE, static)
    assert offline.worker("/page", PAGE, static) == before
    (static / name).write_text((static / name).read_text() + " ")
    assert offline.worker("/page", PAGE, static) != before
    assert offline.worker("/page", f"{PAGE} ", static) != before


def test_the_page_s_worker_may_have_its_scope_and_no_more(client: FlaskClient) -> None:
    answer = client.get("/visit/worker.js")
    assert answer.content_type.startswith("text/javascript")
    assert answer.headers["Service-Worker-Allowed"] == "/visit"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "worker-src 'self'" in client.get("/visit").headers["Content-Security-Policy"]


def test_what_is_kept_is_there_and_is_no_answer_of_the_api(
    app: APIFlask, client: FlaskClient
) -> None:
    script = client.get("/visit/worker.js").get_data(as_text=True)
    found = re.match(r"const SHELL = (\{.*\});\n", script)
    assert found is not None
    kept = json.loads(found[1])
    assert kept["page"] == "/visit"
    own = {f"/static/js/inspect/{each.name}" for each in _scripts(app)}
    assert own <= set(kept["files"])
    for file in kept["files"]:
        assert file.startswith("/static/")
        with client.get(file) as answer:
            assert answer.status_code == 200, file


def test_no_script_of_the_page_writes_markup_from_text(app: APIFlask) -> None:
    for script in _scripts(app):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|\.write\(|eval\(", script.read_text()
        )


def _scripts(app: APIFlask) -> list[Path]:
    scripts = list((Path(str(app.static_folder)) / "js/inspect").glob("*.js"))
    assert len(scripts) > 10
    return scripts
