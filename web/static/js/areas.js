// The outlines of counties, always there, and the colour of coverage on them.

import { get } from "./api.js";
import { dress, fit, map } from "./chart.js";
import { make } from "./dom.js";
import { percent, t } from "./i18n.js";
import { register } from "./register.js";

const L = window.L;
const FEW_PROVINCES = 3; // above this, prefectures are drawn instead of counties

export const STEPS = [0, 0.2, 0.4, 0.6, 0.8]; // each class from here to the next, the last to 1
export const group = L.layerGroup().addTo(map);
export const areas = new Map(); // code → { name, shape }
let rows = new Map();

// The level the outlines are of, and coverage is grouped by.
export function level() {
  return register.provinces.length > FEW_PROVINCES ? "prefecture" : "county";
}

export async function loadAreas() {
  const answers = await Promise.all(
    register.provinces.map((prefix) => get("areas", { level: level(), prefix })),
  );
  for (const { features } of answers) for (const feature of features) add(feature);
  colour();
}

// Show where stations are.
export function showAll() {
  if (!register.bbox) return;
  const [west, south, east, north] = register.bbox;
  fit([[south, west], [north, east]]);
}

export function showArea(code) {
  const area = areas.get(code);
  if (area) fit(area.shape.getBounds(), 12);
}

// Colour the areas by the share of each row; without a row there is nothing to serve.
export function colourAreas(coverageRows) {
  rows = new Map(coverageRows.map((row) => [row.code, row]));
  colour();
}

function colour() {
  for (const [code, { shape }] of areas) dress(shape, `area ${areaClass(rows.get(code))}`);
}

export function areaClass(row) {
  if (!row || row.share == null) return "none";
  return `share-${STEPS.filter((step) => row.share >= step).length}`;
}

function add(feature) {
  const code = String(feature.id);
  const shape = L.geoJSON(feature, { pane: "areas", style: { className: "area none" } }).getLayers()[0];
  shape.bindTooltip(() => tooltip(code), { sticky: true, direction: "top" });
  shape.on("add", () => shape.getElement()?.setAttribute("tabindex", "-1")); // its tooltip would make it a stop of the Tab key
  areas.set(code, { name: feature.properties.name, shape });
  group.addLayer(shape);
}

function tooltip(code) {
  const row = rows.get(code);
  const share = row?.share == null ? t("noSites") : percent(row.share);
  return make("span", {}, make("strong", {}, areas.get(code).name), ` ${share}`);
}
