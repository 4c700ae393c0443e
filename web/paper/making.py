"""From HTML to PDF, by WeasyPrint, which fetches nothing."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from geodata.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Iterator

NEEDED = (
    "A PDF needs WeasyPrint's libraries. On Debian: apt install libpango-1.0-0 "
    "libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk. The .html, to print from a browser, "
    "needs none of them."
)
FAMILY = "Paper"


class PaperError(ProjectError, RuntimeError):
    """Nothing can be printed here; the message says what to install."""


def pdf(html: str) -> bytes:
    """Return the PDF of a standalone page; the same page gives the same bytes.

    Its date is what the page itself says (``dcterms.created``), never the clock's. What the page
    asks to be fetched is refused. `PaperError` where the libraries of WeasyPrint are missing.
    """
    try:
        from weasyprint import CSS, HTML  # noqa: PLC0415 - loads pango, which may be missing
        from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
    except (ImportError, OSError) as error:
        raise PaperError(NEEDED) from error
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    fonts = FontConfiguration()
    faces = CSS(string="\n".join(_faces()), font_config=fonts, url_fetcher=_font_fetcher())
    page = HTML(string=html, base_url="", url_fetcher=_refuse)
    made: bytes = page.write_pdf(stylesheets=[faces], font_config=fonts)
    return made


def _refuse(url: str, *_: object, **__: object) -> NoReturn:
    raise ValueError(f"nothing is fetched: {url[:80]}")


def _faces() -> Iterator[str]:
    """Yield the rules that name the first Chinese font found, and its bold face."""
    from stations.report.fonts import PLACES  # noqa: PLC0415 - matplotlib takes half a second

    found = next((Path(place) for place in PLACES if Path(place).is_file()), None)
    if found is None:
        return
    bold = found.with_name(found.name.replace("Regular", "Bold"))
    for path, weight in ((found, 400), (bold, 700)):
        if path.is_file() and (weight == 400 or bold != found):  # noqa: PLR2004 - CSS's normal
            where = path.as_uri()
            yield f"@font-face{{font-family:{FAMILY};font-weight:{weight};src:url('{where}')}}"


def _font_fetcher() -> object:
    """Return what may read the fonts found above, and no other file."""
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    return URLFetcher(allowed_protocols=("file",), allow_redirects=False)
