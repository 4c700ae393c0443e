"""What each answer says is wrong, or as it should be."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from stations.audit import seen
from stations.audit.noticed import record_of
from stations.audit.ruling import fact_of
from stations.audit.visits.terms import terms
from stations.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from geodata.geodesy import LonLat
    from stations.audit.ruling import Rule
    from stations.audit.visits.form import Form
    from stations.audit.visits.questions import Question
    from stations.audit.visits.sent import VisitSent

    type Answers = list[tuple[Question, Any]]

_DIGITS = 6
"""Of a proposed position: 0.1 m."""


@dataclass(frozen=True, eq=False)
class Wrong:
    """A breach somebody saw."""

    rule: Rule
    facts: Mapping[str, Any]
    """What it rests on, and nothing else: with the same facts it is the same breach."""
    beside: Mapping[str, Any] = field(default_factory=dict)
    proposal: Mapping[str, Any] | None = None

    @property
    def fact(self) -> str:
        """The facts' mark."""
        return fact_of(self.facts)


@dataclass(frozen=True)
class Fine:
    """What is as it should be, whatever findings say."""

    rule: str
    fact: str | None = None
    """None: whatever the fact."""


@dataclass(frozen=True, eq=False)
class Spot:
    """What a visit is read against."""

    form: Form
    sent: VisitSent
    here: LonLat | None = None
    distance_m: float | None = None
    """From the pin."""


class Said(NamedTuple):
    """One answer."""

    spot: Spot
    question: Question
    answer: Any
    """Of the question's kind."""

    @property
    def name(self) -> str:
        """The question's id after its family."""
        return self.question.id.partition(".")[2]


def said(spot: Spot, answers: Answers) -> Iterator[Wrong | Fine]:
    """Yield what answers, each of its question's kind, say of the station."""
    for question, answer in answers:
        read = _BY_KIND.get(question.id.partition(".")[0]) or _BY_ID.get(question.id)
        if read is not None:
            yield from read(Said(spot, question, answer))


def _rule(name: str) -> Rule:
    return next(rule for rule in seen.rules() if rule.id == name)


def _amenity(said: Said) -> Iterator[Wrong | Fine]:
    code = said.name
    facts = {"amenity": code}
    had = said.spot.form.station["amenities"]
    wrong = _AMENITY.get(said.answer)
    if wrong is not None:
        codes = [each for each in catalogue().amenities.terms if each in had]
        if said.answer == "missing":
            codes.remove(code)
        elif said.answer == "there":
            codes = [each for each in catalogue().amenities.terms if each in {*had, code}]
        proposal = None if said.answer == "broken" else {"amenities": ";".join(codes)}
        yield Wrong(_rule(wrong), facts, proposal=proposal)
    for other in _AMENITY.values():
        if other != wrong:
            yield Fine(other, fact_of(facts))


_AMENITY = {
    "broken": "amenities.seen_broken",
    "missing": "amenities.seen_missing",
    "there": "amenities.seen_unlisted",
}


def _pin(said: Said) -> Iterator[Wrong | Fine]:
    if said.answer == "here":
        yield Fine("place.seen")
    elif said.answer == "elsewhere":
        station, limits = said.spot.form.station, terms().limits
        facts = {name: round(station[name], _DIGITS) for name in ("lon", "lat")}
        where, proposal = said.spot.sent.position, None
        beside: dict[str, Any] = {}
        if where is not None and said.spot.here is not None and said.spot.distance_m is not None:
            beside = {"distance_m": round(said.spot.distance_m, 1), "accuracy_m": where.accuracy_m}
            if where.accuracy_m <= limits.good_m and said.spot.distance_m > limits.pin_m:
                lon, lat = said.spot.here
                proposal = {"lon": round(lon, _DIGITS), "lat": round(lat, _DIGITS)}
        yield Wrong(_rule("place.seen"), facts, beside, proposal)


def _way_in(said: Said) -> Iterator[Wrong | Fine]:
    claimed = said.spot.form.station["access"]
    if said.answer == claimed:
        yield Fine("access.seen")
    else:
        found = {"access": said.answer}
        yield Wrong(_rule("access.seen"), {"registered": claimed}, {"found": said.answer}, found)


def _hours(said: Said) -> Iterator[Wrong | Fine]:
    if said.answer == "same":
        yield Fine("hours.seen")
    elif said.answer == "differs":
        notice = str(said.spot.sent.answers.get("hours.text", "")).strip()
        facts = {"hours": said.question.claimed or ""}
        yield Wrong(_rule("hours.seen"), facts, {"notice": notice}, record_of(notice))


def _listed(said: Said) -> Iterator[Wrong | Fine]:
    yield from _kept(said.question, {"found_on_map": False}, {}, holds=said.answer)


def _unseen(said: Said) -> Iterator[Wrong | Fine]:
    word = said.name
    if said.question.least is None:
        yield from _kept(said.question, {"what": word}, {}, holds=bool(said.answer))
    else:
        facts = {"what": word, "least": said.question.least}
        yield from _kept(
            said.question, facts, {"found": said.answer}, holds=said.answer >= said.question.least
        )


def _pieces(said: Said) -> Iterator[Wrong | Fine]:
    facts = {"amenity": said.name, "least": said.question.least}
    holds = said.answer >= (said.question.least or 0)
    yield from _kept(said.question, facts, {"found": said.answer}, holds=holds)


def _kept(
    question: Question, facts: Mapping[str, Any], beside: Mapping[str, Any], *, holds: bool
) -> Iterator[Wrong | Fine]:
    """Say whether the rule that asks is kept; without a rule nothing is said."""
    if question.rule is None:
        return
    yield Fine(question.rule.id, fact_of(facts)) if holds else Wrong(question.rule, facts, beside)


def _count(said: Said) -> Iterator[Wrong | Fine]:
    column = said.name
    claimed, found = said.spot.form.station[column], round(said.answer)
    facts = {"field": column, "registered": claimed}
    near = claimed is not None and abs(found - claimed) <= terms().limits.count_share * claimed
    if near:
        yield Fine("record.seen", fact_of(facts))
    else:
        yield Wrong(_rule("record.seen"), facts, {"found": found}, {column: found})


def _phone(said: Said) -> Iterator[Wrong | Fine]:
    claimed = said.spot.form.station["phone"]
    facts = {"field": "phone", "registered": claimed}
    if not _digits(said.answer):
        return
    if _digits(said.answer) == _digits(claimed):
        yield Fine("record.seen", fact_of(facts))
    else:
        yield Wrong(_rule("record.seen"), facts, {}, {"phone": said.answer.strip()})


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)


_BY_KIND: Mapping[str, Callable[[Said], Iterable[Wrong | Fine]]] = {
    "amenity": _amenity,
    "seen": _unseen,
    "pieces": _pieces,
    "count": _count,
}
_BY_ID: Mapping[str, Callable[[Said], Iterable[Wrong | Fine]]] = {
    "find.pin": _pin,
    "find.map": _listed,
    "enter.access": _way_in,
    "hours.notice": _hours,
    "record.phone": _phone,
}
