"""A filled form as it is sent: by a phone, or as a file by mail."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from geodata import datum
from geodata.errors import UsageError
from geodata.geodesy import LonLat
from stations.audit.visits.terms import terms
from stations.trust import Outcome

if TYPE_CHECKING:
    from datetime import datetime

_REFUSED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and line feed, marks that turn the reading direction."""
LARGEST_ANSWER, MOST_ANSWERS, MOST_PHOTOS = 2_000, 400, 20


def _plain(text: str) -> str:
    kept = text.replace("\r\n", "\n")
    if _REFUSED.search(kept):
        raise ValueError("must be plain text without control characters")
    return kept


Text = Annotated[str, AfterValidator(_plain)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Answer = (
    Annotated[bool, Field(strict=True)]
    | Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
    | Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-(2**53), le=2**53)]
    | Annotated[Text, Field(max_length=LARGEST_ANSWER)]
)
Name = Annotated[Text, StringConstraints(min_length=1, max_length=100)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Said = Literal["", Outcome]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Position(_Part):
    """Where the phone was."""

    lon: Finite
    lat: Finite
    accuracy_m: float = Field(
        ge=0, le=1e6, allow_inf_nan=False, description="As the phone tells it: a radius in metres."
    )
    datum: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] = "wgs84"

    def place(self) -> LonLat:
        """Return it in WGS 84; `PositionError` for what is not on Earth."""
        lon, lat = datum.to_wgs84(self.lon, self.lat, self.datum)
        return LonLat(float(lon), float(lat))


class PhotoNamed(_Part):
    """A photo of the visit; its bytes are sent by themselves, before or after."""

    sha256: Sha256 = Field(description="Of the bytes as they are sent, 64 hex digits.")
    name: Text = Field("", max_length=200)
    taken: AwareDatetime | None = None
    question: Text = Field("", max_length=100, description="The id of the question it answers.")


class VisitSent(_Part):
    """A visit: where, when, what was answered."""

    station: Annotated[Text, StringConstraints(min_length=1, max_length=200)]
    key: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,80}$")] = Field(
        description="The sender's mark of this visit, such as a UUID: sent again under it, it "
        "counts once.",
    )
    at: AwareDatetime = Field(description="When it was, by the phone's clock, with its zone.")
    form: Text = Field("", max_length=200, description="The version of the form.")
    standard: Text = Field("national", max_length=40, description="The form's standard.")
    position: Position | None = None
    answers: dict[Name, Answer] = Field(default_factory=dict, max_length=MOST_ANSWERS)
    outcome: Said = Field("", description="What it comes to; empty: by the answers.")
    note: Text = Field("", max_length=2_000)
    photos: tuple[PhotoNamed, ...] = Field((), max_length=MOST_PHOTOS)

    def digest(self) -> str:
        """Return 64 hex digits that are the same for what is sent again."""
        told = self.model_dump(mode="json")
        return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def read(text: bytes) -> VisitSent:
    """Read a filled form; `UsageError` names every fault."""
    try:
        return VisitSent.model_validate_json(text)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        told = (f"{'.'.join(map(str, each['loc']))}: {each['msg'].lower()}" for each in found[:10])
        raise UsageError("not a filled form: " + "; ".join(told)) from None


def timed(at: datetime, received: datetime) -> datetime:
    """Return the time of a visit, not after ``received``; `UsageError` if it cannot be."""
    if received.utcoffset() is None:
        raise UsageError("expected a time with its zone, e.g. 2026-11-22T08:00:00+08:00")
    oldest = timedelta(days=terms().limits.oldest_days)
    if at > received + timedelta(seconds=terms().limits.future_s):
        raise UsageError(f"at is after now ({received.isoformat(timespec='seconds')})")
    if at < received - oldest:
        raise UsageError(f"at is more than {oldest.days} days ago: a visit is sent before that")
    return min(at, received)
