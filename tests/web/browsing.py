"""The map in a browser: one visitor, every other host cut off, and all that must not happen."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cheroot.server import HTTPConnection
from cheroot.wsgi import Server
from playwright.sync_api import Browser, Page, expect

from tests.web import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apiflask import APIFlask
    from playwright.sync_api import Response

CHROMIUM = Path("/usr/bin/chromium")
CUT_OFF = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
"""What keeps a browser on this machine. Routing its requests would do so too, but without cache."""
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
KUNMING = {"longitude": sample.KUNMING[0], "latitude": sample.KUNMING[1]}
LOCATED = {"geolocation": KUNMING, "permissions": ["geolocation"]}

expect.set_options(timeout=20_000)  # a machine with much else to do is no fault of the page

BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}"),
]


class Connection(HTTPConnection):
    """A connection that drops what its visitor did not wait for; cheroot tries to send it later."""

    def close(self) -> None:
        super().close()
        with suppress(OSError):
            self.wfile.close()


@contextmanager
def served(app: APIFlask) -> Iterator[str]:
    """Serve an application; give its address."""
    server = Server(("127.0.0.1", 0), app)
    server.ConnectionClass = Connection
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.bind_addr[1]}"
    finally:
        server.stop()
        thread.join()


class Visit:
    """One visitor's page and everything that must not happen on it."""

    def __init__(self, browser: Browser, address: str, **context: Any) -> None:
        self.context = browser.new_context(locale="zh-CN", base_url=address, **context)
        self.page: Page = self.context.new_page()
        self.outside: list[str] = []
        self.complaints: list[str] = []
        self.bodies: list[str] = []
        self.allowed: set[str] = set()
        self.hosts = [address]
        """Where requests may go; the browser finds no name and no other machine (`CUT_OFF`)."""
        self.context.on("request", lambda request: self._watch(request.url))
        self.page.on("console", lambda message: self._complain(message.type, message.text))
        self.page.on("pageerror", lambda error: self._complain("error", str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        self.page.on("response", self._keep)

    def _complain(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not any(part in text for part in self.allowed):
            self.complaints.append(text)

    def _watch(self, url: str) -> None:
        if not url.startswith((*self.hosts, "blob:", "data:")):
            self.outside.append(url)

    def _keep(self, response: Response) -> None:
        if response.status == 200 and "/static/" not in response.url:
            self.bodies.append(response.text())

    def sign_in(self, name: str = "staff", password: str = sample.TOKEN) -> None:
        """Sign in, as the page does it; what is open stays as it is until it is loaded anew."""
        told = {"name": name, "password": password}
        answer = self.context.request.post("/api/v1/sessions", data=told)
        assert answer.status == 201, answer.text()

    def open_map(self) -> Page:
        """Open the map and wait until all of it is there."""
        self.page.goto("/map")
        expect(self.page.locator(".bunch, .pin").first).to_be_visible()
        expect(self.page.locator("#total .figure")).to_have_text("10.8%", timeout=10_000)
        return self.page

    def everything_told(self) -> str:
        """Return the page as it stands, and every answer it got."""
        return "\n".join([self.page.content(), *self.bodies])

    def end(self) -> None:
        """Close the page and hold it to what was promised."""
        hurt = self.page.evaluate("window.hurt")
        self.context.close()
        assert self.outside == []
        assert self.complaints == []
        assert hurt is None
