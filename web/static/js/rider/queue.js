// Reports on their way: kept on this phone first, then sent under their keys, so that each counts
// once however often it is sent. A refusal is shown; a lost network keeps them waiting.

import { post } from "../api.js";
import { byId, make } from "../dom.js";
import { t, whenLanguage } from "../i18n.js";
import { lifted } from "../press.js";
import { ageText } from "./ages.js";
import { all, drop, put } from "./keep.js";

const AGAIN_MS = 60_000;
const SENT_KEPT_MS = 3 * 86_400_000;
const NOW_MS = 60_000; // a younger report is of the instant it arrives: no clock is asked

let reports = []; // the newest first: { key, station: { id, name }, outcome, note, at, state, why }
const awaited = new Map(); // key → what to call with the register's answer
let timer = 0;
let again = false;
let running = null;

export async function startQueue() {
  const kept = await all("reports");
  for (const old of kept.filter(({ state, at }) => state === "sent" && Date.now() - at > SENT_KEPT_MS)) await drop("reports", old.key);
  reports = kept.filter(({ state, at }) => state !== "sent" || Date.now() - at <= SENT_KEPT_MS).sort((a, b) => b.at - a.at);
  whenLanguage(draw);
  window.addEventListener("online", sendAll);
  document.addEventListener("visibilitychange", () => document.hidden || sendAll());
  sendAll();
}

// Take a report; resolves with the register's answer, or, while there is no network, with
// `{ waits: true, later }`: `later` resolves with the answer.
export async function deliverLater({ id, name }, { outcome, note = "" }, key) {
  let report = reports.find((each) => each.key === key);
  if (!report) {
    report = { key, station: { id, name }, outcome, note, at: Date.now(), state: "waiting", why: "" };
    await put("reports", report);
    reports.unshift(report);
  }
  report.state = "waiting";
  await sendAll();
  if (report.state === "refused") throw Object.assign(new Error(report.why), { status: report.status });
  if (report.state === "sent") return report.answer;
  return { waits: true, later: new Promise((arrived) => awaited.set(key, arrived)) };
}

// Send all that waits, one after another. Who calls meanwhile waits for the next round.
export async function sendAll() {
  again = true;
  running ??= rounds().finally(() => {
    running = null;
  });
  await running;
}

async function rounds() {
  while (again) {
    again = false;
    await alone(sendEach);
  }
  draw();
  clearTimeout(timer);
  if (waiting().length) timer = setTimeout(sendAll, AGAIN_MS);
}

// No two tabs send at once, where the browser can tell.
function alone(run) {
  return navigator.locks ? navigator.locks.request("rider-sending", run) : run();
}

function waiting() {
  return reports.filter(({ state }) => state === "waiting").reverse();
}

async function sendEach() {
  for (const report of waiting()) {
    if (!navigator.onLine) return;
    const { station, outcome, note, at, key } = report;
    const late = Date.now() - at > NOW_MS;
    try {
      const answer = await post(`stations/${encodeURIComponent(station.id)}/reports`, { outcome, ...(note && { note }), ...(late && { at: new Date(at).toISOString() }) }, key);
      await become(report, { state: "sent", why: "" });
      report.answer = answer;
      awaited.get(key)?.(answer);
    } catch (error) {
      if (!refuses(error)) return;
      await become(report, { state: "refused", why: error.message });
      report.status = error.status;
    }
  }
}

// Whether the register will not take it as it is; what is busy or broken may take it later.
function refuses({ status }) {
  return status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status);
}

async function become(report, change) {
  Object.assign(report, change);
  const { answer, status, ...kept } = report;
  await put("reports", kept);
  draw();
}

async function draw() {
  await lifted();
  byId("mine").hidden = !reports.length;
  byId("reports").replaceChildren(...reports.map(line));
  const many = waiting().length;
  byId("mine-status").replaceChildren(...(many ? [make("button", { type: "button", class: "plain", onclick: sendAll }, t("sendReports"))] : []));
}

function line(report) {
  const { station, outcome, note, at, state, why } = report;
  const text = { sent: t("reportSent"), refused: t("reportRefused", { why }), waiting: t("reportWaiting") }[state];
  const said = note ? t("withNote", { outcome: t(outcome), note }) : t(outcome);
  return make(
    "li",
    { class: state, "data-state": state },
    make("span", { class: "name" }, station.name),
    make("span", {}, `${said} · ${ageText(at)}`),
    make("span", { class: "state" }, text),
    state === "refused" ? make("button", { type: "button", class: "plain", onclick: () => discard(report) }, t("discard")) : null,
  );
}

async function discard(report) {
  reports = reports.filter((each) => each !== report);
  await drop("reports", report.key);
  draw();
}
