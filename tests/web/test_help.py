"""The pages of help: what lies beside the code, for people; every link leads somewhere."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from web.help import rendering
from web.help.pages import ROOT, Page, groups, page_at, page_of

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

PAGES = [page for group in groups() for page in group.pages]


class Links(HTMLParser):
    """The links of a document, its ids and its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element."""
        told = dict(attrs)
        self.tags.append(tag)
        self.ids.append(told.get("id") or "")
        if tag == "a" and told.get("href"):
            self.hrefs.append(str(told["href"]))


def test_every_link_leads_somewhere(client: FlaskClient) -> None:
    """From the index on, in both languages, as far as links of this server go."""
    seen: dict[str, Links] = {}
    left, fragments = ["/help", "/help?lang=en"], []
    while left:
        address = left.pop()
        if address in seen:
            continue
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        seen[address] = Links(answer.get_data(as_text=True))
        for href in seen[address].hrefs:
            parts = urlsplit(urljoin(address, href))
            if parts.scheme:
                continue
            if parts.fragment:
                fragments.append((parts.path, unquote(parts.fragment)))
            way = parts.path + (f"?{parts.query}" if parts.query else "")
            if parts.path.startswith("/help"):
                left.append(way)
            else:
                assert client.get(way).status_code == 200, (address, href)
    assert {f"/help/{page.path}" for page in PAGES} <= seen.keys()
    for path, fragment in fragments:
        assert fragment in {*seen[path].ids, "main"}, (path, fragment)
    for links in seen.values():
        assert links.tags.count("h1") == 1
        assert "script" not in links.tags


def test_all_that_lies_beside_the_code_is_there() -> None:
    named = {page.path for page in PAGES}
    assert len(named) == len(PAGES) > 20
    for folder in ("stations", "geodata", "web", "scripts"):
        for path in (ROOT / folder).rglob("*.md"):
            assert path.relative_to(ROOT).as_posix() in named
    assert {each.id for each in groups()} == {"rider", "planner", "inspector", "operator"}


@pytest.mark.parametrize(
    "path",
    ["nothing.md", "web/auth/../auth/README.md", "../README.md", "pyproject.toml", "/etc/passwd",
     "web/help/pages.py", "%2e%2e/README.md", "stations/trust", "web\\auth\\README.md", "\0"],
)  # fmt: skip
def test_nothing_else_is(client: FlaskClient, path: str) -> None:
    assert client.get(f"/help/{path}").status_code in {308, 404}
    assert page_of(path) is None


def test_titles_are_in_both_languages(client: FlaskClient) -> None:
    zh, en = (client.get(f"/help{query}").get_data(as_text=True) for query in ("", "?lang=en"))
    assert "可信度是什么" in zh
    assert 'lang="zh-CN"' in zh
    assert "Trust: how sure we are" in en
    assert "可信度是什么" not in en


def test_what_a_text_holds_is_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nasty = "# T\n\n## A `b` 中\n\n<img src=x onerror=alert(1)> [x](javascript:alert(1))\n"
    nasty += "[y](y.py) ![z](http://z) [t](../trust/README.md#formula) `../trust/README.md`\n"
    nasty += "`stations/trust` `a/b`\n\n|a|\n|-|\n|<b>|\n"
    (tmp_path / "x.md").write_text(nasty, "utf-8")
    monkeypatch.setattr(Page, "file", tmp_path / "x.md")
    told = rendering.rendered(Page("stations/nearest/x.md", "甲", "a"))
    links = Links(told)
    assert "img" not in links.tags
    assert "b" not in links.tags
    assert links.hrefs == [
        "/help/stations/trust/README.md#formula",
        "/help/stations/trust/README.md",
        "/help/stations/trust/README.md",
    ]
    assert "a-b-中" in links.ids
    assert 'class="scroll"' in told


def test_paths_that_lead_out_lead_nowhere() -> None:
    for named in ("../../../etc", "..", "/stations/trust/../../.."):
        assert page_at(named, PurePosixPath("stations/trust")) is None


def test_no_style_of_its_own_that_the_policy_would_refuse() -> None:
    texts = [rendering.rendered(page) for page in PAGES]
    assert any('class="number"' in text for text in texts)
    assert not [text for text in texts if "style=" in text]


def test_a_language_asked_for_is_remembered_by_pages(client: FlaskClient) -> None:
    client.get("/api/v1/register?lang=en")
    assert 'lang="zh-CN"' in client.get("/help").get_data(as_text=True)
    client.get("/help?lang=en")
    assert '<html lang="en"' in client.get("/help").get_data(as_text=True)
    client.get("/help?lang=tlh")
    assert '<html lang="en"' in client.get("/help").get_data(as_text=True)
