// Coverage of the chosen layer: figures, rows, colours and gaps, asked anew at every change.

import { get } from "./api.js";
import { areaClass, colourAreas, level, showArea } from "./areas.js";
import { nearestText, siteClass, siteState, syntheticMark, workersText } from "./cards.js";
import { byId, make, say } from "./dom.js";
import { distance, number, percent, t, titled, whenLanguage } from "./i18n.js";
import { drawLegend } from "./legend.js";
import { closeSheet } from "./panels.js";
import { register } from "./register.js";
import { clearSites, drawSites, showAllSites, showSite } from "./sites.js";
import { ask, DISTANCES, needsParameter, state, whenAsked } from "./state.js";

const GAPS = 200;

let layers = [];
let answer = null; // { coverage, sites, gaps }
let pending = null;

export async function startCoverage() {
  byId("layer").addEventListener("change", async ({ target }) => {
    await ask({ layer: target.value });
    showAllSites();
  });
  for (const text of DISTANCES) byId("within").append(distanceChoice(text));
  whenLanguage(show);
  whenAsked(measure, "layer", "within", "needs");
  await loadLayers();
}

// Ask which layers this caller may see; what is no longer open leaves the page.
export async function loadLayers() {
  try {
    ({ layers } = await get("layers"));
  } catch (error) {
    say(byId("coverage-status"), t("failed", { why: error.message }), { retry: { label: t("retry"), run: loadLayers } });
    return;
  }
  const open = layers.some(({ name }) => name === state.layer);
  drawLayers();
  ask({ layer: open ? state.layer : (layers.find(({ name }) => name === "parks") ?? layers[0])?.name ?? "" });
}

function drawLayers() {
  const options = layers.map((layer) => make("option", { value: layer.name, selected: layer.name === state.layer }, titled(layer)));
  byId("layer").replaceChildren(...options);
}

function distanceChoice(text) {
  const input = make("input", { type: "radio", name: "within", value: text, onchange: () => ask({ within: text }) });
  input.checked = text === state.within;
  return make("label", {}, input, make("span", { "data-metres": parseFloat(text) * (text.endsWith("km") ? 1000 : 1) }));
}

async function measure() {
  pending?.abort();
  forget();
  const status = byId("coverage-status");
  if (!state.layer) {
    say(status, t("noLayers"));
    return;
  }
  const { signal } = (pending = new AbortController());
  const { layer, within } = state;
  const question = { within, needs: needsParameter() };
  for (const place of [status, byId("gaps-status")]) say(place, t("loading"));
  try {
    const [coverage, sites, gaps] = await Promise.all([
      get("coverage", { ...question, layer, by: level() }, signal),
      get(`layers/${layer}`, question, signal),
      get("gaps", { ...question, layer, limit: GAPS }, signal),
    ]);
    answer = { coverage, sites, gaps };
    drawSites(sites, coverage.method.within_m);
    show();
  } catch (error) {
    if (error.name === "AbortError") return;
    say(byId("gaps-status"), "");
    say(status, t("failed", { why: error.message }), { retry: { label: t("retry"), run: measure } });
  }
}

// Take the last answer off the page: it may be of a layer no longer open.
function forget() {
  answer = null;
  clearSites();
  colourAreas([]);
  for (const id of ["total", "rows", "gap-list"]) byId(id).replaceChildren();
  byId("rows-title").hidden = true;
}

function show() {
  drawLayers();
  byId("layer").value = state.layer;
  for (const label of document.querySelectorAll("[data-metres]")) label.textContent = distance(Number(label.dataset.metres));
  drawLegend(answer?.coverage.method.share_of);
  if (!answer) return;
  const { coverage, sites, gaps } = answer;
  if (coverage.synthetic) byId("synthetic").hidden = false;
  colourAreas(coverage.rows);
  const shown = sites.numberReturned;
  say(byId("coverage-status"), shown < sites.numberMatched ? t("truncated", { shown: number(shown), n: number(sites.numberMatched) }) : "");
  byId("total").replaceChildren(...totalParts(coverage));
  byId("rows-title").hidden = false;
  const rows = [...coverage.rows].sort((a, b) => (a.share ?? 2) - (b.share ?? 2) || b.workers - a.workers);
  byId("rows").replaceChildren(...rows.map(areaRow));
  say(byId("gaps-status"), gapsText(gaps, coverage.method.within_m));
  byId("gap-list").replaceChildren(...gaps.features.map(gapItem));
}

function totalParts({ total, method }) {
  const within = distance(method.within_m);
  const share = total.share == null ? "–" : percent(total.share);
  const people = t("coveredWorkers", { covered: number(total.workers_covered), workers: number(total.workers) });
  return [
    make("p", { class: "figure" }, share),
    make("meter", { min: 0, max: 1, value: total.share ?? 0, "aria-label": share }),
    make("p", {}, method.share_of === "workers" ? people : ""),
    make("p", { class: "quiet" }, t("coveredSites", { covered: number(total.covered), sites: number(total.sites), within })),
  ];
}

function areaRow(row) {
  const share = row.share == null ? t("noSites") : percent(row.share);
  return make(
    "li",
    {},
    make(
      "button",
      { type: "button", class: "row", onclick: () => { closeSheet(); showArea(row.code); } },
      make("span", { class: `swatch area ${areaClass(row)}`, "aria-hidden": "true" }),
      make("span", { class: "name" }, shortName(row.name)),
      make("span", { class: "far" }, share),
      make("span", { class: "quiet" }, t("sitesOf", { covered: number(row.covered), sites: number(row.sites) }), " · ", t("people", { n: number(row.workers) })),
    ),
  );
}

// Where all is in one province, its name need not be said in every row.
function shortName(name) {
  return register.provinces.length === 1 ? name.replace(/^.+?(?:省|自治区)(?=.)/, "") : name;
}

function gapsText(gaps, within) {
  const n = number(gaps.numberMatched);
  if (!gaps.numberMatched) return t("gapsNone", { within: distance(within) });
  return gaps.numberReturned < gaps.numberMatched ? t("gapsShown", { n, shown: number(gaps.numberReturned) }) : t("gapsCount", { n });
}

function gapItem({ id, properties: site }) {
  const left = site.workers == null ? workersText(site) : t("workersLeft", { n: number(site.workers - site.workers_covered) });
  return make(
    "li",
    {},
    make(
      "button",
      { type: "button", class: "row", onclick: () => { closeSheet(); showSite(String(id)); } },
      make("span", { class: `swatch site ${siteClass(site)}`, "aria-hidden": "true" }),
      make("span", { class: "name" }, site.name),
      make("span", { class: "far" }, siteState(site)),
      make("span", { class: "quiet" }, left, " ", syntheticMark(site)),
      make("span", { class: "quiet" }, nearestText(site)),
    ),
  );
}
