"""The rider's page: all it is made of is named in it, so that one round trip brings everything."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app, render_template

from stations.catalogue import catalogue
from web import offline

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stations.catalogue import Term

ADDRESS = "/"


def html() -> str:
    """Return the page; the same for everybody."""
    return render_template("rider.html", words=_words())


def worker() -> str:
    """Return the script of the worker that keeps the page."""
    return offline.worker(ADDRESS, html(), _static(), name="rider")


def _static() -> Path:
    return Path(str(current_app.static_folder))


@cache
def _words() -> dict[str, list[dict[str, str]]]:
    """Return the register's words as `GET /register` tells them."""
    words = catalogue()
    known: dict[str, Iterable[Term]] = {
        "amenities": words.amenities,
        "kinds": words.kinds,
        "access": words.access,
        "door_asks": words.door_asks,
        "statuses": words.statuses,
    }
    return {
        name: [{"code": term.code, "zh": term.zh, "en": term.en} for term in terms]
        for name, terms in known.items()
    }
