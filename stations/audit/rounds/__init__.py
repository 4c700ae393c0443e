"""Rounds (巡检): whom to visit first, and the routes of a day; README.md has the method.

`candidates` ranks the stations of a register, `plan` makes a `Round` of the most urgent.
"""

from __future__ import annotations

from stations.audit.rounds.answer import REASONS, LeftOut, Round, Route, Stop
from stations.audit.rounds.asking import Ask, Inspector
from stations.audit.rounds.forms import questions_of
from stations.audit.rounds.moments import clock, minutes_of
from stations.audit.rounds.planning import plan
from stations.audit.rounds.priority import Candidates, candidates
from stations.audit.rounds.sheets import gpx, workbook

__all__ = [
    "REASONS",
    "Ask",
    "Candidates",
    "Inspector",
    "LeftOut",
    "Round",
    "Route",
    "Stop",
    "candidates",
    "clock",
    "gpx",
    "minutes_of",
    "plan",
    "questions_of",
    "workbook",
]
