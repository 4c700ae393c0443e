"""Accounts of every role, here, elsewhere and everywhere, and their browsers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher

from stations.schema import SITE_COLUMNS
from stations.store import Account, Changes
from tests.web import sample
from web.auth import Role

if TYPE_CHECKING:
    from pathlib import Path

    from apiflask import APIFlask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from stations.store import Store

PASSWORD = "我们的驿站就在人民路上面"
WHERE = {"here": "5301", "there": "5331", "everywhere": ""}
"""All stations lie here, and the first three posts; the others lie there."""
ROLES = [role for role in Role if role is not Role.PUBLIC]
NAMES = [f"{role}-{where}" for role in ROLES for where in WHERE]
HERE, THERE = sample.POST_PLACES[:3], sample.POST_PLACES[3:]


def posts() -> Any:
    """Return the border posts of two areas."""
    frame = sample.posts()
    frame["area_code"] = ["530102"] * len(HERE) + ["533102"] * len(THERE)
    return frame.astype({"area_code": SITE_COLUMNS["area_code"]})


def filled_store(folder: Path) -> Store:
    """Return the sample's store with posts in two areas, and accounts."""
    store = sample.filled_store(folder)
    store.commit(Changes(sites={"border_posts": posts()}), who="test", why="two", at=sample.WHEN)
    hire(store)
    return store


def hire(store: Store) -> None:
    """Make an account of every role and area, all with one password."""
    kept = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)  # quick
    for role in ROLES:
        for where, area in WHERE.items():
            account = Account(f"{role}-{where}", "", role, area, sample.WHEN, kept)
            store.accounts.add(account, who="test")


class Browser:
    """A browser with cookies, and what its pages send along with changes."""

    def __init__(self, app: APIFlask, name: str = "", password: str = PASSWORD) -> None:
        self.client: FlaskClient = app.test_client()
        self.csrf = ""
        if name:
            answer = self.sign_in(name, password)
            assert answer.status_code == 201, answer.get_data(as_text=True)

    def sign_in(self, name: str, password: str = PASSWORD) -> TestResponse:
        """Sign in; the cookie and the token are kept."""
        answer = self.client.post("/api/v1/sessions", json={"name": name, "password": password})
        if answer.status_code == 201:
            self.csrf = answer.get_json()["csrf"]
        return answer

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        """Send what a page of ours would send."""
        headers = {**({"X-CSRF-Token": self.csrf} if self.csrf else {}), **more.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **more)
