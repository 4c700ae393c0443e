// The sites to be served, coloured by whether a station is in reach.

import { siteCard, siteClass } from "./cards.js";
import { fit, goTo, map } from "./chart.js";

const L = window.L;
const ZOOM_FOR_SHAPES = 11; // farther out, areas are too small to see and get a dot

export const group = L.layerGroup().addTo(map);
const dots = L.layerGroup();
const shapes = new Map();

map.on("zoomend", showDots);

export function drawSites({ features }, within) {
  clearSites();
  for (const feature of features) {
    const site = feature.properties;
    const style = { pane: "sites", className: `site ${siteClass(site)}` };
    const shape = L.geoJSON(feature, { style, pointToLayer: (_, at) => dot(at, style) }).getLayers()[0];
    shapes.set(String(feature.id), withCard(shape, site, within));
    group.addLayer(shape);
    if (shape.getBounds) dots.addLayer(withCard(dot(shape.getBounds().getCenter(), style), site, within));
  }
  showDots();
}

export function clearSites() {
  group.clearLayers();
  dots.clearLayers();
  shapes.clear();
  map.closePopup();
}

export function showAllSites() {
  const bounds = L.featureGroup([...shapes.values()]).getBounds();
  if (bounds.isValid()) fit(bounds, 12);
}

export function showSite(id) {
  const shape = shapes.get(id);
  if (!shape) return;
  if (shape.getBounds) fit(shape.getBounds(), 14);
  else goTo(shape.getLatLng(), 14);
  shape.openPopup();
}

function dot(at, style) {
  return L.circleMarker(at, { ...style, radius: 6 });
}

function withCard(shape, site, within) {
  return shape.bindPopup(() => siteCard(site, within), { minWidth: 200, maxWidth: 290 });
}

function showDots() {
  if (map.getZoom() < ZOOM_FOR_SHAPES) group.addLayer(dots);
  else group.removeLayer(dots);
}
