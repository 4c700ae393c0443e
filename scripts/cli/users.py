"""``stations user``: accounts of those who inspect, plan and edit."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from geodata.errors import UsageError
from scripts.cli.output import db_option, default_who, json_option, print_json, print_table
from stations.store import Store
from web.auth import arrivals, people
from web.auth.doors import canonical
from web.auth.scopes import SCOPES

if TYPE_CHECKING:
    from stations.store import Account, Entry

_SHOWN = 50


@click.group("user")
def user() -> None:
    """Make and change accounts: who may see restricted layers, inspect, plan, edit.

    Roles: inspector, planner, editor, admin; each in the areas of one code, or everywhere.

    Example: stations user add wangfang --title 王芳 --role inspector --area 5301
    """


@user.command()
@click.argument("name")
@click.option("--role", required=True, metavar="|".join(people.ROLES))
@click.option("--area", default="", metavar="CODE", help="53, 5301 or 530102; default: everywhere.")
@click.option("--title", default="", help="How people call it, such as 王芳.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--ask", is_flag=True, help="Ask for the password.")
@db_option
@json_option
def add(
    *,
    name: str,
    role: str,
    area: str,
    title: str,
    password_stdin: bool,
    ask: bool,
    db: str,
    as_json: bool,
) -> None:
    """Make an account; unless a password is given, one is made up, printed once, to be changed.

    Example: stations user add laozhang --role admin
    """
    password = _given(from_stdin=password_stdin, ask=ask)
    with Store.open(db, create=True) as store:
        made = people.make(
            store,
            name,
            title=title,
            role=role,
            area=area,
            who=default_who(),
            now=_now(),
            password=password,
        )
        account = store.accounts.get(people.name_of(name))
    _tell(account, made, as_json=as_json)


@user.command("list")
@db_option
@json_option
def list_(*, db: str, as_json: bool) -> None:
    """List the accounts.

    Example: stations user list
    """
    with Store.open(db) as store:
        accounts = store.accounts.all()
    if as_json:
        print_json({"accounts": [_document(each) for each in accounts]})
        return
    rows = [
        (each.name, each.title, each.role, each.area or "everywhere", each.active)
        for each in accounts
    ]
    print_table(f"{len(rows)} accounts", ["name", "title", "role", "area", "in use"], rows)


@user.command()
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--ask", is_flag=True, help="Ask for the password.")
@db_option
@json_option
def passwd(*, name: str, password_stdin: bool, ask: bool, db: str, as_json: bool) -> None:
    """Set a password: all sessions end. Unless one is given, it is made up and printed once.

    Example: stations user passwd wangfang --ask
    """
    password = _given(from_stdin=password_stdin, ask=ask)
    made, who = "", default_who()
    with Store.open(db) as store:
        name = store.accounts.get(canonical(name)).name
        if password is None:
            made = people.reset_password(store, name, who=who, now=_now())
        else:
            people.set_password(store, name, password, who=who, now=_now())
        account = store.accounts.get(name)
    _tell(account, made, as_json=as_json)


@user.command()
@click.argument("name")
@click.option("--role", metavar="|".join(people.ROLES))
@click.option("--area", metavar="CODE", help="53, 5301, 530102; '' for everywhere.")
@click.option("--title", help="How people call it.")
@db_option
@json_option
def role(
    *,
    name: str,
    role: str | None,
    area: str | None,
    title: str | None,
    db: str,
    as_json: bool,
) -> None:
    """Change role, area or title; the account must sign in again.

    Example: stations user role wangfang --role planner --area 53
    """
    changes: dict[str, Any] = {
        **({} if role is None else {"role": people.role_of(role)}),
        **({} if area is None else {"area": people.area_of(area)}),
        **({} if title is None else {"title": people.title_of(title, canonical(name))}),
    }
    if not changes:
        raise UsageError("say what is to be otherwise: --role, --area or --title")
    _change(db, name, changes, as_json=as_json)


@user.command()
@click.argument("name")
@db_option
@json_option
def deactivate(*, name: str, db: str, as_json: bool) -> None:
    """Put an account out of use: its sessions end, its tokens go. Its name stays taken.

    Example: stations user deactivate wangfang
    """
    _change(db, name, {"active": False}, as_json=as_json)


@user.command()
@click.argument("name")
@db_option
@json_option
def activate(*, name: str, db: str, as_json: bool) -> None:
    """Put an account in use again.

    Example: stations user activate wangfang
    """
    _change(db, name, {"active": True}, as_json=as_json)


@user.command()
@click.argument("name")
@click.option("--label", default="", help="What it is for.")
@click.option("--scopes", default="read", show_default=True, metavar=",".join(SCOPES))
@click.option("--days", type=int, default=90, show_default=True)
@click.option("--revoke", metavar="ID", help="Do away with a token instead.")
@db_option
@json_option
def token(
    *, name: str, label: str, scopes: str, days: int, revoke: str | None, db: str, as_json: bool
) -> None:
    """Make a token for programs of an account; it is printed once.

    Example: stations user token wangfang --label 夜间导出 --scopes read,report --days 30
    """
    with Store.open(db) as store:
        account = store.accounts.get(canonical(name))
        if revoke is not None:
            store.credentials.revoke(account.name, revoke, who=default_who(), at=_now())
            click.echo(f"token {revoke} revoked")
            return
        words = [word.strip() for word in scopes.split(",") if word.strip()]
        text, made = people.make_token(
            store,
            account.name,
            label=label or "command line",
            scopes=words,
            days=days,
            who=default_who(),
            now=_now(),
        )
    told = {"id": made.id, "token": text, "scopes": words, "expires": made.expires.isoformat()}
    if as_json:
        print_json(told)
        return
    click.echo(text)
    click.echo(f"shown this once; may {made.scopes}, until {made.expires:%Y-%m-%d}", err=True)


@user.command()
@click.argument("name")
@click.option("--subject", default="", help="The provider's mark of the person (sub).")
@click.option("--email", default="", help="Or a verified address: whoever comes first with it.")
@click.option("--none", "unlink", is_flag=True, help="Nobody any more.")
@click.option("--issuer", envvar="STATIONS_OIDC_ISSUER", default="", help="The provider's address.")
@db_option
@json_option
def link(
    *, name: str, subject: str, email: str, unlink: bool, issuer: str, db: str, as_json: bool
) -> None:
    """Say who an account is at the provider of sign-in; its sessions end.

    Example: stations user link wangfang --email wang@example.org
    """
    with Store.open(db) as store:
        account = store.accounts.get(canonical(name))
        if unlink:
            arrivals.unlink(store, account, issuer, who=default_who(), now=_now())
        else:
            arrivals.link(
                *(store, account, issuer),
                subject=subject,
                email=email,
                who=default_who(),
                now=_now(),
            )
    _tell(account, "", as_json=as_json)


@user.command()
@click.option("--name", help="Only what is about one account.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=_SHOWN, show_default=True)
@db_option
@json_option
def log(*, name: str | None, limit: int, db: str, as_json: bool) -> None:
    """Tell what was done at and to accounts, the newest first.

    Example: stations user log --name wangfang
    """
    only = None if name is None else canonical(name)
    with Store.open(db) as store:
        lines = store.accounts.log(limit=limit, account=only)
    if as_json:
        print_json({"log": [{**vars(each), "at": each.at.isoformat()} for each in lines]})
        return
    rows = [(f"{each.at.astimezone():%Y-%m-%d %H:%M:%S}", *_line(each)) for each in lines]
    print_table("log", ["at", "who", "account", "event", "details"], rows)


def _given(*, from_stdin: bool, ask: bool) -> str | None:
    """Return the password that was given; None: one is to be made up."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if ask:
        text: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return text
    return None


def _change(db: str, name: str, changes: dict[str, Any], *, as_json: bool) -> None:
    with Store.open(db) as store:
        people.check_use(store.accounts.get(canonical(name)), changes)
        account = store.accounts.change(canonical(name), changes, who=default_who(), at=_now())
    _tell(account, "", as_json=as_json)


def _tell(account: Account, made: str, *, as_json: bool) -> None:
    if as_json:
        print_json({**_document(account), **({"password": made} if made else {})})
        return
    state = "" if account.active else ", not in use"
    click.echo(f"{account.name}: {account.role}, {account.area or 'everywhere'}{state}")
    if made:
        click.echo(f"password: {made}")
        click.echo("shown this once; works for a week and must be changed at /account", err=True)


def _document(account: Account) -> dict[str, Any]:
    names = ("name", "title", "role", "area", "active")
    return {name: getattr(account, name) for name in names}


def _line(entry: Entry) -> tuple[str, ...]:
    return entry.who, entry.account, entry.event, entry.details


def _now() -> datetime:
    return datetime.now(UTC)
