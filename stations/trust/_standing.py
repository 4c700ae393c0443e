"""From evidence to a probability, and to words about its age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geodata.errors import UsageError
from stations.trust._evidence import KINDS

if TYPE_CHECKING:
    import numpy.typing as npt

    from geodata.geodesy import BoolArray, FloatArray, IntArray
    from stations.trust._ledger import Ledger
    from stations.trust._model import TrustModel
    from stations.trust._priors import Priors

_INSPECTION, _REPORT = KINDS.index("inspection"), KINDS.index("report")
_NEVER = "从未核实", "never confirmed"
_UNITS = (
    (730 * 86_400, 365.25 * 86_400, "年", "year"),
    (90 * 86_400, 30.4375 * 86_400, "个月", "month"),
    (86_400, 86_400, "天", "day"),
    (3600, 3600, "小时", "hour"),
    (60, 60, "分钟", "minute"),
)
"""From how many seconds on a unit is used, its length, its names."""


class Standing(NamedTuple):
    """How sure we are of one station."""

    probability: float
    """That it is usable as posted today; above 0 and below 1."""
    confirmed_at: datetime | None
    """When somebody last found it working, UTC; None: never."""
    confirmed_by: str
    """``inspection`` or ``check_in``; "" never."""
    open_reports: int
    """Reports since the last inspection, one a voice and day."""
    zh: str
    """``12 天前由巡检员核实``, ``从未核实，有 2 条反映待核查``."""
    en: str


@dataclass(frozen=True, eq=False)
class Standings:
    """How sure we are of each station at an instant; all arrays have shape (n,)."""

    now_s: float
    """Seconds since 1970."""
    probability: FloatArray
    confirmed_s: FloatArray
    """Seconds since 1970; NaN never."""
    confirmed_by: npt.NDArray[np.int8]
    """Position in `KINDS`; -1 never."""
    open_reports: npt.NDArray[np.int32]
    model: TrustModel

    def station(self, row: int, seen_s: float | None = None) -> Standing:
        """Return one station's standing, with its words; ages are those at ``seen_s`` if given."""
        by, at_s = self.confirmed_by.item(row), self.confirmed_s.item(row)
        return Standing(
            self.probability.item(row),
            None if by < 0 else datetime.fromtimestamp(at_s, UTC),
            "" if by < 0 else KINDS[by],
            self.open_reports.item(row),
            *self.words(row, self.now_s if seen_s is None else seen_s),
        )

    def words(self, row: int, seen_s: float) -> tuple[str, str]:
        """Return `Standing.zh` and ``en`` of one station; ages are those at ``seen_s``."""
        by, reports = self.confirmed_by.item(row), self.open_reports.item(row)
        zh, en = _NEVER if by < 0 else self._confirmed(by, seen_s - self.confirmed_s.item(row))
        if not reports:
            return zh, en
        some = f"{reports} report{'s' * (reports > 1)}"
        return f"{zh}，有 {reports} 条反映待核查", f"{en}, {some} not yet checked"

    def _confirmed(self, by: int, age_s: float) -> tuple[str, str]:
        zh, en = _ago(age_s)
        source = self.model.sources[KINDS[by]]
        return f"{zh}由{source.zh}核实", f"confirmed {en} by {source.en}"


def probabilities(priors: Priors, ledger: Ledger, now: datetime, model: TrustModel) -> FloatArray:
    """Return the probability (n,) that each station is usable as posted at ``now``.

    Priors and ledger are of the same n stations in the same order. Evidence later than ``now``,
    which must be aware, does not count; `UsageError` otherwise. Every value is above 0 and below 1.
    """
    return _probability(priors, ledger, _seconds(now), model)


