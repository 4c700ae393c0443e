// One finding: what was seen, what the rule asks, what was done, what can be done now.

import { get } from "../api.js";
import { byId, make } from "../dom.js";
import { t, titled } from "../i18n.js";
import { view } from "../view.js";
import * as chart from "./chart.js";
import { countyOf, drawList, ruleOf, statusParts } from "./list.js";
import { may } from "./session.js";
import { stepButtons } from "./steps.js";

const place = byId("detail");
let shown = null; // { row, told }: the list's finding, and what is known of it besides

// What the detail asks of the desk: { back, change tab, record a rule, told of a new state }.
let desk = {};

export function startDetail(actions) {
  desk = actions;
  writeDetail();
}

// Show a finding of the list, or one by its number; with null, nothing. What is shown already stays,
// with a form begun there, unless something happened meanwhile.
export async function showFinding(row, numbered = row?.finding) {
  const known = numbered != null && shown?.told?.finding.finding === numbered ? shown : null;
  const mine = (shown = row || numbered != null ? { row, told: null, failed: "", ...known } : null);
  byId("findings").classList.toggle("chosen", Boolean(mine));
  if (!known) writeDetail();
  if (numbered == null) return;
  try {
    const told = await get(`findings/${numbered}`);
    if (mine !== shown) return;
    const same = known?.told.steps.length === told.steps.length;
    mine.told = told;
    mine.row = { ...told.finding, seen: row?.seen ?? null };
    if (mine.row.lat != null && view.tab === "findings") {
      drawList({ beside: mine.row });
      chart.goTo(mine.row);
    }
    if (same) return;
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

// Write it anew; a focus that was in it goes to its heading.
export function writeDetail() {
  const focused = place.contains(document.activeElement);
  place.replaceChildren(...content());
  if (focused) focusDetail();
}

function content() {
  if (!shown) return [make("p", { class: "empty" }, t("choose"))];
  const { row, told, failed } = shown;
  const back = make("button", { type: "button", class: "plain", id: "back", onclick: () => desk.back() }, t("back"));
  if (!row) return [back, make("p", { role: "status", class: failed && "failed" }, failed ? t("didNot", { why: failed }) : t("loading"))];
  return [back, ...headOf(row), ...actions(row, told, failed), ...evidenceOf(row), ...ruleParts(row, told), ...historyOf(told)];
}

function headOf(row) {
  return [
    make("p", { class: "quiet" }, row.finding == null ? t("unrecorded") : t("number", { n: row.finding })),
    make("h2", { tabindex: -1 }, titled(row.title)),
    make("p", {}, make("strong", {}, row.name || row.station), " ", make("span", { class: "quiet" }, `${row.station} ${countyOf(row)}`)),
    make("p", {}, ...statusParts(row)),
    row.seen === false ? make("p", { class: "quiet" }, t("unseen")) : null,
    row.lat == null ? make("p", { class: "failed" }, t("gone")) : null,
  ].filter(Boolean);
}

function actions(row, told, failed) {
  if (failed) return [make("p", { role: "status", class: "failed" }, t("didNot", { why: failed }))];
  if (row.finding == null) return recordPart(row);
  if (!told) return [make("p", { role: "status" }, t("loading"))];
  const visit = row.lat != null && may("inspector") && make("p", {}, make("a", { class: "plain", href: `/visit?stations=${encodeURIComponent(row.station)}` }, t("visit")));
  return [make("h3", {}, t("doNow")), visit, ...stepButtons(told, desk)].filter(Boolean);
}

function recordPart(row) {
  if (!may("inspector")) return [];
  return [
    make("p", { class: "quiet" }, t("recordHelp")),
    make("p", {}, make("button", { type: "button", class: "primary", onclick: () => desk.record(row.rule) }, t("recordIt"))),
  ];
}

function evidenceOf(row) {
  const facts = row.told.flatMap((fact) => [make("dt", {}, titled(fact)), make("dd", {}, titled(fact.value))]);
  return [make("h3", {}, t("evidence")), make("dl", { class: "facts" }, ...facts), proposalOf(row)].filter(Boolean);
}

function proposalOf({ proposal, rule }) {
  if (!proposal) return null;
  if (proposal.merge_into) {
    return make("p", {}, t("proposal"), " ", t("proposalTwin", { id: proposal.merge_into }), tabButton("twins", "toTwins"));
  }
  if (proposal.lon != null) {
    const text = t("proposalPlace", { lat: proposal.lat.toFixed(6), lon: proposal.lon.toFixed(6) });
    return make("p", {}, t("proposal"), " ", text, " ", rule.startsWith("datum.") ? tabButton("datum", "toDatum") : null);
  }
  return make("p", {}, t("proposal"), " ", Object.entries(proposal).map(([name, value]) => `${name} = ${value}`).join(", "));
}

function tabButton(tab, key) {
  return make("button", { type: "button", class: "plain", onclick: () => desk.openTab(tab) }, t(key));
}

function ruleParts(row, told) {
  const rule = told?.rule ?? ruleOf(row.rule);
  if (!rule) return [];
  const parts = ["requirement", "fix", "trap"].flatMap((name) => [make("dt", {}, t(name === "requirement" ? "rule" : name)), make("dd", {}, titled(rule[name]))]);
  const ours = rule.source.startsWith("stations/"); // a file of the program: nobody can look there
  const source = ours ? [] : [make("dt", {}, t("ruleSource")), make("dd", {}, rule.source)];
  return [make("dl", { class: "facts" }, ...parts, ...source)];
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
  return [make("h3", {}, t("history")), make("ol", { class: "steps" }, ...steps)];
}

function proofOf(files) {
  if (!files?.length) return null;
  return make("ul", { class: "quiet" }, ...files.map(({ name, sha256 }) => make("li", {}, `${name} `, make("code", {}, sha256.slice(0, 12)))));
}
