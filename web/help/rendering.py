"""Markdown to HTML, by markdown-it: no HTML of the text's own, links between pages kept.

What a text calls by its path, such as ``stations/trust/README.md``, leads to that page.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from web.help.pages import Page, page_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NO_WORD = re.compile(r"[^\w]+")
_SCROLLS = {"class": "scroll", "tabindex": "0"}


@cache
def rendered(page: Page) -> Markup:
    """Return a page's text as HTML, without its title."""
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = made.parse(page.file.read_text("utf-8"))
    tokens = list(_scrolling(_untitled(tokens)))
    _head(tokens)
    folder = PurePosixPath(page.path).parent
    for token in tokens:
        if token.children:
            token.children = list(_linked(token.children, page, folder))
        if token.type in {"fence", "code_block"}:
            token.attrSet("tabindex", "0")
        if token.attrs.pop("style", "") == "text-align:right":  # the policy lets no style through
            token.attrSet("class", "number")
    html: str = made.renderer.render(tokens, made.options, {})
    return Markup(html)  # noqa: S704 - markdown-it escapes all that is not its own


def _untitled(tokens: list[Token]) -> list[Token]:
    """Leave out the first heading: the page shows its title itself."""
    if tokens and tokens[0].type == "heading_open":
        return tokens[3:]
    return tokens


def _head(tokens: Sequence[Token]) -> None:
    """Give headings names to lead to, and none the level of the page's title."""
    for token, text in pairwise(tokens):
        if token.tag == "h1":
            token.tag = "h2"
        if token.type == "heading_open":
            token.attrSet("id", _NO_WORD.sub("-", text.content.lower()).strip("-"))


def _scrolling(tokens: Sequence[Token]) -> Iterator[Token]:
    """Put tables into boxes that scroll, by keyboard too."""
    for token in tokens:
        if token.type == "table_open":
            box = Token("paragraph_open", "div", 1, {**_SCROLLS}, block=True)
            token.attrSet("class", "table")
            yield from (box, token)
        elif token.type == "table_close":
            yield from (token, Token("paragraph_close", "div", -1, block=True))
        else:
            yield token


def _linked(children: Sequence[Token], page: Page, folder: PurePosixPath) -> Iterator[Token]:
    """Let links lead to pages of help, and out; one to a file that is no page is words only."""
    ways: list[bool] = []
    for token in children:
        if token.type == "link_open":
            address = _address(str(token.attrGet("href") or ""), folder)
            ways.append(bool(address))
            if address:
                token.attrSet("href", address)
                yield token
        elif token.type == "link_close":
            if ways.pop():
                yield token
        elif token.type == "code_inline" and not any(ways):
            yield from _called(token, page, folder)
        elif token.type == "image":
            yield Token("text", "", 0, content=token.content)
        else:
            yield token


def _called(token: Token, page: Page, folder: PurePosixPath) -> Iterator[Token]:
    found = page_at(token.content, folder) if "/" in token.content else None
    if found is None or found == page:
        yield token
        return
    yield Token("link_open", "a", 1, {"href": f"/help/{quote(found.path)}"})
    yield token
    yield Token("link_close", "a", -1)


def _address(href: str, folder: PurePosixPath) -> str:
    """Return where a link of a page in ``folder`` leads; empty: nowhere here."""
    parts = urlsplit(href)
    if parts.scheme in {"http", "https"} or not (parts.scheme or parts.netloc or parts.path):
        return href
    if parts.scheme or parts.netloc:
        return ""
    if parts.path.startswith("/"):
        return href
    found = page_at(parts.path, folder)
    end = f"#{parts.fragment}" if parts.fragment else ""
    return f"/help/{quote(found.path)}{end}" if found else ""
