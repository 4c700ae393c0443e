// Coverage of the chosen layer: figures, rows, colours and gaps, asked anew at every change.

import { get } from "./api.js";
import { areaClass, colourAreas, level, showArea } from "./areas.js";
import { basisMark } from "./cards.js";
import { nameSources } from "./chart.js";
import { showDownloads } from "./downloads.js";
import { byId, make, say } from "./dom.js";
import { gapsText, paperGap, realGap } from "./gaps.js";
import { distance, limitText, minutes, number, percent, t, titled, whenLanguage } from "./i18n.js";
import { askLong } from "./jobs.js";
import { drawLegend } from "./legend.js";
import { closeSheet } from "./panels.js";
import { register } from "./register.js";
import { clearSites, colourSites, drawSites, showAllSites } from "./sites.js";
import { showTrend, spreadParts } from "./spread.js";
import { ask, needParameters, state, termParameters, whenAsked } from "./state.js";
import { startTerms, showTerms } from "./terms.js";
import { truthMethod, truthParts, truthRow, waterfall } from "./truth.js";
import { hourText, setWeek, startWeek } from "./week.js";

const GAPS = 200;
const PATIENCE_MS = 800; // until a bar shows how far a job is
const ASKED = ["layer", "within", "needs", "by", "view", "hours", "through", "floor", "profile"];

let layers = [];
let answer = null; // { coverage, sites, gaps }; in truth also { week, sitesWeek }
let pending = null;

export async function startCoverage() {
  byId("layer").addEventListener("change", async ({ target }) => {
    await ask({ layer: target.value });
    showAllSites();
  });
  byId("job-cancel").addEventListener("click", giveUp);
  startTerms();
  startWeek();
  whenLanguage(show);
  whenAsked(measure, ...ASKED);
  whenAsked(showHour, "hour");
  whenAsked(showSince, "since");
  byId("since").addEventListener("change", ({ target }) => ask({ since: target.value }));
  await loadLayers();
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

function inTruth() {
  return state.view === "real";
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
  const question = { ...need, ...(inTruth() ? termParameters() : {}), layer };
  for (const place of [status, byId("gaps-status")]) say(place, t("loading"));
  try {
    const coverage = await first({ ...question, by: level() }, signal);
    const paper = inTruth() ? { ...need, needs: "" } : need; // the first step asks for no amenity
    const others = [get(`layers/${layer}`, paper, signal), get("gaps", { ...question, limit: GAPS }, signal)];
    if (inTruth()) {
      others.push(get("coverage/week", { ...question, by: level() }, signal));
      others.push(get("coverage/week", { ...question, by: "site" }, signal));
    }
    const [sites, gaps, week, sitesWeek] = await Promise.all(others);
    answer = { coverage, sites, gaps, week, sitesWeek };
    drawSites(sites, coverage.method, realLines);
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
    if (performance.now() > patience) showJob(job);
  });
}

function showJob({ state: at, progress: { stage, done, total } }) {
  const bar = byId("job-progress");
  byId("job").hidden = false;
  say(byId("coverage-status"), "");
  byId("job-text").textContent = jobText(at, stage, done, total);
  bar.setAttribute("aria-label", t("jobBar"));
  if (total > 0) Object.assign(bar, { max: total, value: done });
  else bar.removeAttribute("value");
}

function jobText(at, stage, done, total) {
  if (at === "queued") return t("jobQueued");
  if (stage === "measure") return t("jobMeasure");
  return total > 0 ? t("jobPairs", { done: number(done), total: number(total) }) : t("jobBegun");
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
  setWeek(null);
  for (const id of ["total", "waterfall", "rows", "gap-list", "method"]) byId(id).replaceChildren();
  byId("rows-title").hidden = true;
  for (const id of ["job", "spread", "since-part"]) byId(id).hidden = true;
  showDownloads(null);
}

function show() {
  drawLayers();
  byId("layer").value = state.layer;
  showTerms();
  byId("gaps-title").textContent = t(inTruth() ? "gapsTitleReal" : "gapsTitle");
  drawLegend(answer?.coverage.method.share_of);
  if (!answer) return;
  const { coverage, sites, gaps } = answer;
  if (coverage.synthetic) byId("synthetic").hidden = false;
  const shown = sites.numberReturned;
  say(byId("coverage-status"), shown < sites.numberMatched ? t("truncated", { shown: number(shown), n: number(sites.numberMatched) }) : "");
  byId("total").replaceChildren(...(inTruth() ? truthParts(coverage) : totalParts(coverage)));
  byId("waterfall").replaceChildren(...(inTruth() ? [waterfall(coverage)] : []));
  byId("method").textContent = inTruth() ? truthMethod(coverage.method) : methodText(coverage.method);
  say(byId("gaps-status"), gapsText(gaps, coverage.method));
  byId("gap-list").replaceChildren(...gaps.features.map((gap) => (inTruth() ? realGap : paperGap)(gap, coverage.method)));
  if (inTruth()) showDownloads(state.layer);
  for (const id of ["spread", "since-part"]) byId(id).hidden = !inTruth();
  byId("spread-body").replaceChildren(...(inTruth() ? spreadParts(coverage) : []));
  showSince();
  setWeek(answer.week ?? null);
  showHour();
}

function showSince() {
  if (answer) showTrend(t(answer.coverage.method.share_of === "worker-hours" ? "workerHours" : "siteHours"));
}

// What the map and the rows tell: the hours asked about, or one of them.
function showHour() {
  if (!answer) return;
  const rows = rowsNow();
  colourAreas(rows);
  if (inTruth()) colourSites(siteSharesNow());
  byId("rows-title").hidden = false;
  byId("rows-title").textContent = inTruth() && state.hour != null ? t("byAreaAt", { time: hourText(state.hour) }) : t("byArea");
  rows.sort((a, b) => (a.share ?? 2) - (b.share ?? 2) || b.workers - a.workers);
  byId("rows").replaceChildren(...rows.map(inTruth() ? realRow : areaRow));
}

function rowsNow() {
  const { coverage, week } = answer;
  if (!inTruth() || state.hour == null) return [...coverage.rows];
  const at = new Map(week.rows.map((row) => [row.code, row.share[state.hour]]));
  return coverage.rows.map((row) => ({ ...row, share: at.get(row.code) }));
}

function siteSharesNow() {
  return new Map(answer.sitesWeek.rows.map((row) => [row.id, state.hour == null ? row.asked : row.share[state.hour]]));
}

function realLines(id) {
  if (!inTruth()) return [];
  const share = siteSharesNow().get(id);
  const when = state.hour == null ? titled(answer.coverage.method.hours) : hourText(state.hour);
  return [make("p", {}, share == null ? t("nobodyThen", { when }) : t("realThen", { when, share: percent(share) }))];
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

function realRow(row) {
  return truthRow(row, shortName(row.name), row.share, goThere(row));
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
