"""What a feature says of itself: the properties of each kind of collection."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from stations.catalogue import catalogue

if TYPE_CHECKING:
    from stations.catalogue import Vocabulary

type Kind = Literal["text", "codes", "number", "truth", "day"]
"""``codes``: a list of texts; ``day``: an ISO date."""


@dataclass(frozen=True)
class Field:
    """One property."""

    name: str
    kind: Kind
    zh: str
    en: str
    known: tuple[str, ...] = ()
    """The values it can have; empty: any."""

    @property
    def schema(self) -> dict[str, Any]:
        """The property in JSON Schema."""
        shape: dict[str, Any] = {"title": f"{self.zh} {self.en}", **_SHAPES[self.kind]}
        if not self.known:
            return shape
        if self.kind == "codes":
            return {**shape, "items": {"type": "string", "enum": [*self.known]}}
        return {**shape, "enum": [*self.known]}


_SHAPES: dict[Kind, dict[str, Any]] = {
    "text": {"type": "string"},
    "codes": {"type": "array", "items": {"type": "string"}},
    "number": {"type": "integer"},
    "truth": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
}
ID = Field("id", "text", "编号", "Id")
_NAME = Field("name", "text", "名称", "Name")
_AREA = Field("area_code", "text", "行政区划代码", "Area code, GB/T 2260")
_SYNTHETIC = Field("synthetic", "truth", "合成数据", "Made up, for demonstration")


@cache
def station_fields() -> tuple[Field, ...]:
    """Return a station's properties: those everybody may see."""
    words = catalogue()
    return (
        _NAME,
        _coded("kind", "类型", "Kind", words.kinds),
        _coded("status", "状态", "Status", words.statuses),
        Field("amenities", "codes", "服务设施", "Amenities", (*words.amenities.terms,)),
        Field("opening_hours", "text", "开放时间", "Opening hours, as OpenStreetMap writes them"),
        Field("host_hours", "text", "共建单位时间", "The host's hours, where it has none itself"),
        _coded("access", "进入方式", "Way in", words.access),
        Field("door_asks", "codes", "进门要求", "What the door asks", (*words.door_asks.terms,)),
        Field("host", "text", "共建单位", "Host"),
        Field("capacity", "number", "可容纳人数", "Capacity, people"),
        Field("ebike_parking", "number", "电动车车位", "Places for e-bikes"),
        Field("truck_bays", "number", "货车车位", "Places for trucks"),
        _AREA,
        Field("phone", "text", "电话", "Phone"),
        _SYNTHETIC,
    )


@cache
def site_fields() -> tuple[Field, ...]:
    """Return a demand site's properties; what else its file held stays inside."""
    return (
        _NAME,
        Field("workers", "number", "职工人数", "Workers"),
        Field("from", "day", "起", "First day it is there; none: always was"),
        Field("until", "day", "止", "Last day it is there; none: no end known"),
        _AREA,
        _SYNTHETIC,
    )


def _coded(name: str, zh: str, en: str, words: Vocabulary) -> Field:
    return Field(name, "text", zh, en, (*words.terms,))
