"""What visits ask and how far they are believed: ``questions.toml``, which gives the reasons."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from stations.audit.ruling import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

YES_NO, CHOICE, NUMBER, TEXT, PHOTO = "yes_no", "choice", "number", "text", "photo"


@dataclass(frozen=True)
class Term:
    """A code that people see as words."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Asked:
    """A question as the file has it, not yet about any station."""

    id: str
    group: str
    kind: str
    words: Words
    help: Words | None = None
    choices: tuple[Term, ...] = ()
    gives: Mapping[str, str] = field(default_factory=dict)
    """Answer, as JSON writes it, → outcome."""
    when: str = ""
    """listed, access, hours, phone; "" of every station."""
    always: bool = False
    """Of ``seen``: also where no rule asks."""


@dataclass(frozen=True)
class Limits:
    """How far a visit is believed; metres and days."""

    future_s: float
    """How far ahead of ours a phone's clock may be."""
    oldest_days: int
    far_m: float
    good_m: float
    pin_m: float
    photo_far_m: float
    count_share: float
    orphan_days: int


@dataclass(frozen=True)
class Terms:
    """Everything the file holds."""

    limits: Limits
    outcomes: tuple[str, ...]
    """The gravest first."""
    groups: tuple[Term, ...]
    questions: tuple[Asked, ...]
    claimed: Asked
    """An amenity the register has; {zh} and {en} are its names, as in the next."""
    unclaimed: Asked
    seen: Mapping[str, Asked]
    counts: Mapping[str, Words]
    """Column of the register → the question for its number."""
    pieces: Words
    least: Words
    finding: tuple[Term, ...]
    off_the_spot: tuple[str, ...]
    on_the_spot: tuple[str, ...]
    finding_seen: Mapping[str, str]
    """Family of rules → outcome."""
    left: Mapping[str, Words]
    why: Words


@cache
def terms() -> Terms:
    """Return the terms shipped with the program."""
    data = tomllib.loads((files(__package__) / "questions.toml").read_text("utf-8"))
    amenity, finding = data["amenity"], data["finding"]
    about = {"id": "", "group": "amenities", "kind": CHOICE, **_words(amenity)}
    return Terms(
        limits=Limits(**data["limits"]),
        outcomes=tuple(data["outcomes"]["order"]),
        groups=_terms({"choices": [{"code": row["id"], **_words(row)} for row in data["groups"]]}),
        questions=tuple(_asked(row) for row in data["questions"]),
        claimed=_asked({**about, **amenity["claimed"]}),
        unclaimed=_asked({**about, **amenity["unclaimed"]}),
        seen={word: _asked({"id": f"seen.{word}", **row}) for word, row in data["seen"].items()},
        counts={name: Words(**row) for name, row in data["count"].items()},
        pieces=Words(**data["pieces"]),
        least=Words(**data["least"]),
        finding=_terms(finding),
        off_the_spot=tuple(finding["off_the_spot"]),
        on_the_spot=tuple(finding["on_the_spot"]),
        finding_seen=finding["seen"],
        left={name: Words(**row) for name, row in data["left"].items()},
        why=Words(**data["why"]["visit"]),
    )


def _asked(row: Mapping[str, Any]) -> Asked:
    return Asked(
        id=row["id"],
        group=row["group"],
        kind=row["kind"],
        words=Words(**_words(row)),
        help=Words(**row["help"]) if "help" in row else None,
        choices=_terms(row),
        gives=row.get("gives", {}),
        when=row.get("asked", ""),
        always=row.get("always", False),
    )


def _terms(row: Mapping[str, Any]) -> tuple[Term, ...]:
    return tuple(Term(**each) for each in row.get("choices", ()))


def _words(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: row[name] for name in ("zh", "en")}
