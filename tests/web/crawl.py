"""Somebody who asks a server everything: follows all links, fills in all it says can be asked.

What is asked comes from the server's own answers: addresses in pages, scripts, styles, JSON and
calendars, the paths and parameters of its OpenAPI documents, and tiles around given places. So an
endpoint added later is asked too; `Crawl.unasked` names those nothing leads to.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import islice, product
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote_plus, urlencode, urljoin, urlsplit

import numpy as np
from werkzeug.exceptions import HTTPException

from tests.web.decoding import told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from apiflask import APIFlask
    from werkzeug.datastructures import Headers
    from werkzeug.test import TestResponse

    from tests.web.traces import Trace, Traces

    type Ask = Callable[..., TestResponse]

HOST = "http://localhost"
LINK = re.compile(
    r"""["'`(>:](?:http://localhost)?((?:/|\.{1,2}/)[\w\-./{}~%$@]*(?:\?[^"'`<>\s)\\]*)?)"""
)
HOLE = re.compile(r"<(?:\w+:)?(\w+)>|\{(\w+)\}")
TEXTUAL = re.compile(r"text/|json|javascript|xml|calendar|yaml")
ZOOMS = (0, 6, 12, 15)
FOLLOWED = 12
"""Addresses of one view that are followed; what its OpenAPI path says is asked besides."""
OF_A_TILE = {"z", "x", "y", "zoom", "tilematrix", "tilerow", "tilecol"}
MOST_FILLED = 40
MOST = 6_000
ASSETS = {"static", "vendor.serve", "words.serve"}
"""Views of files that are the same for everybody."""
PASSING = {"X-Request-Id", "Set-Cookie", "Date"}
"""Headers that differ from one request to the next."""
PASSED = re.compile(rb'"(?:request_id|csrf)": ?"[^"]*"')
"""What differs so in bodies."""
ODD: Sequence[tuple[str, str, dict[str, str]]] = (
    ("HEAD", "", {}),
    ("OPTIONS", "", {}),
    ("TRACE", "", {}),
    ("GET", "unheard-of=1", {}),
    ("GET", "", {"If-None-Match": "*"}),
    ("GET", "", {"Range": "bytes=0-9"}),
    ("GET", "", {"Accept": "text/html", "Accept-Language": "en", "Accept-Encoding": "gzip"}),
    ("GET", "", {"Authorization": "Bearer not-the-token-at-all"}),
)
"""What every view is asked once besides: method, query, headers."""


class Asking(NamedTuple):
    """One request."""

    method: str
    address: str
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""

    def __str__(self) -> str:
        return " ".join([self.method, self.address, *map(str, self.headers), self.body])


@dataclass(frozen=True)
class Answered:
    """What became of it."""

    view: str
    status: int
    mark: str
    """A name for everything in the answer but what passes."""
    traces: frozenset[Trace]
    kind: str


@dataclass
class Crawl:
    """One caller's way through a server."""

    app: APIFlask
    ask: Ask
    hidden: Traces
    words: Mapping[str, Sequence[str]]
    """Values for the parameters that documents give no example of."""
    places: Sequence[tuple[float, float]]
    """Lon and lat of what tiles are asked around."""
    assets: bool = False
    """Whether scripts, styles and pictures are asked for too."""
    documents: str = "/"
    """Where the documents begin whose every question is asked."""
    answers: dict[Asking, Answered] = field(default_factory=dict)
    _waiting: deque[Asking] = field(default_factory=deque)
    _followed: Counter[str] = field(default_factory=Counter)
    _known: set[Asking] = field(default_factory=set)

    def run(self, *starts: str | Asking, odd: bool = True) -> None:
        """Ask for these and all they lead to; with ``odd``, then for odd things of every view."""
        for start in starts:
            self._add(start if isinstance(start, Asking) else Asking("GET", start))
        self._work()
        if odd:
            self._add_odd()
            self._work()

    def repeat(self, asked: Iterable[Asking]) -> None:
        """Ask this and nothing else, in this order; the files of all are left out."""
        for each in asked:
            if self._view(each.address) not in ASSETS:
                self._one(each, follow=False)

    def given_away(self) -> dict[str, list[Trace]]:
        """Return what was told of what is hidden, by request."""
        return {str(asked): sorted(got.traces) for asked, got in self.answers.items() if got.traces}

    def unlike(self, other: Crawl) -> list[str]:
        """Return the requests answered otherwise there."""
        return [str(asked) for asked, got in other.answers.items() if self.answers[asked] != got]

    def views(self) -> set[str]:
        """Return the views that answered anything."""
        return {each.view for each in self.answers.values()}

    def unasked(self) -> set[str]:
        """Return the rules that can be asked for and were not."""
        asked = self.views()
        return {
            rule.rule
            for rule in self.app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.endpoint not in asked
        }

    def _work(self) -> None:
        while self._waiting:
            self._one(self._waiting.popleft())
            assert len(self.answers) < MOST, Counter(each.view for each in self.answers.values())

    def _add(self, asking: Asking) -> None:
        if asking not in self._known:
            self._known.add(asking)
            self._waiting.append(asking)

    def _one(self, asking: Asking, *, follow: bool = True) -> None:
        more = {"data": asking.body, "content_type": "application/json"} if asking.body else {}
        with self.ask(
            asking.method, asking.address, headers=dict(asking.headers), **more
        ) as answer:
            body, kind = answer.get_data(), str(answer.content_type)
            told_in = "\n".join(f"{name}: {value}" for name, value in answer.headers)
            status = answer.status_code
        plain = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
        view = self._view(asking.address)
        said = told(plain, asking.address, kind)
        said.say(told_in)
        own = self.hidden.in_text(unquote_plus(f"{asking.address}{asking.body}"))
        found = said.traces(self.hidden) - own  # the caller's own words may come back
        mark = _mark(status, answer.headers, plain)
        self.answers[asking] = Answered(view, status, mark, frozenset(found), kind)
        if follow and asking.method == "GET" and TEXTUAL.search(kind):
            self._follow(asking.address, plain.decode(errors="replace"), kind)

    def _follow(self, base: str, text: str, kind: str) -> None:
        if "json" in kind and '"openapi"' in text[:200_000]:
            document = json.loads(text) if base.startswith(self.documents) else {"paths": {}}
            for address in asked_of(document, self.words, self.places):
                self._add(Asking("GET", address))
            return
        for found in LINK.findall(text):
            address = urlsplit(urljoin(HOST + base, found.replace("&amp;", "&")))
            path = f"{address.path}?{address.query}" if address.query else address.path
            for filled in (
                islice(fill(path, self.words, self.places), 40) if "{" in path else [path]
            ):
                self._link(filled)

    def _link(self, address: str) -> None:
        asking, view = Asking("GET", address), self._view(address)
        asset = view in ASSETS
        if asking in self._known or (asset and not self.assets):
            return
        if not asset and "{" not in address and not re.search(r"/\d+/\d+/\d+$", address):
            self._followed[view] += 1
            if self._followed[view] > FOLLOWED:
                return
        self._add(asking)

    def _view(self, address: str) -> str:
        try:
            found, _ = self.app.url_map.bind("localhost").match(urlsplit(address).path)
        except HTTPException as error:
            return f"no view: {error.code}"
        return str(found)

    def _add_odd(self) -> None:
        first: dict[str, str] = {}
        for asked, got in self.answers.items():
            if asked.method == "GET" and got.view not in ASSETS:
                first.setdefault(f"{got.view} {got.status}", asked.address)
        for address, (method, query, headers) in product(first.values(), ODD):
            sign = "&" if "?" in address else "?"
            self._add(Asking(method, f"{address}{sign}{query}" if query else address,
                             tuple(headers.items())))  # fmt: skip


