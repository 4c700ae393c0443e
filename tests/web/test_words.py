"""Every text a page shows comes from a catalogue that the page loads, in every language."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from web import offline, words

WEB = Path(words.__file__).resolve().parent.parent
STATIC = WEB / "static"
TEMPLATES = WEB / "templates"
SCRIPTS = sorted((STATIC / "js").rglob("*.js"))
PAGES = sorted(TEMPLATES.glob("*.html"))

CHINESE = re.compile(r"[\u3400-\u9fff]")
SAID = re.compile(r'\b(?:t|both)\(\s*"(\w+)"')
MARKED = re.compile(r'data-t(?:-label|-placeholder)?="(\w+)"')
EXPLAINED = re.compile(r'{{ term\("(\w+)"')
"""A word explained at a tap: two texts, see parts.html."""
QUOTED = re.compile(r'"(\w+)"')
MADE = re.compile(r"`(\w*)\$\{[^`]*?\}(\w*)`")
PLACE = re.compile(r"\{(\w+)\}")
COMMENT = re.compile(r"(?m)(?<!:)//.*$|{#.*?#}")
BY_BEGINNING = ("bulletin_", "ways_")
"""Read all together, in web/paper/notices.py."""
ALONE = {"planview.js"}
"""Goes into pages that stand alone, on no server: they carry their words inside."""


@cache
def keys(domain: str) -> frozenset[str]:
    return frozenset(words.texts(domain, words.LANGUAGES[0]))


def everything() -> frozenset[str]:
    return frozenset().union(*(keys(domain) for domain in words.domains()))


def entries() -> dict[str, list[str]]:
    """Return the first script of each page, as its template names it, and the templates of it."""
    found: dict[str, list[str]] = {}
    for page in PAGES:
        text = page.read_text()
        for name in re.findall(r'(?:src=|script\()"(/static/js/[\w/]+\.js)"', text):
            found.setdefault(name, []).append(page.name)
        if extends := re.search(r'set page, script = "\w+", "(\w+)"', text):
            found.setdefault(f"/static/js/accounts/{extends[1]}.js", []).append(page.name)
    return found


def included(name: str) -> set[str]:
    """Return a template and all it takes in."""
    text = (TEMPLATES / name).read_text()
    taken = re.findall(r'{%-? (?:include|extends|from) "([\w.]+)"', text)
    return {name}.union(*(included(each) for each in taken))


def marked(template: str) -> set[str]:
    """Return the keys of the texts that a template holds."""
    explained = {
        f"{word}{part}" for word in EXPLAINED.findall(template) for part in ("What", "Means")
    }
    return {*MARKED.findall(template), *explained}


@pytest.mark.parametrize("first", sorted(entries()))
def test_a_page_loads_all_it_says(first: str) -> None:
    files = offline.parts(f'<script src="{first}"></script>', STATIC)
    domains = [Path(file).stem for file in files if file.startswith(words.PREFIX)]
    known = frozenset().union(*(keys(domain) for domain in domains))
    scripts = [STATIC / file.removeprefix("/static/") for file in files]
    said = {key for path in scripts if path.exists() for key in SAID.findall(path.read_text())}
    if domains:
        for template in set().union(*(included(name) for name in entries()[first])):
            said |= marked((TEMPLATES / template).read_text())
    missing = sorted(said - known)
    assert not missing, " ".join(missing)


def test_no_text_is_left_over() -> None:
    """A key is named somewhere: as it is, or by a text that makes it, such as `day${n}`."""
    sources = [*SCRIPTS, *WEB.rglob("*.html"), *WEB.rglob("*.py")]
    text = "\n".join(path.read_text() for path in sources)
    named = set(QUOTED.findall(text)) | marked(text)
    made = [
        re.compile(re.escape(a) + r"\w+" + re.escape(b)) for a, b in MADE.findall(text) if a or b
    ]
    rest = sorted(key for key in everything() - named if not key.startswith(BY_BEGINNING))
    unused = [key for key in rest if not any(each.fullmatch(key) for each in made)]
    assert not unused, " ".join(unused)


def test_a_key_stands_in_one_catalogue() -> None:
    names = [key for domain in words.domains() for key in keys(domain)]
    assert len(names) == len(set(names)) > 500


@pytest.mark.parametrize("domain", words.domains())
def test_languages_say_the_same(domain: str) -> None:
    first, *others = (words.texts(domain, language) for language in words.LANGUAGES)
    for other in others:
        assert set(other) == set(first)
        for key, said in first.items():
            assert said.strip(), key
            assert other[key].strip(), key
            assert set(PLACE.findall(said)) == set(PLACE.findall(other[key])), key


@pytest.mark.parametrize("path", [*SCRIPTS, *PAGES], ids=lambda path: path.name)
def test_no_text_stands_outside_the_catalogues(path: Path) -> None:
    if path.name in ALONE:
        return
    text = COMMENT.sub("", path.read_text())
    said = [line.strip() for line in text.splitlines() if CHINESE.search(line)]
    assert [line for line in said if not re.search(r"replace\(/", line)] == []


DATA = re.compile(
    r"\.textContent = (?!.*\bstraight\()(.*\b(?:name|names|text|title|message|told|why|of)\b.*);"
)
"""What may hold a name or a message: `setText` of dom.js leaves out what turns text round."""


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_texts_of_data_reach_the_page_straight(path: Path) -> None:
    assert DATA.findall(path.read_text()) == []
