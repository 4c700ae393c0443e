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

const still = window.matchMedia("(prefers-reduced-motion: reduce)");

// Move so that a point is in the middle of what the panel leaves free.
export function goTo(position, zoomLevel = Math.max(map.getZoom(), 14)) {
  const middle = map.project(position, zoomLevel).add([0, covered() / 2]);
  map.setView(map.unproject(middle, zoomLevel), zoomLevel, { animate: !still.matches });
}

// Be there at once, whatever the map was doing: what follows may rely on it.
export function jumpTo(position, zoomLevel) {
  const zoom = Math.max(map.getZoom(), zoomLevel);
  const middle = map.project(position, zoom).add([0, covered() / 2]);
  map.stop().setView(map.unproject(middle, zoom), zoom, { animate: false });
}

// If the panel stands over the map, move the point out from under it.
export function uncover(position) {
  if (covered()) goTo(position, map.getZoom());
}

export function fit(bounds, maxZoom = 15) {
  const room = { paddingTopLeft: [16, 16], paddingBottomRight: [16, 16 + covered()] };
  map.fitBounds(bounds, { maxZoom, ...room, animate: !still.matches });
}

// How many pixels of the map the panel covers from below.
function covered() {
  const panel = document.getElementById("panel");
  return getComputedStyle(panel).position === "absolute" ? panel.offsetHeight : 0;
}

// Close by, the colours of areas give way to what is in them.
const ZOOM_CLOSE = 11;
map.on("zoomend", () => map.getContainer().classList.toggle("close", map.getZoom() >= ZOOM_CLOSE));
