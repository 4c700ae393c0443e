"""Whether the service is alive, and whether it should be sent anything."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from flask import current_app

from geodata.errors import ProjectError
from geodata.roads import within
from geodata.roads.engine import RefusalError
from web import roads
from web.api import answers, replies

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from apiflask import APIFlask
    from flask import Response

    from stations.registry import LiveRegistry

ROOM_BYTES = 64 << 20
"""Less than so much room on the disk and changes are about to fail."""
NOT_READY = 503


def register(app: APIFlask) -> None:
    """Answer those who watch ``app``."""
    app.get("/healthz")(app.output(answers.Health)(health))
    app.get("/readyz")(app.output(answers.Ready)(app.doc(responses=_NOT_READY)(ready)))


_NOT_READY = {NOT_READY: "Something is wrong; the answer says what."}


def health() -> Response:
    """Tell whether this service answers, and whether from the newest revision."""
    live = _live()
    revision = live.current().revision
    return replies.fresh(
        {
            "status": "stale" if live.error else "ok",
            "revision": revision,
            "roads": roads.told(roads.current()),
        }
    )


def ready() -> Response:
    """Tell whether this process can do its work: 503, and what is wrong, if it cannot."""
    checks = [_checked(name, check) for name, check in CHECKS.items()]
    good = all(each["ok"] for each in checks)
    answer = replies.fresh({"ready": good, "checks": checks})
    answer.status_code = answer.status_code if good else NOT_READY
    return answer


def room(folder: Path) -> Iterator[str]:
    """Tell what keeps anybody from writing into a folder, which may not be there yet."""
    there = next(each for each in (folder, *folder.parents) if each.is_dir())
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".ready-") as file:
            file.write(b"x")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        yield f"nothing can be written ({error.strerror})"
        return
    free = shutil.disk_usage(there).free
    if free < ROOM_BYTES:
        yield f"the disk is nearly full: {free >> 20} MB are left"


def _checked(name: str, check: Callable[[], Iterator[str]]) -> dict[str, Any]:
    problem = next(check(), None)
    return {"name": name, "ok": problem is None, "problem": problem}


def _live() -> LiveRegistry:
    found: LiveRegistry = current_app.extensions["stations.register"]
    return found


def _register() -> Iterator[str]:
    """Look at the store now: what is answered from afterwards is its newest revision."""
    live = _live()
    live.refresh()
    if live.error is not None:
        yield "the register's store cannot be read; the revision loaded last is answered from"


def _roads() -> Iterator[str]:
    travel = roads.current()
    following: roads.LiveTravel | None = current_app.extensions.get("stations.travel")
    if getattr(following, "error", None) is not None:
        yield (
            "the road network cannot be used, and minutes are estimates"
            if roads.for_riders().roads is None
            else "the road network that is there now cannot be opened; the one before serves on"
        )
    if travel.roads is None:
        return
    try:
        with within(roads.RIDER_S), suppress(RefusalError):  # it answers, if only to refuse
            travel.roads.ask("status", {})
    except ProjectError:
        yield "the routing engine does not answer"


def _disk() -> Iterator[str]:
    try:
        folder = _live().store.files
    except ProjectError:
        yield "no folder is named for photos and plans"
        return
    yield from room(folder)


CHECKS: dict[str, Callable[[], Iterator[str]]] = {
    "register": _register,
    "roads": _roads,
    "disk": _disk,
}
"""What `ready` looks at, in this order; no answer names a folder or an address."""
