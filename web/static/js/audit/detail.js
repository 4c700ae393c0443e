// One finding: what was seen, what the rule asks, what was done, what can be done now.

import { get } from "../api.js";
import { byId, make } from "../dom.js";
import { titled } from "../i18n.js";
import * as chart from "./chart.js";
import { countyOf, drawList, ruleOf, statusParts } from "./list.js";
import { may } from "./session.js";
import { stepButtons } from "./steps.js";
import { view } from "./view.js";
import { say } from "./words.js";

const place = byId("detail");
let shown = null; // { row, told }: the list's finding, and what is known of it besides

// What the detail asks of the desk: { back, change tab, record a rule, told of a new state }.
let desk = {};

export function startDetail(actions) {
  desk = actions;
  writeDetail();
}

// Show a finding of the list, or one by its number; with null, nothing.
export async function showFinding(row, numbered = row?.finding) {
  const mine = (shown = row || numbered != null ? { row, told: null, failed: "" } : null);
  byId("findings").classList.toggle("chosen", Boolean(mine));
  writeDetail();
  if (numbered == null) return;
  try {
    const told = await get(`findings/${numbered}`);
    if (mine !== shown) return;
    mine.told = told;
    mine.row = { ...told.finding, seen: row?.seen ?? null };
    if (mine.row.lat != null && view.tab === "findings") {
      drawList({ beside: mine.row });
      chart.goTo(mine.row);
    }
  } catch (error) {
    if (mine !== shown) return;
    mine.failed = error.message;
  }
  writeDetail();
}

// Show what a step answered.
export function showTold(told) {
  shown = { row: { ...told.finding, seen: shown?.row?.seen ?? null }, told, failed: "" };
  writeDetail();
}

export function focusDetail() {
  place.querySelector("h2")?.focus();
}

export function writeDetail() {
  if (!shown) {
    place.replaceChildren(make("p", { class: "quiet" }, say("choose")));
    return;
  }
  const { row, told, failed } = shown;
  const back = make("button", { type: "button", class: "plain", id: "back", onclick: () => desk.back() }, say("back"));
  if (!row) {
    place.replaceChildren(back, make("p", { role: "status", class: failed && "failed" }, failed ? say("failed", { why: failed }) : say("loading")));
    return;
  }
  place.replaceChildren(back, ...headOf(row), ...actions(row, told, failed), ...evidenceOf(row), ...ruleParts(row, told), ...historyOf(told));
}

function headOf(row) {
  return [
    make("p", { class: "quiet" }, row.finding == null ? say("unrecorded") : say("number", { n: row.finding })),
    make("h2", { tabindex: -1 }, titled(row.title)),
    make("p", {}, make("strong", {}, row.name || row.station), " ", make("span", { class: "quiet" }, `${row.station} ${countyOf(row)}`)),
    make("p", {}, ...statusParts(row)),
    row.seen === false ? make("p", { class: "quiet" }, say("unseen")) : null,
    row.lat == null ? make("p", { class: "failed" }, say("gone")) : null,
  ].filter(Boolean);
}

function actions(row, told, failed) {
  if (failed) return [make("p", { role: "status", class: "failed" }, say("failed", { why: failed }))];
  if (row.finding == null) return recordPart(row);
  if (!told) return [make("p", { role: "status" }, say("loading"))];
  const visit = row.lat != null && may("inspector") && make("p", {}, make("a", { class: "plain", href: `/visit?stations=${encodeURIComponent(row.station)}` }, say("visit")));
  return [make("h3", {}, say("doNow")), visit, ...stepButtons(told, desk)].filter(Boolean);
}

function recordPart(row) {
  if (!may("inspector")) return [];
  return [
    make("p", { class: "quiet" }, say("recordHelp")),
    make("p", {}, make("button", { type: "button", class: "primary", onclick: () => desk.record(row.rule) }, say("recordIt"))),
  ];
}

function evidenceOf(row) {
  const facts = row.told.flatMap((fact) => [make("dt", {}, titled(fact)), make("dd", {}, titled(fact.value))]);
  return [make("h3", {}, say("evidence")), make("dl", { class: "facts" }, ...facts), proposalOf(row)].filter(Boolean);
}

function proposalOf({ proposal, rule }) {
  if (!proposal) return null;
  if (proposal.merge_into) {
    return make("p", {}, say("proposal"), " ", say("proposalTwin", { id: proposal.merge_into }), tabButton("twins", "toTwins"));
  }
  if (proposal.lon != null) {
    const text = say("proposalPlace", { lat: proposal.lat.toFixed(6), lon: proposal.lon.toFixed(6) });
    return make("p", {}, say("proposal"), " ", text, " ", rule.startsWith("datum.") ? tabButton("datum", "toDatum") : null);
  }
  return make("p", {}, say("proposal"), " ", Object.entries(proposal).map(([name, value]) => `${name} = ${value}`).join(", "));
}

function tabButton(tab, key) {
  return make("button", { type: "button", class: "plain", onclick: () => desk.openTab(tab) }, say(key));
}

function ruleParts(row, told) {
  const rule = told?.rule ?? ruleOf(row.rule);
  if (!rule) return [];
  const parts = ["requirement", "fix", "trap"].flatMap((name) => [make("dt", {}, say(name === "requirement" ? "rule" : name)), make("dd", {}, titled(rule[name]))]);
  return [make("dl", { class: "facts" }, ...parts, make("dt", {}, say("source")), make("dd", {}, rule.source))];
}

function historyOf(told) {
  if (!told) return [];
  const steps = [...told.steps].reverse().map((step) =>
    make(
      "li",
      {},
      make("strong", {}, titled(step.said)),
      make("p", { class: "quiet" }, `${new Date(step.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short", timeZone: "Asia/Shanghai" })} · ${step.who}`),
      step.why && make("p", {}, step.why),
      proofOf(step.details.proof),
    ),
  );
  return [make("h3", {}, say("history")), make("ol", { class: "steps" }, ...steps)];
}

function proofOf(files) {
  if (!files?.length) return null;
  return make("ul", { class: "quiet" }, ...files.map(({ name, sha256 }) => make("li", {}, `${name} `, make("code", {}, sha256.slice(0, 12)))));
}
