// What the map shows: coverage on paper, in truth or with the suppositions; a plan before and
// after; two plans. A switch over the map chooses, a legend tells.

import { colourAreas, group as areasGroup, STEPS } from "../areas.js";
import { map } from "../chart.js";
import { byId, make } from "../dom.js";
import { percent, t, titled, whenLanguage } from "../i18n.js";
import { clearSites, colourSites, drawSites, group as sitesGroup, ringSites, showAllSites } from "../sites.js";
import { ask, state, whenAsked } from "../state.js";
import { wasPlaced } from "./address.js";
import { compared, drawCompared } from "./compare.js";
import { changedSites } from "./difference.js";
import { answer, areaRows, siteShares, whenMeasured } from "./measure.js";
import { drawPlan, framePlan, planLegend, shownPlan, whenPlans } from "./scheme.js";
import { stationsGroup } from "./stations.js";
import { hourText } from "./week.js";

const ROOM = { above: 64, below: 130 }; // pixels for the switch and the week
let drawn = null; // the answer whose sites are on the map
let placedFor = null; // the layer the map was moved for
let framed = null; // the plan it was moved for
const mapOf = () => (state.tab === "plan" && shownPlan() ? "plan" : state.tab === "compare" && compared() ? "compare" : "coverage");

export function startView() {
  whenMeasured(show);
  whenPlans(show);
  whenAsked(show, "view", "hour", "tab", "side");
  whenLanguage(show);
}

// Draw what the page is about now.
export function show() {
  const what = mapOf();
  const coverage = what === "coverage" && answer;
  if (coverage) showCoverage();
  else hideCoverage();
  drawPlan(what === "plan" ? map : null);
  if (what === "plan") framePlanOnce();
  drawCompared(what === "compare" ? map : null);
  writeSwitch(what);
  byId("week").classList.toggle("away", what !== "coverage");
  map.getContainer().classList.toggle("planned", what !== "coverage");
  byId("legend-body").replaceChildren(...legend(what));
}

function showCoverage() {
  if (drawn !== answer.sites) {
    drawn = answer.sites;
    drawSites(answer.sites, answer.coverage.method, realLines);
    frame();
  }
  const view = state.view === "then" && !answer.then ? "real" : state.view;
  colourAreas(areaRows(view));
  colourSites(siteShares(view));
  ringSites(view === "then" ? new Set(changedSites().map(([id]) => id)) : new Set());
}

function hideCoverage() {
  drawn = null;
  clearSites();
  colourAreas([]);
}

// A new layer is shown whole; one that an address brought keeps the address's place.
function frame() {
  if (placedFor === state.layer) return;
  const first = placedFor === null;
  placedFor = state.layer;
  if (!(first && wasPlaced())) showAllSites(ROOM);
}

function framePlanOnce() {
  if (framed === shownPlan()) return;
  framed = shownPlan();
  framePlan();
}

function realLines(id) {
  const share = siteShares(state.view === "paper" ? "real" : state.view).get(id);
  const when = state.hour == null ? titled(answer.coverage.method.hours) : hourText(state.hour);
  return [make("p", {}, share == null ? t("nobodyThen", { when }) : t(state.view === "then" ? "thenThen" : "realThen", { when, share: percent(share) }))];
}

function writeSwitch(what) {
  const choices = { plan: [["side", "before"], ["side", "after"]], compare: [], coverage: [["view", "paper"], ["view", "real"], ...(state.what.length ? [["view", "then"]] : [])] }[what];
  const place = byId("view");
  place.hidden = !choices.length || (what === "coverage" && !answer);
  const focused = place.contains(document.activeElement) ? document.activeElement.value : null;
  place.replaceChildren(make("legend", { class: "unseen" }, t("view")), ...choices.map(([part, value]) => {
    const input = make("input", { type: "radio", name: part, value, onchange: () => ask({ [part]: value }) });
    input.checked = state[part] === value;
    return make("label", {}, input, make("span", {}, t(`view_${value}`)));
  }));
  if (focused) place.querySelector(`[value="${focused}"]`)?.focus();
}

function legend(what) {
  if (what === "plan") return [planLegend()];
  if (what === "compare") return [part("twoPlans", null, ["a", "both", "b"].map((side) => [swatch(`plan ${side}`), t(`only_${side}`)]))];
  const site = (state, key) => [swatch(`site ${state}`), t(key)];
  const kind = answer?.coverage.method.share_of === "worker-hours" ? "areasLegendReal" : "areasLegendSites";
  return [
    part("stationsLayer", stationsGroup, [[swatch("station"), t("stationDot")]]),
    part("sitesLayer", sitesGroup, [site("in", "siteIn"), site("part", "part"), site("out", "siteOut"), site("away", "notThen"), ...(answer?.then ? [[swatch("site ring"), t("changedSite")]] : [])]),
    part("areasLayer", areasGroup, [...STEPS.map((step, i) => [swatch(`area share-${i + 1}`), `${percent(step)}–${percent(STEPS[i + 1] ?? 1)}`]), [swatch("area none"), t("noSites")]], t(kind)),
  ];
}

function part(key, layer, entries, note = "") {
  const input = layer && make("input", { type: "checkbox", onchange: () => (input.checked ? map.addLayer(layer) : map.removeLayer(layer)) });
  if (input) input.checked = map.hasLayer(layer);
  const lines = entries.map(([mark, text]) => make("li", {}, mark, make("span", {}, text)));
  return make("section", {}, make(layer ? "label" : "p", {}, input, make("strong", {}, t(key))), note && make("p", { class: "quiet" }, note), make("ul", {}, ...lines));
}

function swatch(classes) {
  return make("span", { class: `swatch ${classes}`, "aria-hidden": "true" });
}
