"""Pages that open without the network: a service worker keeps all they are made of.

The worker holds one version of a page: its HTML, its styles, and its scripts with all they import.
It keeps no record and no answer of the API; what a page needs of those it keeps itself.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from functools import cache
from pathlib import Path

from web import words

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
    "Cache-Control": "no-cache",
}
"""What a worker is sent with, besides the scope it may have."""

_HERE = Path(__file__).resolve().parent
_NAMED = re.compile(r'(?:src|href)="(/static/[^"?]+)"')
_IMPORTED = re.compile(r'^(?:import|export)\s[^;"(=]*"(\.[^"]+)"', re.MULTILINE)


def worker(page: str, html: str, static: Path, *, name: str = "") -> str:
    """Return the script of the worker that keeps ``page``, an address whose answer is ``html``.

    ``static`` is the folder served as ``/static``; ``name`` is the page's, by default its address.
    The script changes when any byte it keeps does: that is how a browser learns that there is a
    newer version.
    """
    files = parts(html, static)
    digest = hashlib.sha256(html.encode())
    for file in files:
        digest.update(file.encode() + b"\0" + _bytes(file, static))
    family = f"{name or page[1:]}-"
    cache = family + digest.hexdigest()[:16]
    kept = {"page": page, "files": files, "family": family, "cache": cache}
    return f"const SHELL = {json.dumps(kept)};\n\n{(_HERE / 'worker.js').read_text('utf-8')}"


@cache
def modules(first: str, static: Path) -> tuple[str, ...]:
    """Return the addresses of a script and of all it imports, the first one last.

    A page that names them all is loaded in one round trip, not one for each import on the way.
    """
    found = parts(f'<script src="{first}">', static)
    return *(each for each in found if each.endswith(".js") and each != first), first


def parts(html: str, static: Path) -> list[str]:
    """Return the addresses of the files of ours a page loads, with all their scripts import."""
    wanted, found = _NAMED.findall(html), set()
    while wanted:
        file = wanted.pop()
        if file in found:
            continue
        found.add(file)
        if file.endswith(".js"):
            text = _bytes(file, static).decode()
            folder = posixpath.dirname(file)
            imported = _IMPORTED.findall(text)
            wanted += [posixpath.normpath(posixpath.join(folder, each)) for each in imported]
    return sorted(found)


def _bytes(file: str, static: Path) -> bytes:
    if file.startswith(words.PREFIX):
        return words.script(file.removeprefix(words.PREFIX).removesuffix(".js")).encode()
    return (static / file.removeprefix("/static/")).read_bytes()
