"""Templates into standalone HTML: no script, nothing fetched; every text is escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from stations.audit.bulletin.telling import percent

if TYPE_CHECKING:
    from collections.abc import Mapping

PRINTED = 240
"""Characters of a name on paper; imports take 200."""
FOLDER = Path(__file__).resolve().parent / "templates"


@cache
def environment() -> Environment:
    """Return the templates, with the functions below and ``share`` as filters."""
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"share": percent, "count": count, "change": change, "css": css, "short": short}
    return made


def page(name: str, told: Mapping[str, Any]) -> str:
    """Return a template's page, with the style of all paper inside."""
    style = Markup((FOLDER / "paper.css").read_text("utf-8"))  # noqa: S704 - our own file
    return environment().get_template(name).render(style=style, **told)


def count(value: float | None) -> str:
    """Write a number as people read it; a dash for none."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def change(value: float | None) -> str:
    """Write a difference with its sign."""
    if value is None:
        return "–"
    return f"{value:+,}" if value else "0"


def short(text: str) -> str:
    """Cut a name to `PRINTED` characters: longer ones fill pages nobody reads, in minutes."""
    return text if len(text) <= PRINTED else f"{text[: PRINTED - 1]}…"


def css(text: str) -> Markup:
    """Write a text as the inside of a CSS string in a style sheet: every sign as its number."""
    return Markup("".join(f"\\{ord(sign):x} " for sign in text))  # noqa: S704 - digits alone
