"""``stations user`` as an operator meets it."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

import pytest

from stations.store import Store
from tests.shell import Shell
from web.auth import passwords

if TYPE_CHECKING:
    from pathlib import Path

SENTENCE = "correct horse battery"


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> Shell:
    monkeypatch.setattr(sys, "argv", [])
    return Shell(tmp_path, capsys)


def test_an_account_from_first_to_last(shell: Shell, monkeypatch: Any) -> None:
    first = shell.json("user", "add", "LaoZhang", "--role", "admin")
    assert (first["name"], first["role"], first["area"]) == ("laozhang", "admin", "")
    passwords.check(first["password"], "laozhang")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SENTENCE}\n"))
    made = shell.json(
        "user", "add", "wangfang", "--role", "inspector", "--area", "530100",
        "--title", "王芳", "--password-stdin",
    )  # fmt: skip
    assert made == {
        "name": "wangfang", "title": "王芳", "role": "inspector", "area": "5301", "active": True,
    }  # fmt: skip
    changed = shell.json("user", "role", "WANGFANG", "--role", "planner", "--area", "")
    assert (changed["role"], changed["area"]) == ("planner", "")
    token = shell.json("user", "token", "wangfang", "--scopes", "report,read", "--days", "3")
    assert token["token"].startswith("st_")
    code, out, _ = shell("user", "token", "wangfang", "--revoke", token["id"])
    assert (code, out) == (0, f"token {token['id']} revoked\n")
    reset = shell.json("user", "passwd", "wangfang")
    assert reset["password"] != SENTENCE
    assert shell.json("user", "deactivate", "wangfang")["active"] is False
    names = {each["name"]: each["active"] for each in shell.json("user", "list")["accounts"]}
    assert names == {"laozhang": True, "wangfang": False}
    log = shell.json("user", "log", "--name", "wangfang")["log"]
    assert [each["event"] for each in log] == [
        "account_changed", "password_set", "token_revoked", "token_made", "account_changed",
        "account_made",
    ]  # fmt: skip
    told = str(log)
    assert not [each for each in (SENTENCE, reset["password"], token["token"]) if each in told]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "x", "--role", "king"), "a role is one of"),
        (("add", "x", "--role", "editor", "--area", "99"), "no area in use"),
        (("add", "a b", "--role", "editor"), "a name has"),
        (("add", "staff", "--role", "editor"), "a name has"),
        (("add", "known", "--role", "editor"), "already"),
        (("passwd", "nobody"), "no account"),
        (("role", "known"), "--role"),
        (("role", "nobody", "--role", "editor"), "no account"),
        (("deactivate", "nobody"), "no account"),
        (("token", "known", "--scopes", "all"), "scopes"),
        (("token", "known", "--days", "0"), "days"),
        (("token", "known", "--revoke", "none"), "no such"),
    ],
)
def test_what_is_wrong_is_one_line(shell: Shell, words: tuple[str, ...], says: str) -> None:
    shell.json("user", "add", "known", "--role", "editor")
    code, out, err = shell("user", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err


def test_a_password_is_asked_for_unseen(shell: Shell, monkeypatch: Any, tmp_path: Path) -> None:
    shell.json("user", "add", "known", "--role", "editor")
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    code, _, err = shell("user", "passwd", "known", "--password-stdin")
    assert (code, "12 to 128" in err) == (2, True)
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SENTENCE}\n"))
    code, out, err = shell("user", "passwd", "known", "--password-stdin")
    assert code == 0
    assert SENTENCE not in out + err
    [file] = tmp_path.glob("*.db")
    with Store.open(f"sqlite:///{file}") as store:
        account = store.accounts.get("known")
    assert passwords.matches(SENTENCE, account.password)
    assert account.password_until is None


def test_who_an_account_is_at_a_provider(shell: Shell, tmp_path: Path, monkeypatch: Any) -> None:
    issuer = "https://login.example.org/realms/union"
    shell.json("user", "add", "wangfang", "--role", "inspector", "--area", "5301")
    shell.json("user", "add", "laozhang", "--role", "admin")
    code, _, err = shell("user", "link", "wangfang", "--email", "wang@example.org")
    assert (code, "STATIONS_OIDC_ISSUER" in err) == (2, True)
    monkeypatch.setenv("STATIONS_OIDC_ISSUER", issuer)
    shell.json("user", "link", "wangfang", "--email", "Wang@example.org")
    code, _, err = shell("user", "link", "laozhang", "--email", "zhang@example.org")
    assert (code, "an admin is linked by the subject" in err) == (2, True)
    shell.json("user", "link", "laozhang", "--subject", "8c2f")
    code, _, err = shell("user", "link", "wangfang", "--subject", "8c2f")
    assert (code, err.count("\n")) == (2, 1)
    with Store.open(f"sqlite:///{tmp_path}/register.db") as store:
        known = {each.account: each for each in store.identities.of_issuer(issuer)}
        assert (known["wangfang"].email, known["laozhang"].subject) == ("wang@example.org", "8c2f")
        assert known["wangfang"].until is not None
    shell.json("user", "link", "wangfang", "--none")
    assert shell("user", "link", "wangfang", "--none")[0] == 2
