"""Navigation links: every address read back, converted back, and found at the same place."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geodata import datum
from geodata.errors import PositionError
from geodata.geodesy import LonLat
from stations.navigation import Link, destinations, links
from tests.examples import few

GEOD = Geod(ellps="WGS84")
KUNMING = (102.7183, 25.0389)
# Computed apart from this program, from the published formulas.
GCJ = ("102.719752", "25.035935")
BD = ("102.726163", "25.042239")
WIDE: dict[str, dict[str, str | int | None]] = {
    "amap": {",": "，"},
    "baidu": {"|": "｜"},
    "baidu_android": {"|": "｜"},
    "baidu_ios": {"|": "｜"},
    "geo": {"(": "（", ")": "）"},
}
TRICKY = ["a&b=c", "a|latlng:1,2|name:b", "x,y", "\"quoted' `${1}`", "<script>alert(1)</script>"]
TRICKY += ["工会 驿站（北）", "50% #1?/\\", "\u202e倒", "{lon} {0} %7C", ""]


def _read(link: Link) -> tuple[tuple[str, str], str, str | None, dict[str, str]]:
    """Return longitude and latitude as written, datum, name and the parameters of an address."""
    if link.app == "geo":
        found = re.fullmatch(r"geo:([^,]+),([^?]+)\?q=\1,\2\((.*)\)", link.url)
        assert found is not None
        return (found[2], found[1]), "wgs84", unquote(found[3]), {}
    query = parse_qs(urlsplit(link.url).query, strict_parsing=True, keep_blank_values=True)
    assert all(len(values) == 1 for values in query.values())
    values = {key: value[0] for key, value in query.items()}
    if link.app == "amap":
        lon, lat, name = values["to"].split(",")
        return (lon, lat), "gcj02", name, values
    if link.app.startswith("amap"):
        prefix = "" if link.mode == "ebike" else "d"
        assert values["dev"] == "0"
        return (
            (values[f"{prefix}lon"], values[f"{prefix}lat"]),
            "gcj02",
            values.get("dname"),
            values,
        )
    if link.app.startswith("baidu"):
        pair, name = values["destination"].split("|")
        lat, lon = pair.removeprefix("latlng:").split(",")
        assert values["coord_type"] == "bd09ll"
        return (lon, lat), "bd09", name.removeprefix("name:"), values
    lat, lon = values["daddr" if link.app == "apple" else "tocoord"].split(",")
    return (lon, lat), "gcj02", values.get("to"), values


def _by(found: list[Link]) -> dict[tuple[str, str], Link]:
    return {(link.app, link.mode): link for link in found}


def test_every_app_and_mode_has_one_link_with_its_names() -> None:
    found = links("站", *KUNMING)
    assert len(_by(found)) == len(found) == 27
    modes = {app: {link.mode for link in found if link.app == app} for app, *_ in found}
    three = {"walk", "bike", "car"}
    assert modes == {
        "amap": three,
        "amap_android": three | {"ebike"},
        "amap_ios": three | {"ebike"},
        "baidu": {"walk", "car"},
        "baidu_android": three,
        "baidu_ios": three,
        "tencent": {"walk", "car"},
        "tencent_app": three,
        "apple": {"walk", "car"},
        "geo": {"point"},
    }
    assert _by(found)["amap_android", "ebike"].zh == "高德地图 App（安卓）·电动车"
    assert _by(found)["apple", "car"].en == "Apple Maps: drive"


EXPECTED = [
    ("amap", "walk", f"https://uri.amap.com/navigation?to={GCJ[0]},{GCJ[1]},A%20B&mode=walk&src=x.y&callnative=1"),
    ("amap", "bike", f"https://uri.amap.com/navigation?to={GCJ[0]},{GCJ[1]},A%20B&mode=ride&src=x.y&callnative=1"),
    ("amap_android", "car", f"amapuri://route/plan/?sourceApplication=x.y&dlat={GCJ[1]}&dlon={GCJ[0]}&dname=A%20B&dev=0&t=0"),
    ("amap_ios", "walk", f"iosamap://path?sourceApplication=x.y&dlat={GCJ[1]}&dlon={GCJ[0]}&dname=A%20B&dev=0&t=2"),
    ("amap_ios", "bike", f"iosamap://path?sourceApplication=x.y&dlat={GCJ[1]}&dlon={GCJ[0]}&dname=A%20B&dev=0&t=3"),
    ("amap_android", "ebike", f"amapuri://openFeature?featureName=OnRideNavi&rideType=elebike&sourceApplication=x.y&lat={GCJ[1]}&lon={GCJ[0]}&dev=0"),
    ("baidu", "walk", f"https://api.map.baidu.com/direction?origin=%E6%88%91%E7%9A%84%E4%BD%8D%E7%BD%AE&destination=latlng:{BD[1]},{BD[0]}%7Cname:A%20B&mode=walking&coord_type=bd09ll&region=%E4%B8%AD%E5%9B%BD&output=html&src=x.y"),
    ("baidu_android", "bike", f"bdapp://map/direction?destination=latlng:{BD[1]},{BD[0]}%7Cname:A%20B&mode=riding&coord_type=bd09ll&src=x.y"),
    ("baidu_ios", "car", f"baidumap://map/direction?destination=latlng:{BD[1]},{BD[0]}%7Cname:A%20B&mode=driving&coord_type=bd09ll&src=x.y"),
    ("tencent", "car", f"https://apis.map.qq.com/uri/v1/routeplan?type=drive&to=A%20B&tocoord={GCJ[1]},{GCJ[0]}&coord_type=2&referer=x.y"),
    ("tencent_app", "bike", f"qqmap://map/routeplan?type=bike&to=A%20B&tocoord={GCJ[1]},{GCJ[0]}&fromcoord=CurrentLocation&referer=x.y"),
    ("apple", "walk", f"https://maps.apple.com/?daddr={GCJ[1]},{GCJ[0]}&dirflg=w"),
    ("geo", "point", "geo:25.038900,102.718300?q=25.038900,102.718300(A%20B)"),
]  # fmt: skip


@pytest.mark.parametrize(("app", "mode", "url"), EXPECTED)
def test_a_place_in_kunming(app: str, mode: str, url: str) -> None:
    assert _by(links("A B", *KUNMING, source="x.y"))[app, mode].url == url


inside = st.tuples(st.floats(98.5, 104.5), st.floats(23.5, 26.5))


@few(12)
@given(inside, st.sampled_from(TRICKY) | st.text(st.characters(codec="utf-8"), max_size=20))
def test_every_link_leads_to_the_place_and_carries_the_name(
    place: tuple[float, float], name: str
) -> None:
    for link in links(name, *place, source="a&b"):
        pair, reference, shown, values = _read(link)
        assert all(re.fullmatch(r"\d+\.\d{6}", number) for number in pair)
        back = datum.to_wgs84(float(pair[0]), float(pair[1]), reference)
        assert GEOD.inv(*place, float(back[0]), float(back[1]))[2] < 1
        assert re.fullmatch(r"[\w:/?&=.,%()~-]+", link.url, re.ASCII)
        if shown is not None:
            assert shown == name.translate(str.maketrans(WIDE.get(link.app, {})))
        assert all(values[key] == "a&b" for key in ("src", "referer") if key in values)


@pytest.mark.parametrize("name", TRICKY)
def test_no_name_can_send_a_rider_elsewhere(name: str) -> None:
    plain = _by(links("站", *KUNMING))
    for key, link in _by(links(name, *KUNMING)).items():
        assert _read(link)[0] == _read(plain[key])[0]
        assert _read(link)[3].keys() == _read(plain[key])[3].keys()
        if link.app.startswith("baidu"):  # whatever the app splits by after decoding
            assert unquote(link.url).count("|") == 1
        if link.app == "amap":
            assert unquote(link.url).count(",") == 2
        if link.app == "geo":
            assert unquote(link.url).count(")") == 1


def test_abroad_nothing_is_shifted() -> None:
    for link in links("Vaduz", 9.5215, 47.141):
        assert _read(link)[0] == ("9.521500", "47.141000")
    assert _read(links("Mandalay", 96.0836, 21.9747)[0])[0] == ("96.083600", "21.974700")


def test_small_and_negative_numbers_are_written_plainly() -> None:
    assert links("x", 1e-7, -1e-7)[-1].url.startswith("geo:0.000000,0.000000?")
    assert links("x", -179.9999999, -0.00001)[-1].url.startswith("geo:-0.000010,-180.000000?")


def test_the_entrance_goes_before_the_middle() -> None:
    door = LonLat(102.7190, 25.0391)
    assert links("站", *KUNMING, entrance=door) == links("站", *door)


def test_in_bulk_as_one_by_one() -> None:
    lon, lat = np.array([102.7183, 9.5, 100.2]), np.array([25.0389, 47.1, 25.6])
    many = destinations(lon, lat)
    for row in range(3):
        assert many.links(row, "站", "s") == links("站", lon[row], lat[row], source="s")


@pytest.mark.parametrize("place", [(np.nan, 25.0), (102.0, np.inf), (25.0, 102.0), (181.0, 0.0)])
def test_what_is_no_position_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(PositionError, match="latitude"):
        links("站", *place)
