"""The bulletin and the signed audit as pages."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from stations.audit.bulletin.sheets import line
from stations.audit.bulletin.telling import TITLE, asked_of, percent, words
from stations.audit.coverage import Question
from stations.audit.ruling import SEVERITIES
from stations.coverage.method import words as coverage_words
from stations.hours.clock import ZONE
from stations.report.spoken import RESTRICTED, SYNTHETIC
from web.paper.rendering import count, page
from web.words import LANGUAGES, text, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LISTED = 120
"""Open findings on paper; the sheet has all."""
_HASH = 16
COLUMNS = (
    *("stations", "visits", "checked", "share_checked"),
    *("open_before", "opened", "returned", "mended", "closed", "open", "fixed", "overdue"),
    *(f"open_{severity}" for severity in SEVERITIES),
)


def bulletin_sheet(told: Mapping[str, Any]) -> str:
    """Return a bulletin (`telling.document`'s) as a page to print, in Chinese."""
    return page("bulletin.html", bulletin_parts(told, "zh", both=True))


def bulletin_parts(told: Mapping[str, Any], lang: str, *, both: bool = False) -> dict[str, Any]:
    """Return what the templates of a bulletin say; ``both``: English under the Chinese."""
    said = _words("bulletin", lang)
    known = words()
    figures = {key: each[lang] for key, each in known["figures"].items()}
    noted = said["noted"] if both or lang == "en" else said["noted"][:2]
    grave = [each for each in told["findings"] if each["is_open"]]
    grave.sort(
        key=lambda each: (not each["overdue"], SEVERITIES.index(each["severity"]), each["id"])
    )
    return {
        "title": getattr(TITLE, lang),
        "line": getattr(line(told), lang),
        "at": told["at"],
        "labels": told["labels"],
        "foot": foot(told["state"]),
        "told": _shortened(told),
        "tiles": _tiles(told, figures, lang),
        "findings": grave[:LISTED],
        "left": told["total"]["open"] - len(grave[:LISTED]),
        "words": {
            **said,
            **{name: known[name] for name in ("severities", "states")},
            "ways": _words("ways", lang),
            "lang": lang,
            "both": both,
            "noted": noted,
            "columns": COLUMNS,
            "figures": figures,
            "state": _state(told["state"], lang),
        },
    }


def foot(state: Mapping[str, Any]) -> str:
    """Return what stands at the foot of every page: the revision, and where the chain stood."""
    return text("paperFoot", LANGUAGES[0], revision=state["revision"], head=state["head"][:_HASH])


def _state(state: Mapping[str, Any], lang: str) -> str:
    return text(
        "paperState", lang, **{key: state[key] for key in ("revision", "evidence", "steps")}
    )


def _shortened(told: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out the name of the province where all areas share it; say how minutes were made."""
    rows = [*told["prefectures"], *told["counties"]]
    first = {row["code"][:2] for row in rows if row["code"]}
    shared = ""
    if len(first) == 1 and told["prefectures"]:
        shared = _common([row["name"] for row in told["prefectures"] if row["code"]])
    layers = [{**layer, "way": _way(layer)} for layer in told["layers"]]
    short = {
        key: [{**row, "short": row["name"].removeprefix(shared)} for row in told[key]]
        for key in ("prefectures", "counties")
    }
    return {**told, **short, "layers": layers}


def _common(names: Sequence[str]) -> str:
    """Return the name of a province that all names of prefectures begin with."""
    first = names[0]
    for mark in ("自治区", "省"):
        head, found, _ = first.partition(mark)
        if found and all(name.startswith(head + mark) for name in names):
            return head + mark
    return ""


def _way(method: Mapping[str, Any]) -> str:
    """Return which of the words' ``ways`` a method's distances and minutes are."""
    straight = str(method["distance"]).startswith("geodesic")
    return "straight" if straight else str(method["estimated"])


def _tiles(
    told: Mapping[str, Any], figures: Mapping[str, str], lang: str
) -> list[tuple[str, str, str]]:
    now, was = told["total"], told["total"]["before"]
    tiles = [
        (figures[key], count(now[key]), "–" if was is None else count(was[key]))
        for key in ("stations", "checked", "open", "overdue", "mended")
    ]
    share = "share_checked"
    tiles.insert(2, (figures[share], percent(now[share]), percent(was[share] if was else None)))
    for layer in told["layers"]:
        mine = now["coverage"][layer["name"]]
        old = was["coverage"][layer["name"]] if was else None
        for part in ("paper", "real"):
            key = f"share_{part}"
            name = f"{layer[lang]}{'' if lang == 'zh' else ': '}{figures[part]}"
            tiles.append((name, percent(mine[key]), percent(old[key] if old else None)))
    return tiles


def signed_sheet(document: Mapping[str, Any], signed: Mapping[str, Any] | None) -> str:
    """Return a coverage audit (`audit.coverage.audited`'s) as a page to print.

    ``signed``: its ``number``, ``who`` and ``at`` (ISO); None: nobody has signed it yet.
    """
    question, figures = document["question"], document["figures"]
    before = {row["code"]: row for row in figures.get("before", {}).get("prefectures", [])}
    names = [row["name"] for row in figures["prefectures"] if row["code"]]
    shared = _common(names) if names else ""
    return page(
        "signed.html",
        {
            "title": text("signedTitle", LANGUAGES[0], layer=document["layer"]["zh"]),
            "at": signed["at"] if signed else question["then"]["at"],
            "labels": _labels(document),
            "foot": foot(document["state"]),
            "document": document,
            "way": _words("ways", LANGUAGES[0])[_way(document["method"])],
            "limits": _limits(document["method"]["limits"]),
            "rows": [
                {**row, "short": row["name"].removeprefix(shared), "was": before.get(row["code"])}
                for row in figures["prefectures"]
            ],
            "total": {**figures["total"], "was": figures.get("before", {}).get("total")},
            "then": _moment(question["then"]),
            "since": _moment(question["since"]) if question["since"] else None,
            "asked": asked_of(Question.read(question)),
            "signed": None if signed is None else {**signed, "at": _beijing(signed["at"])},
            "revisions": [{**each, "at": _beijing(each["at"])} for each in document["revisions"]],
            "steps": [_step(each) for each in figures["changes"]],
            "titles": {kind: each["zh"] for kind, each in coverage_words()["changes"].items()},
            "unit": text("workerHours" if document["weighed"] else "siteHours", LANGUAGES[0]),
        },
    )


def _limits(told: Sequence[str]) -> list[dict[str, str]]:
    """Return what a document said of its limits, with today's Chinese where it is the same."""
    known = {each["en"]: each["zh"] for each in coverage_words()["limits"]}
    return [{"zh": known.get(text, ""), "en": text} for text in told]


def _labels(document: Mapping[str, Any]) -> list[dict[str, str]]:
    told = [SYNTHETIC] if document["synthetic"] else []
    told += [RESTRICTED] if document["restricted"] else []
    return [{"zh": zh, "en": en} for zh, en in told]


def _moment(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": _beijing(told["at"]), "revision": told["revision"]}


def _beijing(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(ZONE):%Y-%m-%d %H:%M}"


def _step(each: Mapping[str, Any]) -> dict[str, Any]:
    made = each["revision"]
    return {**each, "revision": None if made is None else {**made, "at": _beijing(made["at"])}}


def _words(part: str, lang: str) -> dict[str, Any]:
    """Return the texts whose keys begin with a part's name, by the rest; columns apart."""
    told = texts("paper", lang).items()
    known = {key.removeprefix(f"{part}_"): said for key, said in told if key.startswith(f"{part}_")}
    return {key: said.split(" | ") if " | " in said else said for key, said in known.items()}
