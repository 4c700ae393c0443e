"""The sample register, served."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from stations.registry import LiveRegistry
from tests.web import sample
from tests.web.browsing import CHROMIUM, CUT_OFF, Visit, served
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apiflask import APIFlask
    from flask.testing import FlaskClient

    from stations.store import Store


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with sample.filled_store(tmp_path_factory.mktemp("store")) as filled:
        yield filled


@pytest.fixture(scope="session")
def live(store: Store) -> LiveRegistry:
    return LiveRegistry(store, 1.0, time.monotonic)


@pytest.fixture(scope="session")
def app(live: LiveRegistry) -> APIFlask:
    return create_app(Settings(staff_token=sample.TOKEN), live, lambda: sample.NOW)


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", CUT_OFF]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(app: APIFlask) -> Iterator[str]:
    with served(app) as place:
        yield place


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    visits: list[Visit] = []

    def begin(**context: Any) -> Visit:
        visits.append(Visit(browser, address, **context))
        return visits[-1]

    yield begin
    for each in visits:
        each.end()
