"""Opening hours: open, closed or unknown, at an instant, through a stay, over a week.

Expressions are OpenStreetMap's ``opening_hours``, evaluated in Beijing time with the Chinese
calendar of holidays and make-up workdays. README.md beside this file tells what they mean here.
"""

from __future__ import annotations

from stations.hours.changes import Change, next_change, told
from stations.hours.clock import State
from stations.hours.decree import CALENDARS, Calendar, decree
from stations.hours.errors import HoursError, NoSuchDayError
from stations.hours.evaluation import Hours, parse
from stations.hours.freetext import NotUnderstood, Understood, understand
from stations.hours.posted import Closure, Posted, inherited, state_at
from stations.hours.timetable import Timetable, Week

__all__ = [
    "CALENDARS",
    "Calendar",
    "Change",
    "Closure",
    "Hours",
    "HoursError",
    "NoSuchDayError",
    "NotUnderstood",
    "Posted",
    "State",
    "Timetable",
    "Understood",
    "Week",
    "decree",
    "inherited",
    "next_change",
    "parse",
    "state_at",
    "told",
    "understand",
]
