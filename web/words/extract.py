"""Finds what errors say in the sources, and keeps the catalogue ``errors`` in step with them.

A message is a text in a call that makes an error or a fault, or what is called ``problem``, or a
constant such a call names. What is formatted into it becomes ``{0}``, ``{1}``, … in its order.
"""

from __future__ import annotations

import ast
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from werkzeug.exceptions import default_exceptions
from werkzeug.http import HTTP_STATUS_CODES

from stations.hours.freetext.seasons import MONTHS
from web.words import ERRORS, LANGUAGES, path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("geodata", "stations", "web")
OPERATOR = ("geodata/roads/building.py", "stations/demo/", "stations/large/", "web/settings.py")
"""Where only who runs the server reads what is said."""
TELLING = ("stations/imports/", "geodata/files/")
"""Where files are read: every text of some length is told to who sent the file."""
OURS = frozenset({
    "AttributeError", "ClusterError", "ImportError", "KeyError", "OSError", "PaperError",
    "RoadsBrokenError", "RoadsBusyError", "RoadsEngineError", "RoadsServerError", "RuntimeError",
    "StoreBusyError", "StoreClockError", "StoreError", "StoreForeignError", "StoreFullError",
    "StoreMissingError", "TimeoutError",
    "StoreReadOnlyError", "StoreVersionError", "TypeError",
})  # fmt: skip
"""Errors answered with a fixed sentence: what they say stays inside."""

STATUSES = (400, 401, 403, 404, 405, 409, 411, 413, 415, 422, 428, 429, 500, 503, 507)
"""Those answered here; the framework has a name and a sentence for each."""
FRAMEWORK = "werkzeug/exceptions.py"
CHECKS = (
    "{0}, got {1}",
    "input should be a finite number",
    "input should be a valid boolean, unable to interpret input",
    "input should be a valid integer, unable to parse string as an integer",
    "input should be a valid list",
    "input should be a valid number, unable to parse string as a number",
    "input should be a valid string",
    "input should be greater than or equal to {0}",
    "input should be greater than {0}",
    "input should be less than or equal to {0}",
    "input should be less than {0}",
    "string should have at least {0} character",
    "string should have at least {0} characters",
    "string should have at most {0} characters",
)
"""What pydantic says of fields; the API says it in small letters."""
DATES = tuple(f"{month} has no day {{0}}{rest}" for month in MONTHS for rest in ("", ": {1}"))
"""What is said of a day that no year has: with its month, whose name is no sentence."""
HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: zh\\n"