def asked_of(
    document: Mapping[str, Any],
    words: Mapping[str, Sequence[str]],
    places: Sequence[tuple[float, float]],
) -> Iterator[str]:
    """Return addresses for all that an OpenAPI document says can be asked with GET.

    The required parameters in every combination; each value of every other one, with each of
    two values of the first that is required.
    """
    base = urlsplit(document.get("servers", [{"url": ""}])[0]["url"]).path.rstrip("/")
    shared = document.get("components", {}).get("parameters", {})
    for path, methods in document["paths"].items():
        if "get" not in methods:
            continue
        listed = [*methods.get("parameters", ()), *methods["get"].get("parameters", ())]
        listed = [
            shared[each["$ref"].split("/")[-1]] if "$ref" in each else each for each in listed
        ]
        asked = [each for each in listed if each["in"] == "query"]
        for address in fill(base + path, words, places):
            for query in _queries(asked, words):
                yield f"{address}?{urlencode(query)}" if query else address


def _queries(
    asked: Sequence[Mapping[str, Any]], words: Mapping[str, Sequence[str]]
) -> Iterator[dict[str, str]]:
    needed = {each["name"]: _values(each, words) for each in asked if each.get("required")}
    whole = [dict(zip(needed, each, strict=True)) for each in product(*needed.values())]
    yield from whole
    free = [each for each in asked if not each.get("required")]
    few = {each.get(next(iter(needed), "")): each for each in reversed(whole)}
    for each, first in product(free, [*few.values()][-2:]):
        yield from ({**first, each["name"]: value} for value in _values(each, words))


def _values(parameter: Mapping[str, Any], words: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what a parameter may be: our words for it, else what its schema says."""
    schema = parameter.get("schema", {})
    if parameter["name"] in words:
        return [*words[parameter["name"]]]
    schemas = [schema, *schema.get("anyOf", ())]
    told = [value for each in schemas for value in each.get("enum", each.get("examples", ()))]
    told += [schema["default"]] if "default" in schema and not told else []
    return [str(value) for value in told if value != ""][:8] or ["1"]


def fill(
    path: str, words: Mapping[str, Sequence[str]], places: Sequence[tuple[float, float]]
) -> Iterator[str]:
    """Return a path with its holes filled: by our words, or by the tiles around the places."""
    names = [one or other for one, other in HOLE.findall(path)]
    if any(name.lower() in OF_A_TILE for name in names):
        for zoom, column, row in tiles(places):
            numbers = {"x": column, "y": row, "tilerow": row, "tilecol": column}
            yield HOLE.sub(lambda at: str(numbers.get((at[1] or at[2]).lower(), zoom)), path)  # noqa: B023
        return
    pools = [words.get(name, ("1",)) for name in names]
    for values in product(*pools):
        rest = iter(values)
        yield HOLE.sub(lambda _: quote(next(rest), safe=""), path)  # noqa: B023


def tiles(places: Iterable[tuple[float, float]]) -> list[tuple[int, int, int]]:
    """Return zoom, column, row of the tiles in which places lie, each once."""
    found: dict[tuple[int, int, int], None] = {}
    for (lon, lat), zoom in product(places, ZOOMS):
        down = 0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi)
        found[zoom, int((lon + 180) / 360 * 2**zoom), int(down * 2**zoom)] = None
    return [*found]


def _mark(status: int, headers: Headers, body: bytes) -> str:
    """Name everything in an answer but what differs from one request to the next."""
    told_in = sorted((name, value) for name, value in headers if name not in PASSING)
    digest = hashlib.sha256(PASSED.sub(b"", body)).hexdigest()
    return f"{status} {told_in} {digest}"
