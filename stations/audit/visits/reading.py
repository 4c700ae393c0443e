"""From answers to what they say: an outcome, what is wrong, what is as it should be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stations.audit.visits.seeing import Fine, Spot, Wrong, said
from stations.audit.visits.terms import terms
from stations.trust import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.audit.ruling import Words
    from stations.audit.visits.seeing import Answers

_WORKED = OUTCOMES[0]
_OTHERWISE = {"works": "there", "missing": "absent", "there": "works", "absent": "missing"}
"""An amenity's answer → the same, if meanwhile it came on the record, or off it."""
_FINDING = re.compile(r"finding\.([1-9][0-9]{0,11})")


@dataclass(frozen=True, eq=False)
class Reading:
    """What a visit says."""

    outcome: str
    """One of `OUTCOMES`; "" nothing can be said of whether it can be used."""
    findings: Mapping[int, str]
    """Number → still, mended, not_so, unclear."""
    wrong: tuple[Wrong, ...]
    fine: tuple[Fine, ...]
    unread: tuple[str, ...]
    """Answers to no question that is known, or not of its kind."""
    asked: Mapping[str, Mapping[str, Any]]
    """What was understood: the question's words, and the answer's."""


def read(spot: Spot) -> Reading:
    """Read a visit's answers against the form of the station as it is now.

    An answer that the form has no question for, or that is not of its kind, is left unread: it is
    kept with the visit all the same. One about a finding is read whether the form asks or not.
    """
    answers: Answers = []
    unread, findings = [], {}
    judged = {each.code for each in terms().finding}
    for name, answer in spot.sent.answers.items():
        question, about = spot.form.question(name), _FINDING.fullmatch(name)
        if question is not None and name.startswith("amenity.") and not question.takes(answer):
            answer = _OTHERWISE.get(str(answer), answer)  # noqa: PLW2901 - the same, in other words
        if about and answer in judged:
            findings[int(about[1])] = str(answer)
        if question is not None and question.takes(answer):
            answers.append((question, answer))
        elif not (about and answer in judged):
            unread.append(name)
    seen = list(said(spot, answers))
    return Reading(
        outcome=_amounts(answers, spot),
        findings=findings,
        wrong=tuple(each for each in seen if isinstance(each, Wrong)),
        fine=tuple(each for each in seen if isinstance(each, Fine)),
        unread=tuple(sorted(unread)),
        asked={
            question.id: {"words": _pair(question.words), "said": _pair(question.said(answer))}
            for question, answer in answers
        },
    )


def _pair(words: Words) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en}


def _amounts(answers: Answers, spot: Spot) -> str:
    """Return the gravest outcome; it worked only if somebody got in, or says so."""
    told = spot.sent.outcome
    if told not in {"", _WORKED}:
        return told
    found = {question.outcome(answer) for question, answer in answers}
    gravest = next((each for each in terms().outcomes if each in found), "")
    got_in = spot.sent.answers.get("enter.door") == "open"
    return gravest or (_WORKED if told or got_in else "")
