"""The form (核查表) of one station: every question that somebody on the spot can answer."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from stations.audit.findings import PENDING, titles
from stations.audit.findings.loop import day_of, plain_rows
from stations.audit.findings.terms import family
from stations.audit.ruling import Words
from stations.audit.visits.questions import Question, of
from stations.audit.visits.terms import CHOICE, NUMBER, YES_NO, Asked, Term, terms
from stations.catalogue import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import pandas as pd

    from stations.audit.ruling import Rule
    from stations.audit.standards import Standard
    from stations.registry import Registry

_LEAST = re.compile(r"([a-z0-9_]+)\s*>=\s*([0-9.]+)")


@dataclass(frozen=True, eq=False)
class Form:
    """What is asked at one station; equal forms have one version."""

    station: Mapping[str, Any]
    """The register's record, where the station stands at that instant."""
    standard: Standard
    at: datetime
    revision: int
    questions: tuple[Question, ...]
    findings: pd.DataFrame
    """Those of the station that are not over, as `findings.standing` has them."""

    @property
    def version(self) -> str:
        """The standard's id and 16 hex digits of all that is asked."""
        asked = [each.to_dict() for each in self.questions]
        made = hashlib.sha256(orjson.dumps([self.station["id"], asked])).hexdigest()
        return f"{self.standard.id}-{made[:16]}"

    def question(self, name: str) -> Question | None:
        """Return a question by its id."""
        return next((each for each in self.questions if each.id == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        station = {name: self.station[name] for name in _CARD}
        groups = [{"id": each.code, "zh": each.zh, "en": each.en} for each in terms().groups]
        about = {name: getattr(self.standard, name) for name in ("id", "zh", "en")}
        return {
            "version": self.version,
            "standard": about,
            "at": self.at.isoformat(),
            "revision": self.revision,
            "synthetic": bool(self.station["synthetic"]),
            "station": station,
            "groups": groups,
            "questions": [each.to_dict() for each in self.questions],
            "findings": told(self.findings),
        }


_CARD = (
    *("id", "name", "kind", "status", "host", "phone", "access", "opening_hours", "amenities"),
    *("area_code", "lon", "lat", "synthetic"),
)
_TOLD = ("rule", "severity", "state", "due", "overdue", "assignee")


def form(
    registry: Registry, station: str, standard: Standard, standing: pd.DataFrame, at: datetime
) -> Form:
    """Return the form of a station by the rules of a standard in force at an aware instant.

    ``standing`` holds at least the station's findings (`findings.standing`). A station that is not
    on the register raises `StationMissingError`.
    """
    row = registry.position_of(station)
    record = registry.stand(registry.stands.now(row, at))
    rules = [rule for rule in standard.in_force(day_of(at)) if is_for(rule, record)]
    mine = standing[(standing["station"] == station) & standing["state"].isin(PENDING)]
    questions = [*_common(record, rules), *_amenities(record, rules), *_by_rules(record, rules)]
    questions += _counts(record, rules)
    questions += finding_questions(mine)
    order = [each.code for each in terms().groups]
    questions.sort(key=lambda each: order.index(each.group))
    return Form(record, standard, at, registry.revision, tuple(questions), mine)


def is_for(rule: Rule, record: Mapping[str, Any]) -> bool:
    """Tell whether a rule is for one station: as `verdicts.applies` says of a whole register."""
    if record["status"] not in rule.statuses or (rule.kinds and record["kind"] not in rule.kinds):
        return False
    if rule.hosts and not any(word in record["host"] for word in rule.hosts):
        return False
    words, counted = rule.settings.get("named", ()), rule.settings.get("having", "")
    if not words and not counted:
        return True
    named = any(word in record[column] for word in words for column in ("name", "host"))
    return named or bool(counted and (record[counted] or 0) > 0)


def told(standing: pd.DataFrame) -> list[dict[str, Any]]:
    """Return findings as forms list them, by number."""
    rows = plain_rows(standing[list(_TOLD)])
    numbers = standing.index.tolist()
    return [
        {"number": number, "title": title(row["rule"]), **row, "overdue": bool(row["overdue"])}
        for number, row in zip(numbers, rows, strict=True)
    ]


def title(rule: str) -> dict[str, str]:
    """Return a rule's title in both languages; its id if it is no shipped one."""
    known = titles().get(rule)
    return {"zh": known.zh, "en": known.en} if known else {"zh": rule, "en": rule}


def _first(rules: Sequence[Rule], check: str, **settings: str) -> Rule | None:
    """Return the first rule of a check, one of whose settings holds a word."""
    return next(
        (
            rule
            for rule in rules
            if rule.check == check
            and all(word in rule.settings.get(name, ()) for name, word in settings.items())
        ),
        None,
    )


def _common(record: Mapping[str, Any], rules: Sequence[Rule]) -> Iterator[Question]:
    listed, hours = _first(rules, "listed"), _first(rules, "open_hours")
    phone = _first(rules, "recorded", fields="phone")
    for asked in terms().questions:
        match asked.when:
            case "listed":
                if listed is not None:
                    yield of(asked, rule=listed)
            case "access":
                choices = tuple(Term(each.code, each.zh, each.en) for each in catalogue().access)
                yield of(asked, claimed=record["access"] or None, choices=choices)
            case "hours":
                posted = record["opening_hours"] or record["host_hours"]
                yield of(asked, rule=hours, claimed=posted or None)
            case "phone":
                if phone is not None or record["phone"]:
                    yield of(asked, rule=phone, claimed=record["phone"] or None)
            case _:
                yield of(asked)


def _amenities(record: Mapping[str, Any], rules: Sequence[Rule]) -> Iterator[Question]:
    for term in catalogue().amenities:
        there = term.code in record["amenities"]
        asked = terms().claimed if there else terms().unclaimed
        rule = _first(rules, "has", all=term.code) or _first(rules, "has", any=term.code)
        words = _filled(asked.words, zh=term.zh, en=term.en)
        yield of(
            asked,
            rule=rule,
            id=f"amenity.{term.code}",
            words=words,
            claimed="works" if there else None,
        )


def _by_rules(record: Mapping[str, Any], rules: Sequence[Rule]) -> Iterator[Question]:
    """Yield what only a visit tells, and what is asked of every station."""
    asking: dict[str, tuple[Rule, str]] = {}
    for rule in rules:
        for what in rule.settings.get("what", ()) if rule.check == "unseen" else ():
            asking.setdefault(_LEAST.sub(r"\1", what), (rule, what))
    for word, asked in terms().seen.items():
        if asked.always and record["status"] == "active" and word not in asking:
            yield of(asked)
    for word, (rule, what) in asking.items():
        unknown = Asked(f"seen.{word}", "standard", YES_NO, rule.requirement)
        found = _LEAST.fullmatch(what)
        least = float(found[2]) if found else None
        asked = terms().seen.get(word, unknown if least is None else replace(unknown, kind=NUMBER))
        yield _counted(of(asked, rule=rule, least=least))


def _counts(record: Mapping[str, Any], rules: Sequence[Rule]) -> Iterator[Question]:
    by_field = {rule.settings["field"]: rule for rule in reversed(rules) if rule.check == "count"}
    for name, words in terms().counts.items():
        rule = by_field.get(name)
        if rule is None and record[name] is None:
            continue
        asked = Asked(f"count.{name}", "standard", NUMBER, words)
        least = float(rule.settings["least"]) if rule else None
        yield _counted(of(asked, rule=rule, claimed=record[name], least=least))
    for rule in rules:
        if rule.check == "amenity_count":
            term = catalogue().amenities.terms[rule.settings["amenity"]]
            words = _filled(terms().pieces, zh=term.zh, en=term.en)
            asked = Asked(f"pieces.{term.code}", "amenities", NUMBER, words)
            yield _counted(of(asked, rule=rule, least=float(rule.settings["least"])))


def _counted(question: Question) -> Question:
    """Say beside a question what the standard asks at least."""
    if question.least is None:
        return question
    return replace(question, help=_filled(terms().least, least=f"{question.least:g}"))


def finding_questions(standing: pd.DataFrame) -> Iterator[Question]:
    """Yield one question a finding that can be judged at the door."""
    rules = zip(standing.index.tolist(), standing["rule"], standing["severity"], strict=True)
    for number, rule, severity in rules:
        if family(rule) in terms().off_the_spot:
            continue
        asked = Asked(f"finding.{number}", "findings", CHOICE, Words(**title(rule)))
        kind, _, outcome = rule.partition(".")
        gives = {"still": outcome} if kind == "told" else {}
        yield replace(
            of(asked, finding=number, choices=terms().finding, gives=gives),
            rule_id=rule,
            severity=severity,
        )


def _filled(words: Words, **values: str) -> Words:
    return Words(words.zh.format(**values), words.en.format(**values))
