// The list of findings and its filters.

import { get, getFile } from "../api.js";
import { byId, make, say as tell } from "../dom.js";
import { number, t, titled } from "../i18n.js";
import { change, view } from "../view.js";
import * as chart from "./chart.js";
import { session } from "./session.js";
import { FILTERS, keyOf } from "./view.js";

const STATES = ["", "new", "open", "assigned", "fixed", "reopened", "waived", "settled", "verified"];
const SEVERITIES = ["", "critical", "major", "minor", "note"];
const RULES = [["", "all"], ["standard", "ruleStandard"], ["quality", "ruleQuality"], ["told", "ruleTold"], ["place", "rulePlace"], ["datum", "ruleDatum"], ["twin", "ruleTwin"], ["hours", "ruleHours"], ["amenities", "ruleAmenities"], ["area", "ruleArea"], ["age", "ruleAge"]];
const STANDARDS = ["national", "six_haves", "six_plus_x", "shandong", "fuzhou", "truck_home", "yunnan"];
const PAGE = 200;
const MOST = 5000;
const TYPING_MS = 300;
const PHONE = "(max-width: 899px)";

const form = byId("filters");
const summary = byId("summary");
let answer = null; // the newest list
let limit = PAGE;
let asking = null; // what ends the question under way
let typing = 0;
let choose = () => {};

export function startList(whenChosen) {
  choose = whenChosen;
  byId("filter-box").open = !matchMedia(PHONE).matches;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    clearTimeout(typing);
    typing = setTimeout(asked, target.matches("input:not([type=checkbox])") ? TYPING_MS : 0);
  });
  byId("more").addEventListener("click", () => {
    limit = Math.min(MOST, limit * 5);
    load();
  });
  byId("sheet").addEventListener("click", takeSheet);
  byId("print").addEventListener("click", () => print());
}

function asked() {
  limit = PAGE;
  change({ ...Object.fromEntries(FILTERS.map((name) => [name, valueOf(name)])), finding: "" });
  load();
}

function valueOf(name) {
  const field = form.elements[name];
  if (field.type === "checkbox") return field.checked ? field.value : "";
  return field.value.trim();
}

// Write the form in the page's language, as the view has it.
export function writeFilters() {
  const options = {
    state: STATES.map((code) => [code, t(code || "pending")]),
    severity: SEVERITIES.map((code) => [code, t(code || "all")]),
    rule: withOwn(RULES.map(([code, key]) => [code, t(key)]), view.rule),
    area: withOwn([["", t("all")], ...session.counties.map(([code, name]) => [code, name])], view.area),
    standard: STANDARDS.map((code) => [code, t(`standard_${code}`)]),
  };
  for (const [name, list] of Object.entries(options)) {
    form.elements[name].replaceChildren(...list.map(([value, text]) => make("option", { value }, text)));
  }
  for (const name of FILTERS) {
    const field = form.elements[name];
    if (field.type === "checkbox") field.checked = view[name] === field.value;
    else field.value = view[name];
  }
}

// What a link asks for and the form does not offer is offered too: a single rule, a prefecture.
function withOwn(list, value) {
  return list.some(([code]) => code === value) ? list : [...list, [value, value]];
}

function query() {
  return { ...Object.fromEntries(FILTERS.map((name) => [name, view[name]])), overdue: view.overdue && "true" };
}

// Ask for the list anew; resolves with it, or with null if another question came between.
export async function load() {
  asking?.abort();
  const mine = (asking = new AbortController());
  tell(summary, t(answer ? "loading" : "firstAudit"));
  byId("list").setAttribute("aria-busy", "true");
  try {
    const told = await get("findings", { ...query(), limit }, mine.signal);
    if (mine !== asking) return null;
    answer = told;
  } catch (error) {
    if (error.name !== "AbortError" && mine === asking) tell(summary, t("didNot", { why: error.message }), { retry: { label: t("retry"), run: load } });
    return null;
  }
  byId("synthetic").hidden = !answer.synthetic;
  byId("list").removeAttribute("aria-busy");
  writeList();
  if (view.tab === "findings") drawList({ fit: true });
  choose(chosen());
  return answer;
}

