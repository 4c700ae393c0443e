"""Why this station and not a closer one, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from stations.hours import State, next_change, state_at, told
from stations.hours.clock import wall
from stations.nearest.expected import BARRED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.nearest.lines import Lines

type Said = Mapping[Literal["zh", "en"], str]

STATES = (*(state.name.lower() for state in State), "closed", "closed")
"""By what `Doors.state` returns: barred, or without a way, is as good as closed."""
_KM = 1000.0


def said(zh: str, en: str) -> Said:
    """Return one thing said in both languages."""
    return {"zh": zh, "en": en}


class Door(NamedTuple):
    """What a visit finds, and what changes next."""

    said: Mapping[str, Any]
    """``open``, ``open_text`` and ``next_change`` of a `Visit`."""
    why: Said
    """What the visit finds."""


def of_door(lines: Lines, code: int, state: int, at: int, visit: int | None) -> Door:
    """Tell of a door in ``state`` for a visit that begins at ``visit``; None: at ``at`` itself.

    Both in whole minutes since the lines' midnight, so that one minute's askers share the words.
    """
    posted, seen = lines.posted(code), lines.instant(at)
    begun = seen if visit is None else lines.instant(visit)
    change = next_change(posted, begun)
    text = said(told(change, seen, "zh"), told(change, seen, "en"))
    clock = "" if visit is None else f"{wall(begun):%H:%M}"
    zh, en = (f"{clock} 到达时", f"on arrival at {clock}") if clock else ("现在", "now")
    late = state == State.CLOSED and state_at(posted, begun) != State.CLOSED
    when = None if change.when is None else change.when.isoformat()
    told_of = {"open": STATES[state], "open_text": text, "next_change": when}
    if state == State.UNKNOWN:
        doubt = said(change.doubt("zh"), change.doubt("en"))
        return Door(told_of, _why_unknown(doubt, said(zh, en)))
    return Door(told_of, _why(state, text, said(zh, en), late=late))


def _why_unknown(doubt: Said, when: Said) -> Said:
    """Say that it is not known what a visit finds; ``doubt``: why, "" if the hours do not say."""
    return said(
        f"{when['zh']}开放与否未知，{doubt['zh'] or '进门前请确认'}",
        f"not known to be open {when['en']}{doubt['en'] and ': '}{doubt['en']}",
    )


def _why(state: int, text: Said, when: Said, *, late: bool) -> Said:
    """Say what a visit finds; ``late``: the door is shut only after the visit began."""
    zh, en = when["zh"], when["en"]
    if state == State.OPEN:
        return said(f"{zh}开放，{text['zh']}", f"open {en}, {text['en']}")
    if late:
        return said(f"停留期间会关门，{text['zh']}", f"shuts during the stay, {text['en']}")
    return said(f"{zh}关闭，{text['zh']}", f"closed {en}, {text['en']}")


def of_closer(name: str, metres: float, state: int, trust: float, why: Said) -> Said:
    """Say why a closer station does not come first; ``why`` is its `Door.why`."""
    zh, en = _closer(name, metres)
    if state == BARRED:
        return said(f"{zh}进入方式不符", f"{en} cannot be entered the way you asked for")
    if state == State.OPEN:
        share = f"{trust:.0%}"
        return said(
            f"{zh}可信度 {share}，万一进不去更费时间",
            f"{en}: trust {share}, and a shut door there costs more time",
        )
    return said(f"{zh}{why['zh']}", f"{en}: {why['en']}")


def of_longer(name: str, metres: float, minutes: float) -> Said:
    """Say that the way to a closer station is the longer one; infinite ``minutes``: none leads."""
    zh, en = _closer(name, metres)
    if math.isinf(minutes):
        return said(f"{zh}没有道路可到", f"{en}: no way by road")
    return said(f"{zh}按道路要 {minutes:.0f} 分钟", f"{en}: {minutes:.0f} minutes by road")


def _closer(name: str, metres: float) -> tuple[str, str]:
    return f"更近的“{name}”（{_far(metres, '米', '公里')}）", f"closer “{name}” ({_far(metres)})"


def _far(metres: float, m: str = "m", km: str = "km") -> str:
    return f"{metres / _KM:.1f} {km}" if metres >= _KM else f"{metres:.0f} {m}"
