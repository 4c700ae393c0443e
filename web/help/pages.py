"""Which pages there are: every Markdown file beside the code, in groups by who asks."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""
_BESIDE = ("stations", "geodata", "web", "scripts")
_README = "README.md"


@dataclass(frozen=True)
class Page:
    """A page."""

    path: str
    """Of its file in the checkout: its address is ``/help/`` and this."""
    zh: str
    en: str

    @property
    def file(self) -> Path:
        """Where it is."""
        return ROOT / self.path


@dataclass(frozen=True)
class Group:
    """Pages for one kind of people."""

    id: str
    zh: str
    en: str
    pages: tuple[Page, ...]


@cache
def groups() -> tuple[Group, ...]:
    """Return the groups as ``pages.toml`` has them; a page it does not name goes to the last."""
    told = tomllib.loads((files(__package__) / "pages.toml").read_text("utf-8"))
    found, made = _found(), []
    for name, group in told.items():
        known = {path: row for path, row in group["pages"].items() if path in found}
        pages = [Page(path, row["zh"], row["en"]) for path, row in known.items()]
        made.append(Group(name, group["zh"], group["en"], tuple(pages)))
    named = {path for group in told.values() for path in group["pages"]}
    others = tuple(Page(path, _title(path), _title(path)) for path in sorted(found - named))
    last = made.pop()
    return (*made, Group(last.id, last.zh, last.en, (*last.pages, *others)))


def page_of(path: str) -> Page | None:
    """Return a page by the path of its file; None: there is none."""
    return _pages().get(path)


def page_at(named: str, beside: PurePosixPath) -> Page | None:
    """Return the page that a page in the folder ``beside`` means by a path; None: no page.

    A path may be from there or from the checkout's root, of a file or of a folder with a README.
    """
    for start in (beside, PurePosixPath()):
        path = _resolved(start / named)
        for each in (path, f"{path}/{_README}"):
            if found := _pages().get(each):
                return found
    return None


@cache
def _pages() -> dict[str, Page]:
    return {page.path: page for group in groups() for page in group.pages}


def _found() -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for folder in _BESIDE
        for path in (ROOT / folder).rglob("*.md")
    }


def _resolved(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            return ""
    return "/".join(parts)


def _title(path: str) -> str:
    first = (ROOT / path).read_text("utf-8").partition("\n")[0]
    return first.lstrip("# ").strip() or path
