"""What pages say, in each language: read from catalogues, served to browsers as modules.

One catalogue is a file ``<language>/LC_MESSAGES/<domain>.po`` of gettext; its ids are the keys of
texts. A key stands in one domain only, so that a key alone names a text.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.pofile import read_po
from flask import Blueprint, Response, abort, request

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("zh", "en")
"""The languages there are; the first is a page's before anybody chooses."""
TAGS = {"zh": "zh-CN", "en": "en"}
"""What a language is called in HTML and HTTP."""
ERRORS = "errors"
"""The catalogue of error messages: its ids are English sentences, and it goes to no browser."""
PREFIX = "/static/words/"
"""Where the modules are served; pages that work offline keep them with their other scripts."""

_HERE = Path(__file__).resolve().parent
_PLACE = re.compile(r"\{(\w+)\}")

blueprint = Blueprint("words", __name__)


def path_of(domain: str, language: str) -> Path:
    """Return where a catalogue is kept."""
    return _HERE / language / "LC_MESSAGES" / f"{domain}.po"


@cache
def domains() -> tuple[str, ...]:
    """Return the domains of texts with keys, sorted."""
    files = path_of("any", LANGUAGES[0]).parent.glob("*.po")
    return tuple(sorted(file.stem for file in files if file.stem != ERRORS))


@cache
def texts(domain: str, language: str) -> Mapping[str, str]:
    """Return the texts of a catalogue by their ids."""
    with path_of(domain, language).open("rb") as file:
        found = read_po(file, locale=language, ignore_obsolete=True)
    return {str(message.id): str(message.string) for message in found if message.id}


def text(key: str, language: str, **values: object) -> str:
    """Return the text of a key with its places, such as ``{n}``, filled.

    Raises:
        KeyError: No catalogue has it, or a place has no value.

    """
    return _PLACE.sub(lambda place: str(values[place[1]]), _all(language)[key])


@cache
def _all(language: str) -> Mapping[str, str]:
    return {key: said for domain in domains() for key, said in texts(domain, language).items()}


@cache
def script(domain: str) -> str:
    """Return a catalogue as a module of JavaScript that puts its texts beside the shared ones."""
    known = {language: dict(texts(domain, language)) for language in LANGUAGES}
    told = json.dumps(known, ensure_ascii=False, separators=(",", ":"))
    if domain == "shared":
        return f"export const words = {told};\n"
    return (
        'import { words } from "./shared.js";\n'
        f"for (const [language, texts] of Object.entries({told})) "
        "Object.assign(words[language], texts);\n"
    )


@blueprint.get(f"{PREFIX}<domain>.js")
def serve(domain: str) -> Response:
    """Send a catalogue to a browser, in all languages: a page changes its language by itself."""
    if domain not in domains():
        abort(404)
    said = script(domain)
    answer = Response(said, mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    answer.set_etag(hashlib.sha256(said.encode()).hexdigest()[:32])
    answer.make_conditional(request)
    return answer
