"""Links that open a map app with the way to a station, each in the app's own datum and order.

Amap, Tencent and Apple read GCJ-02 in mainland China, Baidu BD-09, ``geo:`` WGS 84; outside the
mainland all are WGS 84. Baidu's web page demands an origin and a region, so it is given "my
position" and the country. That Apple reads GCJ-02 is its users' finding, not its own word.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import numpy as np

from geodata import datum
from geodata.geodesy import LonLat
from geodata.geodesy.lonlat import checked

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from geodata.geodesy import FloatArray


class Link(NamedTuple):
    """One way to open one app."""

    app: str
    """amap, amap_android, amap_ios, baidu, baidu_android, baidu_ios, tencent, tencent_app, apple
    or geo; the plain names are web addresses."""
    mode: str
    """walk, bike, ebike or car; point for a link that only shows the place."""
    url: str
    zh: str
    en: str


@dataclass(frozen=True, eq=False)
class Destinations:
    """Where the links of some places lead, in every datum; made by `destinations`."""

    wgs84: FloatArray
    """Shape (n, 2), longitude and latitude; so are the next two."""
    gcj02: FloatArray
    bd09: FloatArray

    def links(
        self, row: int, name: str, source: str, modes: tuple[str, ...] | None = None
    ) -> list[Link]:
        """Return `links` of one place; of some ``modes`` only, and in their order, if given."""
        fields = {
            **_pair("", self.wgs84[row]),
            **_pair("gcj_", self.gcj02[row]),
            **_pair("bd_", self.bd09[row]),
            "name": _encoded(name),
            **{f"{app}_name": _encoded(_widened(name, marks)) for app, marks in _WIDE.items()},
            "source": _encoded(source),
            "me": _ME,
            "country": _COUNTRY,
        }
        return [
            Link(form.app, form.mode, form.url.format_map(fields), form.zh, form.en)
            for form in (_FORMS if modes is None else _forms(modes))
        ]


def destinations(lon: ArrayLike, lat: ArrayLike) -> Destinations:
    """Convert places (WGS 84 degrees, shape (n,)) once; what is no position raises PositionError.

    This is the dear part of a link, and cheap in bulk: do it once a snapshot. Give the entrance
    where one is known, not the middle of the building.
    """
    east, north = checked(lon, lat)
    gcj02, bd09 = (datum.from_wgs84(east, north, name) for name in ("gcj02", "bd09"))
    return Destinations(
        np.column_stack((east, north)), np.column_stack(gcj02), np.column_stack(bd09)
    )


def links(
    name: str,
    lon: float,
    lat: float,
    *,
    source: str = "webapp.union.stations",
    entrance: LonLat | None = None,
) -> list[Link]:
    """Return every link to a place in WGS 84 degrees, to its ``entrance`` where given.

    ``source`` tells the app who calls; Tencent wants a developer's key there, Baidu
    ``webapp.COMPANY.APP``. Coordinates have six decimals (0.1 m). Where an app puts the name
    between delimiters, a delimiter in the name becomes its full-width form: a decoded ``|`` could
    otherwise send a rider elsewhere. A pair that is no position raises `PositionError`.
    """
    end = entrance or LonLat(lon, lat)
    return destinations([end.lon], [end.lat]).links(0, name, source)


_WIDE = {"amap": [(",", "，")], "baidu": [("|", "｜")], "geo": [("(", "（"), (")", "）")]}
"""What would end a name inside one parameter, and its full-width form."""


def _widened(name: str, marks: list[tuple[str, str]]) -> str:
    for mark, wide in marks:
        name = name.replace(mark, wide)
    return name


@lru_cache(maxsize=256)
def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")


def _pair(prefix: str, pair: FloatArray) -> dict[str, str]:
    lon, lat = pair.tolist()
    return {f"{prefix}lon": f"{lon:z.6f}", f"{prefix}lat": f"{lat:z.6f}"}


_ME, _COUNTRY = _encoded("我的位置"), _encoded("中国")

_APPS = {
    "amap": ("高德地图", "Amap"),
    "amap_android": ("高德地图 App（安卓）", "Amap app (Android)"),
    "amap_ios": ("高德地图 App（iOS）", "Amap app (iOS)"),
    "baidu": ("百度地图", "Baidu Maps"),
    "baidu_android": ("百度地图 App（安卓）", "Baidu Maps app (Android)"),
    "baidu_ios": ("百度地图 App（iOS）", "Baidu Maps app (iOS)"),
    "tencent": ("腾讯地图", "Tencent Maps"),
    "tencent_app": ("腾讯地图 App", "Tencent Maps app"),
    "apple": ("苹果地图", "Apple Maps"),
    "geo": ("其他地图 App", "Another map app"),
}
_MODES = {
    "walk": ("步行", "walk"),
    "bike": ("骑行", "cycle"),
    "ebike": ("电动车", "e-bike"),
    "car": ("驾车", "drive"),
    "point": ("查看位置", "show the place"),
}


def _form(app: str, mode: str, template: str) -> Link:
    (app_zh, app_en), (mode_zh, mode_en) = _APPS[app], _MODES[mode]
    return Link(app, mode, template, f"{app_zh}·{mode_zh}", f"{app_en}: {mode_en}")


_AMAP_WEB = (
    "https://uri.amap.com/navigation?to={{gcj_lon}},{{gcj_lat}},{{amap_name}}&mode={mode}"
    "&src={{source}}&callnative=1"
)
_AMAP_ROUTE = (
    "{scheme}?sourceApplication={{source}}&dlat={{gcj_lat}}&dlon={{gcj_lon}}&dname={{name}}"
    "&dev=0&t={mode}"
)
_AMAP_EBIKE = (
    "amapuri://openFeature?featureName=OnRideNavi&rideType=elebike&sourceApplication={source}"
    "&lat={gcj_lat}&lon={gcj_lon}&dev=0"
)
_BAIDU_TO = (
    "destination=latlng:{{bd_lat}},{{bd_lon}}%7Cname:{{baidu_name}}&mode={mode}&coord_type=bd09ll"
)
_BAIDU_WEB = (
    "https://api.map.baidu.com/direction?origin={{me}}&"
    + _BAIDU_TO
    + "&region={{country}}&output=html&src={{source}}"
)
_BAIDU_APP = "{scheme}://map/direction?" + _BAIDU_TO + "&src={{source}}"
_TENCENT_TO = "type={mode}&to={{name}}&tocoord={{gcj_lat}},{{gcj_lon}}"
_TENCENT_WEB = (
    "https://apis.map.qq.com/uri/v1/routeplan?" + _TENCENT_TO + "&coord_type=2&referer={{source}}"
)
_TENCENT_APP = (
    "qqmap://map/routeplan?" + _TENCENT_TO + "&fromcoord=CurrentLocation&referer={{source}}"
)
_APPLE = "https://maps.apple.com/?daddr={{gcj_lat}},{{gcj_lon}}&dirflg={mode}"
_GEO = "geo:{lat},{lon}?q={lat},{lon}({geo_name})"


def _each(app: str, template: str, words: dict[str, str], scheme: str = "") -> list[Link]:
    """Return a form for each of our modes, given the app's words for them."""
    return [_form(app, mode, template.format(mode=words[mode], scheme=scheme)) for mode in words]


