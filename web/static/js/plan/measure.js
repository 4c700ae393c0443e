// Coverage in truth of the question, and with the suppositions: asked anew at every change.

import { get } from "../api.js";
import { level } from "../areas.js";
import { byId, say } from "../dom.js";
import { t } from "../i18n.js";
import { showJob } from "../jobbar.js";
import { askLong } from "../jobs.js";
import { register } from "../register.js";
import { state, whenAsked } from "../state.js";
import { ASKED, isOpen, question, supposed } from "./question.js";

const GAPS = 200;
const PATIENCE_MS = 800; // until a bar shows how far a job is

// What is known: { coverage, sites, gaps, week, sitesWeek }, and in `then`, with the suppositions,
// { coverage, week, sitesWeek }; null as long as it is not.
export let answer = null;
const listeners = [];
let pending = null;

export function startMeasuring() {
  byId("job-cancel").addEventListener("click", giveUp);
  whenAsked(measure, ...ASKED);
  whenAsked(suppose, "what");
}

// Call `listener` whenever there is another answer, or none.
export function whenMeasured(listener) {
  listeners.push(listener);
}

function tell() {
  for (const listener of listeners) listener();
}

function begin() {
  pending?.abort();
  pending = new AbortController();
  return pending.signal;
}

export async function measure() {
  const signal = begin();
  answer = null;
  tell();
  if (!isOpen()) return;
  await work(signal, async () => {
    const asked = question();
    const { needs, ...paper } = { ...asked };
    const found = await measured(asked, signal);
    const [sites, gaps] = await Promise.all([
      get(`layers/${asked.layer}`, { within: paper.within, mode: paper.mode }, signal), // on paper no amenity is asked for
      get("gaps", { ...asked, limit: GAPS }, signal),
    ]);
    const then = await ifSupposed(asked, signal);
    answer = { ...found, sites, gaps, then };
  });
}

// The suppositions have changed: what is known without them stays.
async function suppose() {
  if (!answer) return; // it is being asked for, with all
  const signal = begin();
  answer = { ...answer, then: null };
  tell();
  await work(signal, async () => {
    const then = await ifSupposed(question(), signal);
    answer = { ...answer, then };
  });
}

function ifSupposed(asked, signal) {
  return supposed() ? measured({ ...asked, what_if: supposed() }, signal) : null;
}

async function work(signal, doing) {
  const status = byId("coverage-status");
  say(status, t("loading"));
  try {
    await doing();
    say(status, "");
    tell();
  } catch (error) {
    if (error.name === "AbortError") return;
    say(status, t("failed", { why: error.message }), { retry: { label: t("retry"), run: measure } });
  } finally {
    if (pending?.signal === signal) byId("job").hidden = true;
  }
}

async function measured(asked, signal) {
  const coverage = await first({ ...asked, by: level() }, signal);
  const [week, sitesWeek] = await Promise.all(["", "site"].map((by) => get("coverage/week", { ...asked, by: by || level() }, signal)));
  return { coverage, week, sitesWeek };
}

// Roads may take long to ask, but only once: the questions after this one find them known.
function first(asked, signal) {
  if (!asked.within.endsWith("min") || !register.roads) return get("coverage", asked, signal);
  const patience = performance.now() + PATIENCE_MS;
  return askLong("coverage/jobs", asked, signal, (job) => {
    if (performance.now() < patience) return;
    say(byId("coverage-status"), "");
    showJob(job);
  });
}

function giveUp() {
  pending?.abort();
  byId("job").hidden = true;
  say(byId("coverage-status"), t("jobCancelled"), { failed: false, retry: { label: t("again"), run: measure } });
  byId("coverage-status").querySelector("button").focus();
}

// The part of the answer the page shows.
export function shown() {
  return part(state.view);
}

// With the suppositions, as soon as that is known.
function part(view) {
  return view === "then" ? (answer?.then ?? answer) : answer;
}

// The share of an hour of the week; null where nobody is there, or the hour is not asked about.
export function shareAt(week, shares, hour) {
  return shares[hour - week.first_hour] ?? null;
}

// The share of each area and site in a view, at the hour chosen or over all that count.
export function areaRows(view = state.view) {
  const { coverage, week } = part(view);
  if (view === "paper") return coverage.rows.map((row) => ({ ...row, share: row.worker_hours ? row.steps.paper / row.worker_hours : null }));
  if (state.hour == null) return [...coverage.rows];
  const at = new Map(week.rows.map((row) => [row.code, shareAt(week, row.share, state.hour)]));
  return coverage.rows.map((row) => ({ ...row, share: at.get(row.code) }));
}

export function siteShares(view = state.view) {
  if (view === "paper") return new Map(answer.sites.features.map(({ id, properties }) => [String(id), properties.share]));
  const { sitesWeek } = part(view);
  return new Map(sitesWeek.rows.map((row) => [row.id, state.hour == null ? row.asked : shareAt(sitesWeek, row.share, state.hour)]));
}
