"""One question of a form (核查表), and what its answer may be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stations.audit.ruling import Words
from stations.audit.visits.terms import CHOICE, NUMBER, YES_NO, Asked, Term

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.audit.ruling import Rule

    type Answer = bool | float | str

YES, NO = Words("是", "Yes"), Words("否", "No")

MOST = 1_000_000
"""No number a form asks for is above it."""


@dataclass(frozen=True, eq=False)
class Question:
    """A question about one station."""

    id: str
    """Stable: ``seen.sign``, ``amenity.water``, ``finding.12``."""
    group: str
    kind: str
    words: Words
    choices: tuple[Term, ...] = ()
    gives: Mapping[str, str] = field(default_factory=dict)
    """Answer, as JSON writes it, → outcome (`trust.OUTCOMES`)."""
    help: Words | None = None
    rule: Rule | None = None
    """The standard's rule that asks."""
    rule_id: str = ""
    severity: str = ""
    claimed: str | int | None = None
    """What the register says."""
    finding: int | None = None
    least: float | None = None
    """What the rule asks at least."""

    def takes(self, answer: object) -> bool:
        """Tell whether an answer is of the question's kind."""
        match self.kind:
            case "yes_no":
                return isinstance(answer, bool)
            case "choice":
                return answer in [each.code for each in self.choices]
            case "number":
                number = isinstance(answer, (int, float)) and not isinstance(answer, bool)
                return number and 0 <= answer <= MOST  # type: ignore[operator]
            case "text":
                return isinstance(answer, str)
            case _:
                return False

    def outcome(self, answer: Answer) -> str:
        """Return the outcome an answer amounts to; "" none."""
        return self.gives.get(str(answer).lower() if isinstance(answer, bool) else str(answer), "")

    def said(self, answer: Answer) -> Words:
        """Return an answer in words."""
        if self.kind == YES_NO:
            return YES if answer else NO
        if self.kind == CHOICE:
            term = next(each for each in self.choices if each.code == answer)
            return Words(term.zh, term.en)
        text = f"{answer:g}" if self.kind == NUMBER else str(answer)
        return Words(text, text)

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "id": self.id,
            "group": self.group,
            "kind": self.kind,
            "zh": self.words.zh,
            "en": self.words.en,
            "choices": [{"code": each.code, "zh": each.zh, "en": each.en} for each in self.choices],
            "rule": self.rule_id or None,
            "severity": self.severity or None,
            "claimed": self.claimed,
            "help": {"zh": self.help.zh, "en": self.help.en} if self.help else None,
            "finding": self.finding,
        }


def of(
    asked: Asked,
    *,
    rule: Rule | None = None,
    claimed: str | int | None = None,
    least: float | None = None,
    **more: Any,  # noqa: ANN401 - fields of `Question`
) -> Question:
    """Make the question of what the file asks."""
    told: dict[str, Any] = {
        "id": asked.id,
        "group": asked.group,
        "kind": asked.kind,
        "words": asked.words,
        "choices": asked.choices,
        "gives": asked.gives,
        "help": asked.help,
        "rule_id": rule.id if rule else "",
        "severity": rule.severity if rule else "",
    }
    return Question(**{**told, **more}, rule=rule, claimed=claimed, least=least)
