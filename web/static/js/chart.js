// The map Folium made, its panes and its controls.

import { t, whenLanguage } from "./i18n.js";

const L = window.L;

export const map = window.station_map;
export const cluster = window.station_cluster;

// Panes from below to above: areas, from where a station is reached, sites, then Leaflet's own for markers and popups.
for (const [name, height] of [["areas", 350], ["reach", 410], ["sites", 420], ["target", 640]]) {
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

// Say where the data comes from, beside the base map's own line: ours, and whom its licence names.
const LICENCES = {
  "© OpenStreetMap contributors": '<a href="https://www.openstreetmap.org/copyright" target="_blank" rel="noopener noreferrer">© OpenStreetMap contributors</a>',
};
const named = new Map(); // part of the page → whom it names
let credits = [];
whenLanguage(showCredits);

export function nameSources(part, names) {
  named.set(part, names);
  showCredits();
}

function showCredits() {
  for (const credit of credits) map.attributionControl.removeAttribution(credit);
  const others = new Set([...named.values()].flat());
  credits = [`<a href="/api/docs">${t("source")}</a>`, ...[...others].map((name) => LICENCES[name]).filter(Boolean)];
  for (const credit of credits) map.attributionControl.addAttribution(credit);
}

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

// `above`, `below`: pixels to keep free of them besides the panel.
export function fit(bounds, maxZoom = 15, { above = 16, below = 16 } = {}) {
  const room = { paddingTopLeft: [16, above], paddingBottomRight: [16, below + covered()] };
  map.fitBounds(bounds, { maxZoom, ...room, animate: false });
}

// How many pixels of the map the panel covers from below.
export function covered() {
  const panel = document.getElementById("panel");
  return getComputedStyle(panel).position === "absolute" ? panel.offsetHeight : 0;
}

// Close by, the colours of areas give way to what is in them.
const ZOOM_CLOSE = 11;
map.on("zoomend", () => map.getContainer().classList.toggle("close", map.getZoom() >= ZOOM_CLOSE));
