"""Templates hold keys, not texts: ``<h1 data-t="key"></h1>``.

The text of the first language is put in when a template is compiled; scripts put in another one
(``translatePage`` of i18n.js). ``data-t-label`` and ``data-t-placeholder`` do so with attributes.
A page without scripts says `said("key")`, in the language it is asked for.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Response, has_request_context, request
from jinja2.ext import Extension
from markupsafe import Markup, escape

from web.words import LANGUAGES, TAGS, text
from web.words.errors import ENGLISH, translated

if TYPE_CHECKING:
    from flask import Flask

COOKIE = "language"
"""What a browser remembers of the language chosen in it; i18n.js reads and sets it too."""
_TEXT = re.compile(r'(data-t="(\w+)"[^<>]*>)(?=</)')
_ATTRIBUTE = re.compile(r'data-t-(label|placeholder)="(\w+)"')
_NAMES = {"label": "aria-label", "placeholder": "placeholder"}


def register(app: Flask) -> None:
    """Let templates of ``app`` speak by keys."""
    app.jinja_env.add_extension(Marking)
    app.jinja_env.globals |= {
        "said": said,
        "first": first,
        "both": both,
        "language": language,
        "other_language": other_language,
        "tags": TAGS,
    }
    app.after_request(_remembered)


def _remembered(answer: Response) -> Response:
    """Let the browser remember the language that a link of a page asked for."""
    chosen = request.args.get("lang")
    if chosen in LANGUAGES and answer.mimetype == "text/html":
        year = timedelta(days=365)
        secure = request.is_secure
        answer.set_cookie(COOKIE, str(chosen), max_age=year, samesite="Lax", secure=secure)
    return answer


def language() -> str:
    """Return the language a page of this request speaks: as asked, as chosen before, or Chinese."""
    if not has_request_context():
        return LANGUAGES[0]
    wishes = (request.args.get("lang"), request.cookies.get(COOKIE))
    return next((wish for wish in wishes if wish in LANGUAGES), LANGUAGES[0])


def answers_in() -> str:
    """Return the language this request takes answers of the API in: English unless it says so."""
    if not has_request_context():
        return ENGLISH
    wished = request.accept_languages.best_match(TAGS.values(), default=TAGS[ENGLISH])
    return next(language for language, tag in TAGS.items() if tag == wished)


def heard(sentence: str) -> str:
    """Return what an error said in the language this request takes answers in."""
    return translated(sentence, answers_in())


def other_language() -> str:
    """Return the language to be offered."""
    return LANGUAGES[(LANGUAGES.index(language()) + 1) % len(LANGUAGES)]


def first(key: str) -> str:
    """Return the text of a key in the first language, for a script to translate."""
    return text(key, LANGUAGES[0])


def both(key: str) -> Markup:
    """Return the text of a key in every language, each marked as such."""
    spans = (
        Markup('<span lang="{}">{}</span>').format(TAGS[each], text(key, each))
        for each in LANGUAGES
    )
    return Markup(" ").join(spans)


def said(key: str, **values: object) -> str:
    """Return the text of a key in the language of this request's page."""
    return text(key, language(), **values)


class Marking(Extension):
    """Puts the first language's texts where a template names their keys."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """Return the template with its texts."""
        source = _ATTRIBUTE.sub(
            lambda found: f'{found[0]} {_NAMES[found[1]]}="{escape(first(found[2]))}"', source
        )
        return _TEXT.sub(lambda found: found[1] + str(escape(first(found[2]))), source)
