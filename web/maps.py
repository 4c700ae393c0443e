"""The map, made by Folium: the only module that imports it.

Folium makes the map, its base layer and its marker cluster; it never sees a record. Its popups and
tooltips run ``${…}`` found in their text, so none is used: the data comes by fetch, and the
browser puts every text in place as text (``static/js``). It is imported where a map is made: it
takes 0.2 s, and most who ask want none.

Folium links to scripts on other hosts. `_localised` replaces those links once, after rendering,
with the copies this server has; a link it does not know raises, so that none slips through.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    import folium
    from branca.element import Figure

    from web.settings import Settings

LOCAL: dict[str, tuple[str, str]] = {
    "leaflet": ("leaflet", "leaflet.js"),
    "leaflet_css": ("leaflet", "leaflet.css"),
    "markerclusterjs": ("markercluster", "leaflet.markercluster.js"),
    "markerclustercss": ("markercluster", "MarkerCluster.css"),
}
"""Folium's name of a link → our package and file of it."""

UNUSED = frozenset(
    {
        "jquery",  # only for folium's popups
        "bootstrap",
        "bootstrap_css",
        "awesome_markers",
        "awesome_markers_css",
        "awesome_markers_font_css",
        "awesome_rotate_css",
        "glyphicons_css",
        "markerclusterdefaultcss",  # our own colours instead
    }
)
"""Folium's links that nothing on our page needs."""

MIDDLE_OF_YUNNAN = (25.0, 101.6)
ZOOM_MIN, ZOOM_MAX = 4, 18
TIANDITU = "https://t{s}.tianditu.gov.cn/DataServer?T=%s_w&x={x}&y={y}&l={z}&tk=%s"


_TEMPLATE = """
{% macro html(this, kwargs) %}
<div class="folium-map" id={{ this.get_name()|tojson }}></div>
{% endmacro %}
{% macro script(this, kwargs) %}
var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
    center: {{ this.location|tojson }},
    crs: L.CRS.{{ this.crs }},
    ...{{ this.options|tojavascript }}
});
{% endmacro %}
"""


@dataclass(frozen=True)
class MapParts:
    """A rendered map, to be put into a page."""

    head: str
    body: str
    script: str
    script_hash: str
    """What the content policy must name for the script to run."""
    image_hosts: str
    """Where the base map's pictures come from, for the content policy."""


def station_map(settings: Settings, asset_url: Callable[[str, str], str]) -> MapParts:
    """Make the station map; ``asset_url`` gives our address of a package's file."""
    from folium.plugins import MarkerCluster  # noqa: PLC0415 - see above

    chart = _chart(zoom_control=False)
    finest = 1 if settings.basemap != "none" else 0.5  # pictures are sharp at whole steps only
    chart.options |= {"maxZoom": ZOOM_MAX, "minZoom": ZOOM_MIN, "zoomSnap": finest}
    _named(chart, "station", "map")
    hosts = _add_base(chart, settings)
    cluster = MarkerCluster(  # type: ignore[no-untyped-call]
        max_cluster_radius=56,
        show_coverage_on_hover=False,
        chunked_loading=True,
        disable_clustering_at_zoom=16,
        spiderfy_on_max_zoom=True,
    )
    _named(cluster, "station", "cluster").add_to(chart)
    return _rendered(chart, asset_url, hosts)


def plain_map(
    asset_url: Callable[[str, str], str], name: str, settings: Settings | None = None
) -> MapParts:
    """Make an empty map, ``NAME_map`` to scripts, for a page that puts its own marks on it.

    It has the base map of ``settings``; without them, as a page that stands alone, none.
    """
    chart = _named(_chart(), name, "map")
    hosts = [] if settings is None else _add_base(chart, settings)
    chart.options |= {"maxZoom": ZOOM_MAX, "zoomSnap": 1 if hosts else 0.25}
    return _rendered(chart, asset_url, hosts)


def _chart(*, zoom_control: bool = True) -> folium.Map:
    """Make Folium's map without its viewport (which forbids zooming) and its styles."""
    import folium  # noqa: PLC0415 - see above
    from folium.template import Template  # noqa: PLC0415 - see above

    chart = folium.Map(
        location=MIDDLE_OF_YUNNAN,
        zoom_start=7,
        tiles=None,
        zoom_control=zoom_control,
        max_zoom=ZOOM_MAX,
    )
    chart._template = Template(_TEMPLATE)  # noqa: SLF001 - folium has no other way
    return chart


def _rendered(
    chart: folium.Map, asset_url: Callable[[str, str], str], hosts: list[str]
) -> MapParts:
    figure = cast("Figure", chart.get_root())
    figure.render()
    _localised(figure, asset_url)
    script = figure.script.render()
    digest = hashlib.sha256(script.encode()).digest()
    return MapParts(
        head=figure.header.render(),
        body=figure.html.render(),
        script=script,
        script_hash=f"'sha256-{base64.b64encode(digest).decode()}'",
        image_hosts=" ".join(dict.fromkeys(hosts)),
    )


def _named[E: folium.Element](element: E, name: str, id_: str) -> E:
    """Give an element a name of its own, so that the page is the same every time."""
    element._name, element._id = name, id_  # noqa: SLF001 - folium has no other way
    return element


def _localised(figure: Figure, asset_url: Callable[[str, str], str]) -> None:
    """Point every script and style of a rendered figure to this server."""
    from branca.element import CssLink, JavascriptLink  # noqa: PLC0415 - see above

    children = figure.header._children  # noqa: SLF001 - folium has no other way
    for name, child in list(children.items()):
        if name == "meta_http" or name in UNUSED:
            del children[name]
        elif isinstance(child, (JavascriptLink, CssLink)):
            if name not in LOCAL:
                raise LookupError(f"folium links to {name}, of which this server has no copy")
            child.url = asset_url(*LOCAL[name])


def _basemap(settings: Settings) -> list[tuple[str, str, str]]:
    """Return the tile layers, lowest first: address, attribution, sub-domains."""
    match settings.basemap:
        case "none":
            return []
        case "osm":
            address = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
            return [(address, "© OpenStreetMap contributors", "")]
        case "tianditu":
            key = settings.tianditu_key
            return [(TIANDITU % (kind, key), "天地图", "01234567") for kind in ("vec", "cva")]
        case address:
            return [(address, urlsplit(address).hostname or "", "abc")]


def _add_base(chart: folium.Map, settings: Settings) -> list[str]:
    """Add the base map, below all else; return its hosts."""
    return [_add_tiles(chart, f"base{i}", *tiles) for i, tiles in enumerate(_basemap(settings))]


def _add_tiles(chart: folium.Map, id_: str, address: str, by: str, subdomains: str) -> str:
    """Add a tile layer; return its hosts as a content policy writes them."""
    import folium  # noqa: PLC0415 - see above

    layer = folium.TileLayer(
        address, attr=by, name=id_, subdomains=subdomains or "abc", max_zoom=ZOOM_MAX
    )
    _named(layer, "station", id_).add_to(chart)
    parts = urlsplit(address)
    host = parts.netloc.replace("t{s}.", "*.").replace("{s}.", "*.")
    return f"{parts.scheme}://{host}"