_AMAP_NUMBERS = {"walk": "2", "bike": "3", "car": "0"}
_BAIDU_WORDS = {"walk": "walking", "bike": "riding", "car": "driving"}
_FORMS = [
    *_each("amap", _AMAP_WEB, {"walk": "walk", "bike": "ride", "car": "car"}),
    *_each("amap_android", _AMAP_ROUTE, _AMAP_NUMBERS, "amapuri://route/plan/"),
    _form("amap_android", "ebike", _AMAP_EBIKE),
    *_each("amap_ios", _AMAP_ROUTE, _AMAP_NUMBERS, "iosamap://path"),
    _form("amap_ios", "ebike", _AMAP_EBIKE),
    *_each("baidu", _BAIDU_WEB, {"walk": "walking", "car": "driving"}),
    *_each("baidu_android", _BAIDU_APP, _BAIDU_WORDS, "bdapp"),
    *_each("baidu_ios", _BAIDU_APP, _BAIDU_WORDS, "baidumap"),
    *_each("tencent", _TENCENT_WEB, {"walk": "walk", "car": "drive"}),
    *_each("tencent_app", _TENCENT_APP, {"walk": "walk", "bike": "bike", "car": "drive"}),
    *_each("apple", _APPLE, {"walk": "w", "car": "d"}),
    _form("geo", "point", _GEO),
]
"""Every link, its address still to be filled in."""


def forms() -> list[Link]:
    """Return every link with its address still to be filled in.

    ``{lon}``, ``{lat}`` WGS 84, ``{gcj_lon}`` … and ``{bd_lon}`` … the same place in the app's own
    datum, ``{name}`` and ``{amap_name}`` … as `Destinations.links` fills them in, ``{source}``.
    """
    return list(_FORMS)


@cache
def _forms(modes: tuple[str, ...]) -> list[Link]:
    return [form for mode in modes for form in _FORMS if form.mode == mode]
