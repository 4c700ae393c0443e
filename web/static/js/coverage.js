// Coverage of the chosen layer on paper: figures, rows, colours and gaps, asked anew at every change.

import { get } from "./api.js";
import { areaClass, colourAreas, level, showArea } from "./areas.js";
import { nameSources } from "./chart.js";
import { byId, make, say, setText } from "./dom.js";
import { gapsText, paperGap } from "./gaps.js";
import { limitText, number, percent, t, titled, whenLanguage } from "./i18n.js";
import { showJob } from "./jobbar.js";
import { askLong } from "./jobs.js";
import { drawLegend } from "./legend.js";
import { closeSheet } from "./panels.js";
import { register } from "./register.js";
import { basisMark } from "./sitecards.js";
import { clearSites, drawSites, showAllSites } from "./sites.js";
import { ask, needParameters, state, whenAsked } from "./state.js";
import { showTerms, startTerms } from "./terms.js";

const GAPS = 200;
const PATIENCE_MS = 800; // until a bar shows how far a job is

let layers = [];
let answer = null; // { coverage, sites, gaps }
let pending = null;

export async function startCoverage() {
  byId("layer").addEventListener("change", async ({ target }) => {
    await ask({ layer: target.value });
    showAllSites();
  });
  byId("job-cancel").addEventListener("click", giveUp);
  byId("plan-link").addEventListener("click", takeAlong);
  startTerms();
  whenLanguage(show);
  whenAsked(measure, "layer", "within", "needs", "by");
  await loadLayers();
}

// The planner's page begins with what was asked here.
function takeAlong({ currentTarget }) {
  const { mode, ...need } = needParameters();
  const asked = Object.entries({ layer: state.layer, ...need, by: mode }).filter(([, value]) => value);
  currentTarget.href = `/plan?${new URLSearchParams(asked)}`;
}

