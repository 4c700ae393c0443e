"""An inspector with a phone: accounts, a browser, photos, a server that loses answers."""

from __future__ import annotations

import io
import time
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect

from stations.registry import LiveRegistry
from stations.store import Account
from tests.web import sample
from tests.web.browsing import LOCATED, PHONE, served
from web.app import create_app
from web.auth import passwords
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from apiflask import APIFlask

    from stations.store import Store

WANG, LI = "wangfang", "liqiang"
PASSWORD = "rest-stations-for-all"
OFFLINE = "ERR_INTERNET_DISCONNECTED"
GPS = {1: "N", 2: (25.0, 2.0, 20.04), 3: "E", 4: (102.0, 43.0, 5.88)}
GPS_IFD = 0x8825


class Unreliable:
    """An application whose answers to visits may be lost on the way back."""

    def __init__(self, app: APIFlask) -> None:
        self.app = app
        self.losing = False
        self.sent: list[str] = []

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method == "GET" or not path.startswith(("/api/v1/visits", "/api/v1/photos")):
            return self.app(environ, start)
        self.sent.append(f"{method} {path.split('/')[3]}")
        if not self.losing or method != "POST":
            return self.app(environ, start)
        list(self.app(environ, lambda *_: None))  # type: ignore[arg-type]  # done, and not told
        start("502 Bad Gateway", [("Content-Type", "text/plain")])
        return [b"lost"]


class World:
    """A register, served, with two inspectors."""

    def __init__(self, store: Store, app: Unreliable, address: str) -> None:
        self.store = store
        self.app = app
        self.address = address


@cache
def _hashed() -> str:
    return passwords.hashed(PASSWORD)


@contextmanager
def world(folder: Path, static: Path | None = None) -> Iterator[World]:
    """Serve six doors in Kunming, one of them with a hostile name; ``static`` instead of ours."""
    frame = sample.doors()
    frame.loc["REPAIR", "name"] = sample.NASTY
    with sample.filled_store(folder, frame) as store:
        for name, title in ((WANG, "王芳"), (LI, "李强")):
            account = Account(name, title, "inspector", "", sample.WHEN, _hashed())
            store.accounts.add(account, who="test")
        live = LiveRegistry(store, 0.0, time.monotonic)
        app = create_app(Settings(staff_token=sample.TOKEN), live, lambda: sample.NOW)
        if static is not None:
            app.static_folder = str(static)
        unreliable = Unreliable(app)
        with served(unreliable) as address:  # type: ignore[arg-type]
            yield World(store, unreliable, address)


class Phone:
    """One phone, and all that must not happen on it. A service worker is at work: no routing."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        options = {"locale": "zh-CN", "base_url": address, **PHONE, **LOCATED, **context}
        self.context = browser.new_context(**options)
        self.address = address
        self.context.clock.set_fixed_time(sample.NOW)
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.allowed = {OFFLINE}
        self.context.on("request", lambda request: self._watch(request.url, address))
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self._complain(message.type, message.text))
        self.page.on("pageerror", lambda error: self._complain("error", str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))

    def _watch(self, url: str, address: str) -> None:
        if not url.startswith((address, "blob:", "data:")):
            self.outside.append(url)

    def _complain(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(part in text for part in self.allowed):
            self.complaints.append(text)

    def sign_in(self, name: str) -> None:
        """Begin a session, as the page of that name does."""
        answer = self.page.request.post(
            "/api/v1/sessions",
            data={"name": name, "password": PASSWORD},
            headers={"Origin": self.address},
        )
        assert answer.status == 201, answer.text()

    def sign_out(self) -> None:
        """Lose the session."""
        self.context.clear_cookies()

    def open(self, address: str = "/visit") -> Page:
        """Open the page and wait until it is the worker's and its lists are there."""
        self.page.goto(address)
        expect(self.page.locator("#list")).not_to_have_attribute("aria-busy", "true")
        expect(self.page.locator("#kept")).to_have_text("没有网络也能打开")
        return self.page

    def offline(self, *, yes: bool) -> None:
        """Cut the network, or give it back; the page knows when this returns."""
        self.context.set_offline(yes)
        expect(self.page.locator(".banner.offline")).to_have_count(int(yes))

    def end(self) -> None:
        """Close the page and hold it to what was promised."""
        hurt = self.page.evaluate("window.hurt")
        self.context.close()
        assert self.outside == []
        assert self.complaints == [], self.complaints
        assert hurt is None


def photo(colour: tuple[int, int, int] = (90, 140, 90)) -> FilePayload:
    """Return a JPEG as a phone takes it: where it was taken is in it."""
    exif = Image.Exif()
    exif[GPS_IFD] = GPS
    exif[0x0110] = "Secret Phone 9"
    data = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(data, "JPEG", exif=exif)
    return {"name": "门 <b>.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}