def ceiling(priors: Priors, ledger: Ledger, model: TrustModel) -> float:
    """Return what no station's probability is above at any instant; 0 without stations.

    It counts what was found working as if it were fresh, and nothing of what was not.
    """
    worked = ~ledger.failed
    weight = model.weights[ledger.kind, ledger.outcome]
    weight = np.where(ledger.named, weight, weight * model.anonymous)
    strongest = np.zeros(len(ledger.voice_station))
    np.maximum.at(strongest, ledger.voice[worked], weight[worked])
    success = priors.success + np.bincount(ledger.voice_station, strongest, ledger.stations)
    return float((success / (success + priors.failure)).max(initial=0.0))


def standings(priors: Priors, ledger: Ledger, now: datetime, model: TrustModel) -> Standings:
    """Return `probabilities` with the newest confirmation and the number of open reports.

    Of a check-in and an inspection at the same instant the inspection is named.
    """
    now_s = _seconds(now)
    seen = ledger.counting(now_s)
    newest = np.full(ledger.stations, -1)
    worked = np.flatnonzero(seen & ~ledger.failed)
    np.maximum.at(newest, ledger.station[worked], worked)
    never = newest < 0
    at, kind = (np.append(values, -1)[newest] for values in (ledger.at, ledger.kind))
    return Standings(
        now_s,
        _probability(priors, ledger, now_s, model),
        np.where(never, np.nan, at),
        kind.astype(np.int8),
        _open_reports(ledger, seen).astype(np.int32),
        model,
    )


def _seconds(now: datetime) -> float:
    if now.tzinfo is None:
        raise UsageError("now must be a time with its zone")
    return now.timestamp()


def _probability(priors: Priors, ledger: Ledger, now_s: float, model: TrustModel) -> FloatArray:
    strongest = np.zeros(len(ledger.voice_station))
    np.maximum.at(strongest, ledger.voice, _weights(ledger, now_s, model))
    cell = ledger.voice_station + ledger.stations * ledger.voice_failed
    total = np.bincount(cell, strongest, minlength=2 * ledger.stations)
    success = priors.success + total[: ledger.stations]
    failure = priors.failure + total[ledger.stations :]
    found: FloatArray = success / (success + failure)
    return found


def _weights(ledger: Ledger, now_s: float, model: TrustModel) -> FloatArray:
    """Weigh each piece at an instant: 0 if it does not count then."""
    age_s, seen = now_s - ledger.at, ledger.counting(now_s)
    weight: FloatArray = model.weights[ledger.kind, ledger.outcome]
    weight *= np.where(ledger.named, 1.0, model.anonymous)
    weight *= np.exp2(-np.maximum(age_s, 0) / model.half_lives_s[ledger.kind, ledger.outcome])
    inspected = _inspected(ledger, seen)
    contrary = inspected[1 - ledger.failed.astype(int), ledger.station]
    weight[ledger.at < contrary] *= model.overruled
    weight[~seen] = 0
    return weight


def _inspected(ledger: Ledger, seen: BoolArray) -> FloatArray:
    """Return the time of each station's last inspection that found it working, then failing.

    Shape (2, n), seconds; minus infinity for none.
    """
    last = np.full((2, ledger.stations), -np.inf)
    by = np.flatnonzero(seen & (ledger.kind == _INSPECTION))
    np.maximum.at(last, (ledger.failed[by].astype(int), ledger.station[by]), ledger.at[by])
    return last


def _open_reports(ledger: Ledger, seen: BoolArray) -> IntArray:
    inspected = _inspected(ledger, seen).max(axis=0)
    since = seen & (ledger.kind == _REPORT) & (ledger.at > inspected[ledger.station])
    voices = np.unique(ledger.voice[since])
    return np.bincount(ledger.voice_station[voices], minlength=ledger.stations)


def _ago(seconds: float) -> tuple[str, str]:
    for least, length, zh, en in _UNITS:
        if seconds >= least:
            count = int(seconds // length)
            return f"{count} {zh}前", f"{count} {en}{'s' * (count > 1)} ago"
    return "刚刚", "just now"