// Ask which layers this caller may see; what is no longer open leaves the page.
export async function loadLayers() {
  try {
    ({ layers } = await get("layers"));
    nameSources("layers", layers.flatMap(({ attribution }) => attribution));
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

async function measure() {
  pending?.abort();
  forget();
  const status = byId("coverage-status");
  if (!state.layer) {
    say(status, t("noLayers"));
    return;
  }
  const { signal } = (pending = new AbortController());
  const { layer } = state;
  const need = needParameters();
  const question = { ...need, layer };
  for (const place of [status, byId("gaps-status")]) say(place, t("loading"));
  try {
    const coverage = await first({ ...question, by: level() }, signal);
    const [sites, gaps] = await Promise.all([get(`layers/${layer}`, need, signal), get("gaps", { ...question, limit: GAPS }, signal)]);
    answer = { coverage, sites, gaps };
    drawSites(sites, coverage.method);
    show();
  } catch (error) {
    if (error.name === "AbortError") return;
    say(byId("gaps-status"), "");
    say(status, t("failed", { why: error.message }), { retry: { label: t("retry"), run: measure } });
  } finally {
    if (pending?.signal === signal) byId("job").hidden = true;
  }
}

// Roads may take long to ask, but only once: the questions after this one find them known.
function first(question, signal) {
  if (!question.within.endsWith("min") || !register.roads) return get("coverage", question, signal);
  const patience = performance.now() + PATIENCE_MS;
  return askLong("coverage/jobs", question, signal, (job) => {
    if (performance.now() > patience) {
      say(byId("coverage-status"), "");
      showJob(job);
    }
  });
}

function giveUp() {
  pending?.abort();
  byId("job").hidden = true;
  say(byId("gaps-status"), "");
  say(byId("coverage-status"), t("jobCancelled"), { failed: false, retry: { label: t("again"), run: measure } });
  byId("coverage-status").querySelector("button").focus();
}

// Take the last answer off the page: it may be of a layer no longer open.
function forget() {
  answer = null;
  clearSites();
  colourAreas([]);
  for (const id of ["total", "rows", "gap-list", "method"]) byId(id).replaceChildren();
  for (const id of ["rows-title", "job"]) byId(id).hidden = true;
}

function show() {
  drawLayers();
  byId("layer").value = state.layer;
  showTerms();
  drawLegend(answer?.coverage.method.share_of);
  if (!answer) return;
  const { coverage, sites, gaps } = answer;
  if (coverage.synthetic) byId("synthetic").hidden = false;
  const shown = sites.numberReturned;
  say(byId("coverage-status"), shown < sites.numberMatched ? t("truncated", { shown: number(shown), n: number(sites.numberMatched) }) : "");
  byId("total").replaceChildren(...totalParts(coverage));
  setText(byId("method"), methodText(coverage.method));
  say(byId("gaps-status"), gapsText(gaps, coverage.method));
  byId("gap-list").replaceChildren(...gaps.features.map((gap) => paperGap(gap, coverage.method)));
  showRows(coverage.rows);
}

function showRows(rows) {
  colourAreas(rows);
  byId("rows-title").hidden = false;
  byId("rows-title").textContent = t("byArea");
  const worstFirst = [...rows].sort((a, b) => (a.share ?? 2) - (b.share ?? 2) || b.workers - a.workers);
  byId("rows").replaceChildren(...worstFirst.map(areaRow));
}

function totalParts({ total, method }) {
  const within = limitText(method);
  const share = total.share == null ? "–" : percent(total.share);
  const people = t("coveredWorkers", { covered: number(total.workers_covered), workers: number(total.workers) });
  return [
    make("p", { class: "figure" }, share, basisMark({ ...method, estimated: method.estimated !== "none" })),
    make("meter", { min: 0, max: 1, value: total.share ?? 0, "aria-label": share }),
    make("p", {}, method.share_of === "workers" ? people : ""),
    total.workers_unknown ? make("p", { class: "quiet" }, t("someUnknown", { n: number(total.workers_unknown) })) : "",
    make("p", { class: "quiet" }, t("coveredSites", { covered: number(total.covered), sites: number(total.sites), within })),
    total.unreachable ? make("p", { class: "quiet" }, t("unreachableSites", { n: number(total.unreachable) })) : "",
  ];
}

function methodText({ unit, estimated, roads }) {
  if (unit === "m") return t("method");
  const key = { all: "methodEstimated", some: "methodSome", none: "methodRoads" }[estimated];
  const date = roads?.osm_at ?? roads?.built_at;
  return [t(key), roads && t("network", { source: roads.source, date: date ? date.slice(0, 10) : "–" })].filter(Boolean).join(" ");
}

function goThere(row) {
  return { onclick: () => { closeSheet(); showArea(row.code); } };
}

function rowWorkers(row) {
  if (row.workers_unknown === row.sites) return t("workersUnknown");
  const known = t("people", { n: number(row.workers) });
  return row.workers_unknown ? `${known}${t("comma")}${t("someUnknown", { n: number(row.workers_unknown) })}` : known;
}

function areaRow(row) {
  const { method } = answer.coverage;
  const share = row.share == null ? t("noSites") : percent(row.share);
  return make(
    "li",
    {},
    make(
      "button",
      { type: "button", class: "row", ...goThere(row) },
      make("span", { class: `swatch area ${areaClass(row)}`, "aria-hidden": "true" }),
      make("span", { class: "name" }, shortName(row.name)),
      make("span", { class: "far" }, share),
      make("span", { class: "quiet" }, t("sitesOf", { covered: number(row.covered), sites: number(row.sites) }), " · ", rowWorkers(row), " ", basisMark({ ...method, estimated: row.estimated })),
    ),
  );
}

// Where all is in one province, its name need not be said in every row.
function shortName(name) {
  return register.provinces.length === 1 ? name.replace(/^.+?(?:省|自治区)(?=.)/, "") : name;
}
