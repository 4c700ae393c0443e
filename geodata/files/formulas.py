"""Texts of delimited files that a spreadsheet would run, and how they are kept from it.

A spreadsheet that opens a CSV takes a cell beginning with ``=``, ``+``, ``-``, ``@`` (also full
width), a tab, a line's end or a NUL as a formula. Such a text is written behind an apostrophe, as
OWASP's ASVS 5.0 (1.2.10) wants it, and the apostrophe is taken off when the file is read again, or
a sheet made of it. Texts that come so from elsewhere lose it as well.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_RUNS = re.compile(r"'*[=+\-@＝＋－＠\t\r\n\0]")
_NUMBER = re.compile(r"[+-][0-9., ]*\Z")


def guarded(text: str) -> str:
    """Return ``text`` as a spreadsheet shows it and does not run it; a number stays as it is."""
    return f"'{text}" if _RUNS.match(text) and not _NUMBER.match(text) else text


def unguarded(texts: Sequence[str]) -> Sequence[str]:
    """Return what `guarded` was given, text by text."""
    if not any(text.startswith("'") for text in texts):
        return texts
    return [text[1:] if text.startswith("'") and _RUNS.match(text) else text for text in texts]
