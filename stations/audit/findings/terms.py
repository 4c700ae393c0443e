"""The numbers of the loop, from ``loop.toml``, which gives the reason for each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Reported:
    """When riders' reports of one outcome become a finding."""

    threshold: int
    """Reports since an inspection last found it working, one a voice and day."""
    severity: str
    merges: tuple[str, ...]
    """Families of rules whose live finding about the station takes the reports up."""


@dataclass(frozen=True)
class Terms:
    """Deadlines, thresholds, and what lowers trust."""

    days: Mapping[str, int]
    """Severity → days to mend it."""
    reports: Mapping[str, Reported]
    """Outcome → when its reports become a finding."""
    apart: timedelta
    """How far apart anonymous reports of one outcome at a station come in to be two voices."""
    unnamed_more: int
    """Reports wanted beyond a threshold of more than one, where all are anonymous."""
    doubted: tuple[str, ...]
    """Severities of desk findings that lower trust."""
    doubts: Mapping[str, str]
    """Family of rules → the outcome their findings are evidence of."""
    aided: Mapping[str, tuple[str, ...]]
    """What an audit may have besides the register → ids of rules that see more with it."""


def family(rule: str) -> str:
    """Return the beginning of a rule's id, up to the first dot."""
    return rule.partition(".")[0]


@cache
def terms() -> Terms:
    """Return the terms shipped with the program."""
    data = tomllib.loads((files(__package__) / "loop.toml").read_text("utf-8"))
    reports = {
        outcome: Reported(row["threshold"], row["severity"], tuple(row["merges"]))
        for outcome, row in data["reports"].items()
    }
    doubts = data["doubts"]
    aided = {aid: tuple(rules) for aid, rules in data["aided"].items()}
    voices = data["voices"]
    return Terms(
        days=data["deadlines"],
        reports=reports,
        apart=timedelta(minutes=voices["apart_min"]),
        unnamed_more=voices["unnamed_more"],
        doubted=tuple(doubts["severities"]),
        doubts=doubts["outcomes"],
        aided=aided,
    )
