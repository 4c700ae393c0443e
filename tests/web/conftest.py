"""The sample register, served."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from stations.registry import LiveRegistry
from tests.web import sample
from web.app import create_app
from web.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    return create_app(Settings(staff_token=sample.TOKEN), live)


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    return app.test_client()