"""

_CALLED = re.compile(
    r".*Error$|^TooLarge$|.*EntityTooLarge$|^_?[Ff]ault$|^_?problem$"
    r"|^NotUnderstood$|^TooManyRequests$|^Unauthorized$|^UnsupportedMediaType$"
)
_NAMED = re.compile(r"_?problem|_?refusal|OURS|STORE(_[A-Z_]+)?|ROADS")
_LONG = re.compile(r"(?:[a-z]+ ){3}[a-z]|^write ")
_TELLS = re.compile(r"_?(\w+_)?(fault|problem|refusal|misplaced)\w*")
_SENTENCE = re.compile(r"[A-Za-z]{2}.* .*[A-Za-z]{2}|[a-z]{3}: ")


def messages() -> dict[str, list[str]]:
    """Return every message with the files it is said in, both sorted."""
    found: dict[str, set[str]] = {}
    for path in _sources():
        name = path.relative_to(ROOT).as_posix()
        tree = ast.parse(path.read_text("utf-8"))
        told = every_text(tree) if name.startswith(TELLING) else set()
        for message in said_in(tree) | told:
            found.setdefault(message, set()).add(name)
    for status in STATUSES:
        found.setdefault(HTTP_STATUS_CODES[status], set()).add(FRAMEWORK)
        if known := default_exceptions.get(status):
            found.setdefault(str(known.description), set()).add(FRAMEWORK)
    for message in CHECKS:
        found.setdefault(message, set()).add("pydantic")
    for message in DATES:
        found.setdefault(message, set()).add("stations/hours")
    return {message: sorted(found[message]) for message in sorted(found)}


def update() -> list[str]:
    """Write the catalogue anew, without what nobody says now. Return what has no text yet."""
    path = path_of(ERRORS, LANGUAGES[0])
    with path.open("rb") as file:
        before = read_po(file, locale=LANGUAGES[0], ignore_obsolete=True)
    after = Catalog(locale=LANGUAGES[0], header_comment="")
    for message, files in messages().items():
        known = before.get(message)
        said = known.string if known else ""
        after.add(message, said, locations=[(file, 1) for file in files])
    told = BytesIO()
    write_po(told, after, width=0, omit_header=True, include_lineno=False)
    path.write_text(HEAD + told.getvalue().decode(), "utf-8")
    return [str(each.id) for each in after if not each.string]


def _sources() -> Iterator[Path]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not path.relative_to(ROOT).as_posix().startswith(OPERATOR):
                yield path


def said_in(tree: ast.AST) -> set[str]:
    """Return the messages of a module."""
    calls = [part for node in ast.walk(tree) for part in _called(node)]
    names = {part.id for part in calls if isinstance(part, ast.Name) and part.id.isupper()}
    named = [part for node in ast.walk(tree) for part in _assigned(node, names)]
    found = {template(part) for part in (*calls, *named)}
    return {message for message in found if message and _SENTENCE.search(message)}


def every_text(tree: ast.AST) -> set[str]:
    """Return all texts of a module that are sentences, its documentation left out."""
    parts = {part for node in ast.walk(tree) for part in _inside(node)}
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = {template(part) for part in parts if id(part) not in docs}
    return {text for text in texts if text and _LONG.search(text)}


def _inside(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the texts right below a node: the parts of a longer one are none of their own."""
    if not isinstance(node, ast.JoinedStr | ast.BinOp):
        for part in ast.iter_child_nodes(node):
            if isinstance(part, ast.Constant | ast.JoinedStr | ast.BinOp):
                yield part


def _called(node: ast.AST) -> Iterator[ast.expr]:
    """Yield what a call gives to an error."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", "") or getattr(node.func, "id", "")
        if _CALLED.match(name) and name.lstrip("_") not in OURS:
            yield from _either([*node.args, *(each.value for each in node.keywords)])


def _assigned(node: ast.AST, names: set[str]) -> Iterator[ast.expr]:
    """Yield what becomes a message later."""
    if isinstance(node, ast.FunctionDef) and _TELLS.fullmatch(node.name):
        told = [each.value for each in ast.walk(node) if isinstance(each, ast.Return | ast.Yield)]
        yield from _either([each for each in told if each is not None])
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        name = getattr(node.targets[0], "id", "")
        if name in names or _NAMED.fullmatch(name):
            yield from _either([node.value])


def _either(given: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """Yield expressions; of a conditional one, both it may be."""
    for each in given:
        if isinstance(each, ast.IfExp):
            yield from _either([each.body, each.orelse])
        else:
            yield each


def template(part: ast.expr) -> str | None:
    """Return an expression's text with places for what is formatted into it; None: it has none."""
    pieces = list(_pieces(part))
    if not any(pieces):
        return None
    places = iter(range(len(pieces)))
    return "".join(f"{{{next(places)}}}" if piece is None else piece for piece in pieces)


def _pieces(part: ast.expr) -> Iterator[str | None]:
    """Yield the parts of a text in order; None: what is formatted there."""
    if isinstance(part, ast.Constant) and isinstance(part.value, str):
        yield part.value
    elif isinstance(part, ast.JoinedStr):
        for value in part.values:
            yield from _pieces(value)
    elif isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
        yield from _pieces(part.left)
        yield from _pieces(part.right)
    else:
        yield None


if __name__ == "__main__":
    for new in update():
        print(f"to be translated in {path_of(ERRORS, LANGUAGES[0])}: {new!r}")  # noqa: T201
