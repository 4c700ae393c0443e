// The desk's map: counties as a ground, and what the tab in front puts on it.

import { get } from "../api.js";
import { make } from "../dom.js";

const L = window.L;
const calm = { animate: false };

export const map = window.audit_map ?? window.register_map;
const marks = L.layerGroup().addTo(map);
const still = L.layerGroup().addTo(map);
let whenTapped = null;

map.attributionControl.setPrefix(false);
L.control.scale({ position: "bottomleft", imperial: false }).addTo(map);
map.eachLayer((layer) => layer instanceof L.TileLayer && map.getContainer().classList.add("based"));
const NEAR = map.getContainer().classList.contains("based") ? 15 : 12; // without a base map there is nothing closer by
map.on("click", ({ latlng }) => whenTapped?.(latlng));
new ResizeObserver(() => map.invalidateSize(calm)).observe(map.getContainer());

// Draw the counties; returns [code, name] of each.
export async function loadCounties(prefixes) {
  const answers = await Promise.all(prefixes.map((prefix) => get("areas", { level: "county", prefix })));
  const features = answers.flatMap((answer) => answer.features);
  const style = { className: "county", interactive: false }; // its colours are in audit.css
  for (const feature of features) Object.assign(L.geoJSON(feature, style), { code: feature.id }).addTo(still);
  return features.map(({ id, properties }) => [id, properties.name]);
}

export function clear() {
  marks.clearLayers();
  whenTapped = null;
}

// Call `listener` with {lat, lng} where the map is tapped, until the map is cleared.
export function onTap(listener) {
  whenTapped = listener;
}

// A mark at a place; `label` is text, put there as text.
export function mark({ lat, lon }, { name = "mark", size = 16, text = "", label = "", colour, tap } = {}) {
  const html = make("span", { class: name }, text);
  html.style.width = html.style.height = `${size}px`;
  if (colour) html.style.setProperty("--pin", colour);
  const icon = L.divIcon({ html, className: "", iconSize: [size, size] });
  const made = L.marker([lat, lon], { icon, keyboard: false, alt: "" }).addTo(marks);
  if (label) made.bindTooltip(make("span", {}, label));
  if (tap) made.on("click", tap);
  return made;
}

export function line(places, style = {}) {
  const at = places.map(({ lat, lon }) => [lat, lon]);
  return L.polyline(at, { className: "trace", color: "#1d4ed8", weight: 3, interactive: false, ...style }).addTo(marks);
}

// Show all of some places; those that lie far outside the counties, such as 0° 0°, are left out.
export function fit(all, zoom = NEAR) {
  const ground = L.featureGroup(still.getLayers()).getBounds();
  const inside = ground.isValid() ? all.filter(({ lat, lon }) => ground.pad(0.2).contains([lat, lon])) : [];
  const places = inside.length ? inside : all;
  if (places.length) map.fitBounds(L.latLngBounds(places.map(({ lat, lon }) => [lat, lon])).pad(0.1), { ...calm, maxZoom: zoom });
}

// Show the counties of an area, by its code; of "" all there are.
export function home(area) {
  map.invalidateSize(calm); // it may have been hidden until now
  const ground = L.featureGroup(still.getLayers().filter(({ code }) => code.startsWith(area))).getBounds();
  if (ground.isValid()) map.fitBounds(ground, calm);
}

export function goTo({ lat, lon }) {
  map.setView([lat, lon], Math.max(map.getZoom(), NEAR), calm);
}
