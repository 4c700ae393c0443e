// The map Folium made, its panes and its controls.

import { t, whenLanguage } from "./i18n.js";

const L = window.L;

export const map = window.station_map;
export const cluster = window.station_cluster;

// Panes from below to above: areas, sites, then Leaflet's own for markers and popups.
for (const [name, height] of [["areas", 350], ["sites", 420]]) {
  map.createPane(name).style.zIndex = height;
}

const zoom = L.control.zoom({ position: "bottomright" }).addTo(map);
L.control.scale({ position: "bottomleft", imperial: false }).addTo(map);
map.attributionControl.setPrefix(false);
map.getContainer().setAttribute("role", "application");

whenLanguage(() => {
  for (const [button, key] of [[".leaflet-control-zoom-in", "zoomIn"], [".leaflet-control-zoom-out", "zoomOut"]]) {
    const element = zoom.getContainer().querySelector(button);
    element.title = t(key);
    element.setAttribute("aria-label", t(key));
  }
  map.getContainer().setAttribute("aria-label", t("map"));
});

// Say where the data comes from, beside the base map's own line.
let credit = "";
whenLanguage(() => {
  map.attributionControl.removeAttribution(credit);
  credit = `<a href="/api/docs">${t("source")}</a>`;
  map.attributionControl.addAttribution(credit);
});

// Give a shape the class that colours it: all colours are in map.css.
export function dress(shape, classes) {
  shape.options.className = classes;
  const element = shape.getElement?.();
  if (element) element.setAttribute("class", `${classes} leaflet-interactive`);
}

// Move so that a point is in the middle of what the panel leaves free. Moves are not animated:
// Leaflet ends a zoom it has begun wherever one went meanwhile, so two in a row would lose one.
export function goTo(position, closest = 14) {
  const zoomLevel = Math.max(map.getZoom(), closest);
  const middle = map.project(position, zoomLevel).add([0, covered() / 2]);
  map.setView(map.unproject(middle, zoomLevel), zoomLevel, { animate: false });
}

// If the panel stands over the map, move the point out from under it.
export function uncover(position) {
  if (covered()) goTo(position, map.getZoom());
}

export function fit(bounds, maxZoom = 15) {
  const room = { paddingTopLeft: [16, 16], paddingBottomRight: [16, 16 + covered()] };
  map.fitBounds(bounds, { maxZoom, ...room, animate: false });
}

// How many pixels of the map the panel covers from below.
function covered() {
  const panel = document.getElementById("panel");
  return getComputedStyle(panel).position === "absolute" ? panel.offsetHeight : 0;
}

// Close by, the colours of areas give way to what is in them.
const ZOOM_CLOSE = 11;
map.on("zoomend", () => map.getContainer().classList.toggle("close", map.getZoom() >= ZOOM_CLOSE));