// The finding the view names, if it is in the list.
export function chosen() {
  return answer?.findings.find((each) => keyOf(each) === view.finding) ?? null;
}

// What the list's answer says of a rule.
export function ruleOf(id) {
  return answer?.rules.find(({ rule }) => rule === id) ?? null;
}

export function countyOf({ area_code: code }) {
  return session.counties.find(([known]) => known === code)?.[1] ?? code;
}

export function writeList() {
  if (!answer) return;
  const { total, overdue, new: fresh, findings } = answer;
  const counts = t("summary", { n: number(total), late: number(overdue), fresh: number(fresh) });
  const narrowed = FILTERS.some((name) => view[name] && name !== "standard");
  const empty = t(narrowed ? "none" : "allDone");
  tell(summary, total ? `${counts}${findings.length < total ? ` ${t("shown", { shown: number(findings.length) })}` : ""}` : empty);
  byId("list").replaceChildren(...findings.map(item));
  byId("more").hidden = findings.length >= total || limit >= MOST;
}

function item(finding) {
  const key = keyOf(finding);
  const open = () => choose(finding, { step: true });
  const current = key === view.finding && "true";
  return make(
    "li",
    {},
    make(
      "button",
      { type: "button", class: `row ${finding.severity}`, "data-key": key, "aria-current": current, onclick: open },
      make("span", { class: "title" }, titled(finding.title)),
      make("span", {}, finding.name || finding.station, " ", make("span", { class: "quiet" }, countyOf(finding))),
      make("span", { class: "quiet" }, ...statusParts(finding)),
    ),
  );
}

// Severity, state, due day and assignee of a finding, as a row of words.
export function statusParts(finding) {
  const { severity, state, overdue, due, until, assignee } = finding;
  const day = state === "waived" && until ? t("waivedTill", { day: until }) : due && !["verified", "settled", "fixed"].includes(state) && t("dueBy", { day: due });
  return [
    make("span", { class: `grave ${severity}` }, t(severity)),
    " ",
    make("span", { class: `state ${state}` }, t(state)),
    " ",
    overdue ? make("span", { class: "late" }, t("overdueSince", { day: due })) : day,
    assignee && ` ${t("byWhom", { name: assignee })}`,
  ].filter(Boolean);
}

// Mark the chosen row, without writing the list anew.
export function markRow() {
  for (const row of byId("list").querySelectorAll(".row")) {
    if (row.dataset.key === view.finding) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

export function rowOf(key) {
  return [...byId("list").querySelectorAll(".row")].find((row) => row.dataset.key === key);
}

// Put the findings' stations on the map, the gravest of each on top; `beside` is one more, chosen
// though it is not in the list.
export function drawList({ fit = false, beside = null } = {}) {
  chart.clear();
  const placed = new Map();
  const here = (beside ?? chosen())?.station;
  for (const finding of [...(answer?.findings ?? []), ...(beside ? [beside] : [])]) {
    if (finding.lat == null) continue;
    const about = placed.get(finding.station);
    if (about) about.push(finding);
    else placed.set(finding.station, [finding]);
  }
  for (const [station, [first, ...others]] of placed) {
    const label = `${first.name} ${titled(first.title)}${others.length ? ` +${others.length}` : ""}`;
    const size = station === here ? 26 : first.overdue ? 18 : 13;
    chart.mark(first, { name: `mark ${first.severity}`, size, label, tap: () => choose(first, { step: true }) });
  }
  if (fit && !here) chart.fit([...placed.values()].map(([first]) => first));
}

async function takeSheet() {
  const button = byId("sheet");
  button.disabled = true;
  try {
    const { standard, ...rest } = query();
    const blob = await getFile("findings/file", { standard, ...rest });
    const href = URL.createObjectURL(blob);
    make("a", { href, download: "findings.xlsx" }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
    tell(summary, t("sheetCame"));
  } catch (error) {
    tell(summary, t("didNot", { why: error.message }), { retry: { label: t("retry"), run: takeSheet } });
  } finally {
    button.disabled = false;
  }
}
