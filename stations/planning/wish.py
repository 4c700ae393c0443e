"""What is asked of a plan: whom to serve, with what, for how much money, by which actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, Self

from geodata.errors import UsageError
from stations.catalogue import catalogue
from stations.coverage import Need, Terms, parse_hours, parse_what_if, parse_within
from stations.planning.kinds import BUILDS, KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stations.reach import Limit

type Objective = Literal["most", "worst_county", "equal_prefectures"]

OBJECTIVES = ("most", "worst_county", "equal_prefectures")
MOST_YEARS = 10
EVERYTHING = Terms()


@dataclass(frozen=True)
class Wish:
    """A question to planning; `UsageError` for one that makes no sense.

    At least one of ``budgets``, ``sites`` and ``cover_all`` is needed.
    """

    layer: str
    limit: Limit
    needs: tuple[str, ...] = ()
    """Amenity codes, all of them."""
    terms: Terms = EVERYTHING
    """Hours asked about, stay, trust floor, presence, what if."""
    actions: tuple[str, ...] = BUILDS
    """Codes of `KINDS` the plan may choose from."""
    budgets: tuple[int, ...] | None = None
    """Yuan, one amount for each year; what a year leaves is not carried over."""
    sites: int | None = None
    """At most so many actions in all."""
    cover_all: bool = False
    """Everybody at every hour asked about, at least cost."""
    objective: Objective = "most"
    """``most`` worker-hours; ``worst_county``: first the least share of any county that anything
    can be done for; ``equal_prefectures``: each may spend the same."""
    per_county: int | None = None
    """At most so many new stations in a county."""
    spacing_m: float | None = None
    """New stations are at least so far from each other and from every station in use."""
    must: tuple[str, ...] = ()
    """Candidates to build at, stations to better, or ids of single actions."""
    keep: tuple[str, ...] = ()
    """Stations that are not moved, closed or merged."""
    forbid: tuple[str, ...] = ()
    """Candidates and stations at which nothing is done, or ids of single actions."""
    gap: float = 0.005
    """How near to the best is near enough, as a share of what is gained."""
    time_limit_s: float | None = None

    def __post_init__(self) -> None:
        """Check the wish."""
        if self.budgets is None and self.sites is None and not self.cover_all:
            raise UsageError("a plan needs a budget, a number of sites, or to cover all")
        if not self.actions:
            raise UsageError(f"a plan needs actions to choose from: {', '.join(KINDS.terms)}")
        object.__setattr__(self, "actions", tuple(c for c in KINDS.terms if c in self._codes()))
        self._check_money()
        self._check_limits()
        catalogue().amenities.mask(self.needs)

    @property
    def years(self) -> int:
        """How many years there are; 1 where no budget is given."""
        return 1 if self.budgets is None else len(self.budgets)

    @property
    def need(self) -> Need:
        """The same question to coverage."""
        return Need(self.layer, self.limit, self.needs)

    def as_dict(self) -> dict[str, Any]:
        """Return the wish for JSON; `from_dict` reads it back."""
        told = {name: _plain(value) for name, value in vars(self).items()}
        terms = self.terms
        return told | {
            "limit": {"within": self.limit.text, "mode": self.limit.mode},
            "terms": {
                "hours": terms.hours.text,
                "stay_min": terms.stay_min,
                "trust_floor": terms.trust_floor,
                "at": None if terms.at is None else terms.at.isoformat(),
                "on": None if terms.on is None else terms.on.isoformat(),
                "profile": terms.profile,
                "what_if": [each.text for each in terms.supposed],
            },
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Self:
        """Read what `as_dict` wrote; `UsageError` for anything else."""
        try:
            made: dict[str, Any] = {name: _read(told[name]) for name in cls.__dataclass_fields__}
            limit, terms = told["limit"], told["terms"]
            made["limit"] = parse_within(limit["within"], limit["mode"])
            made["terms"] = _terms(terms)
            return cls(**made)
        except UsageError:
            raise
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise UsageError(f"not a wish as a plan writes it: {error!s:.80}") from None

    def _codes(self) -> set[str]:
        unknown = [code for code in self.actions if code not in KINDS.terms]
        if unknown:
            raise UsageError(f"no action {str(unknown[0])[:40]!r}; known: {', '.join(KINDS.terms)}")
        return set(self.actions)

    def _check_money(self) -> None:
        if self.budgets is not None:
            if not 1 <= len(self.budgets) <= MOST_YEARS:
                raise UsageError(f"a plan has 1 to {MOST_YEARS} years, not {len(self.budgets)}")
            if not all(_whole(each) for each in self.budgets):
                raise UsageError(f"budgets are whole yuan from 0 up, not {self.budgets}")
        if self.sites is not None and not _whole(self.sites):
            raise UsageError(f"sites is a whole number from 0 up, not {self.sites!r}")
        if self.objective not in OBJECTIVES:
            raise UsageError(
                f"an objective is one of {', '.join(OBJECTIVES)}, not {str(self.objective)[:40]!r}"
            )
        if self.objective == "equal_prefectures" and self.budgets is None:
            raise UsageError("equal shares by prefecture need a budget to share")

    def _check_limits(self) -> None:
        if self.per_county is not None and not _whole(self.per_county):
            raise UsageError(f"per county is a whole number from 0 up, not {self.per_county!r}")
        if self.spacing_m is not None and not self.spacing_m >= 0:
            raise UsageError(f"spacing is zero or more metres, not {self.spacing_m}")
        if not 0 <= self.gap < 1:
            raise UsageError(f"a gap is a share from 0 to below 1, not {self.gap}")
        if self.time_limit_s is not None and not self.time_limit_s > 0:
            raise UsageError(f"a time limit is more than 0 seconds, not {self.time_limit_s}")
        names = (*self.needs, *self.must, *self.keep, *self.forbid)
        if not all(isinstance(each, str) for each in names):
            raise UsageError("amenities, candidates and stations are named by their ids")
        twice = sorted(set(self.must) & set(self.forbid))
        if twice:
            raise UsageError(f"{twice[0][:60]!r} must be done and is forbidden: choose one")


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _read(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _terms(told: Mapping[str, Any]) -> Terms:
    at, on = told["at"], told["on"]
    return Terms(
        hours=parse_hours(told["hours"]),
        stay_min=told["stay_min"],
        trust_floor=told["trust_floor"],
        at=None if at is None else datetime.fromisoformat(at),
        on=None if on is None else date.fromisoformat(on),
        profile=told["profile"],
        supposed=tuple(parse_what_if(text) for text in told["what_if"]),
    )
