// The sites to be served, coloured by whether a station is in reach.

import { siteCard, siteClass } from "./sitecards.js";
import { dress, fit, goTo, map } from "./chart.js";

const L = window.L;
const ZOOM_FOR_SHAPES = 11; // farther out, areas are too small to see and get a dot

const MANY = 300; // of more sites than that each is drawn smaller

export const group = L.layerGroup().addTo(map);
const dots = L.layerGroup();
const shapes = new Map();
const dotOf = new Map();

map.on("zoomend", showDots);

// `more` gives lines to add to a site's card.
export function drawSites({ features }, method, more = () => []) {
  clearSites();
  map.getContainer().classList.toggle("many-sites", features.length > MANY);
  for (const feature of features) {
    const site = feature.properties;
    const style = { pane: "sites", className: `site ${siteClass(site)}` };
    const shape = L.geoJSON(feature, { style, pointToLayer: (_, at) => dot(at, style) }).getLayers()[0];
    const id = String(feature.id);
    const card = () => siteCard(site, method, more(id));
    shapes.set(id, withCard(shape, card));
    group.addLayer(shape);
    if (!shape.getBounds) continue;
    dotOf.set(id, withCard(dot(shape.getBounds().getCenter(), { ...style }), card));
    dots.addLayer(dotOf.get(id));
  }
  showDots();
}

export function clearSites() {
  group.clearLayers();
  dots.clearLayers();
  shapes.clear();
  dotOf.clear();
}

// Colour the sites by the share covered of each: null where nobody is there.
export function colourSites(shares) {
  for (const [id, shape] of shapes) {
    const classes = `site ${shareClass(shares.get(id))}`;
    dress(shape, classes);
    if (dotOf.has(id)) dress(dotOf.get(id), classes);
  }
}

// Mark the sites that something is said about, by their ids.
export function ringSites(ids) {
  for (const [id, shape] of shapes) {
    if (!ids.has(id)) continue;
    dress(shape, `${shape.options.className} ring`);
    if (dotOf.has(id)) dress(dotOf.get(id), `${dotOf.get(id).options.className} ring`);
  }
}

export function shareClass(share) {
  if (share == null) return "away";
  return share >= 1 ? "in" : share > 0 ? "part" : "out";
}

// `room`: pixels to keep free, as `fit` has it.
export function showAllSites(room = {}) {
  const bounds = L.featureGroup([...shapes.values()]).getBounds();
  if (bounds.isValid()) fit(bounds, 12, room);
}

export function showSite(id) {
  const shape = shapes.get(id);
  if (!shape) return;
  if (shape.getBounds) fit(shape.getBounds(), 14);
  else goTo(shape.getLatLng(), 14);
  shape.openPopup();
}

function dot(at, style) {
  return L.circleMarker(at, { ...style, radius: map.getContainer().classList.contains("many-sites") ? 4 : 6 });
}

function withCard(shape, card) {
  return shape.bindPopup(card, { minWidth: 200, maxWidth: 290, autoPanPaddingTopLeft: [8, 60], autoPanPaddingBottomRight: [8, 60] });
}

function showDots() {
  if (map.getZoom() < ZOOM_FOR_SHAPES) group.addLayer(dots);
  else group.removeLayer(dots);
}
