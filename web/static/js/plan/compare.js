// Two plans side by side: those of this visit, those the account keeps, and files of plans.

import { erase, post } from "../api.js";
import { fit } from "../chart.js";
import { byId, make, say, setText } from "../dom.js";
import { number, percent, t, titled, whenLanguage } from "../i18n.js";
import { ask, state, whenAsked } from "../state.js";
import { plans, tellPlans, whenPlans, whole } from "./scheme.js";
import { placeTouched } from "./reveal.js";
import { shortName } from "./figures.js";

const L = window.L;
const LARGEST = 4 << 20; // bytes of a file
const SHARES = new Set(["share_before", "share_after", "gap"]);
const SIDES = ["a", "b"];

let found = null; // the comparison on the page
let drawn = null;
let files = 0;
const listeners = [];

Object.assign(state, { a: "", b: "" });

export function startCompare(changed) {
  listeners.push(changed);
  for (const side of SIDES) byId(`plan-${side}`).addEventListener("change", ({ target }) => ask({ [side]: target.value }));
  byId("plan-file").addEventListener("change", load);
  whenPlans(list);
  whenAsked(compare, ...SIDES);
  whenLanguage(list);
}

export function compared() {
  return found;
}

function list() {
  for (const side of SIDES) {
    const entries = [make("option", { value: "" }, t("choosePlan")), ...[...plans.values()].map(({ id, name }) => make("option", { value: id }, name))];
    byId(`plan-${side}`).replaceChildren(...entries);
    byId(`plan-${side}`).value = plans.has(state[side]) ? state[side] : "";
  }
  byId("plan-list").replaceChildren(...[...plans.values()].map(line));
  byId("plans-none").hidden = plans.size > 0;
  if (!found) compare();
  else write();
}

function line({ id, name, kept, file, saved_at: at }) {
  const told = t(kept ? "keptPlan" : file ? "filePlan" : "unkeptPlan", { at: at ? at.slice(0, 10) : "" });
  const open = file ? null : make("button", { type: "button", class: "plain small", "aria-label": `${t("openPlan")} ${name}`, onclick: () => ask({ plan: id, tab: "plan" }) }, t("openPlan"));
  const gone = make("button", { type: "button", class: "plain small", "aria-label": `${t("removePlan")} ${name}`, onclick: () => remove(id, kept) }, t("removePlan"));
  return make("li", {}, make("span", { class: "name" }, name), make("span", { class: "quiet" }, told), open, gone);
}

async function remove(id, kept) {
  try {
    if (kept) await erase(`site/plans/${id}`);
    plans.delete(id);
    await ask(Object.fromEntries(["plan", ...SIDES].filter((part) => state[part] === id).map((part) => [part, ""])));
    tellPlans();
  } catch (error) {
    say(byId("compare-status"), t("failed", { why: error.message }), { failed: true });
  }
}

async function load({ target }) {
  const [file] = target.files;
  target.value = "";
  if (!file) return;
  const status = byId("compare-status");
  try {
    if (file.size > LARGEST) throw new Error(t("planTooLarge"));
    const document = JSON.parse(await file.text());
    if (!Array.isArray(document.chosen)) throw new Error(t("noPlanFile"));
    files += 1;
    plans.set(`file-${files}`, { id: `file-${files}`, name: file.name, document, file: true });
    say(status, t("planLoaded", { name: file.name }));
    await ask({ [state.a ? "b" : "a"]: `file-${files}` });
    tellPlans();
  } catch (error) {
    say(status, t("failed", { why: error instanceof SyntaxError ? t("noPlanFile") : error.message }), { failed: true });
  }
}

// A plan as its file holds it.
async function documentOf(id) {
  const plan = plans.get(id);
  if (plan.document) return plan.document;
  const { answer } = await whole(id);
  const bytes = Uint8Array.from(atob(answer.files.json), (letter) => letter.charCodeAt(0));
  plan.document = JSON.parse(new TextDecoder().decode(bytes));
  return plan.document;
}

async function compare() {
  const { a, b } = state;
  found = null;
  const status = byId("compare-status");
  if (plans.has(a) && plans.has(b)) {
    say(status, t("loading"));
    try {
      const [one, other] = [await documentOf(a), await documentOf(b)];
      const told = await post("site/compare", { a: one, b: other });
      if (state.a !== a || state.b !== b) return;
      found = { ...told, one, other };
      say(status, told.differs ? "" : t("samePlans"));
    } catch (error) {
      say(status, t("failed", { why: error.message }), { failed: true });
    }
  }
  write();
  for (const changed of listeners) changed();
}

function write() {
  byId("compared").hidden = !found;
  for (const side of SIDES) byId(`plan-${side}`).value = plans.has(state[side]) ? state[side] : "";
  if (!found) return;
  setText(byId("compare-wishes"), found.wishes.length ? t("askedOtherwise", { what: found.wishes.map((name) => t(`wish_${name}`)).join(t("comma")) }) : "");
  byId("compare-table").replaceChildren(...table());
  byId("compare-actions").replaceChildren(...SIDES.flatMap((side) => found[`only_${side}`].map((action) => actionLine(action, side))), ...found.changed.map(({ b }) => actionLine(b, "both")));
  setText(byId("compare-shared"), t("sharedActions", { n: number(found.shared) }));
  byId("compare-counties").replaceChildren(...found.counties.map(({ name, a, b }) => make("li", {}, make("span", { class: "name" }, shortName(name)), make("span", { class: "far" }, `${number(a)} → ${number(b)}`))));
}

function table() {
  const named = (side) => plans.get(state[side])?.name ?? "";
  const value = (name, each) => (each == null ? "–" : typeof each !== "number" ? t(`status_${each.replaceAll(" ", "_")}`) : SHARES.has(name) ? percent(each) : number(Math.round(each)));
  return [
    make("caption", {}, t("twoPlans")),
    make("thead", {}, make("tr", {}, make("td"), ...SIDES.map((side) => make("th", { scope: "col" }, `${t(`side_${side}`)} `, make("small", {}, named(side)))))),
    make("tbody", {}, ...found.figures.map((each) => make("tr", {}, make("th", { scope: "row" }, titled(each)), ...SIDES.map((side) => make("td", { class: "number" }, value(each.name, each[side])))))),
  ];
}

function actionLine(action, side) {
  return make("li", {}, make("button", { type: "button", class: "row", onclick: () => placeTouched(action) }, make("span", { class: `swatch plan ${side}`, "aria-hidden": "true" }), make("span", { class: "name" }, `${titled(action)} · ${action.name}`), make("span", { class: "far" }, t("yuanOf", { n: number(action.cost) })), make("span", { class: "quiet" }, t(side === "both" ? "changedAction" : `only_${side}`))));
}

// Draw both plans' actions; null takes them off.
export function drawCompared(on) {
  drawn?.remove();
  drawn = null;
  if (!on || !found) return;
  const theirs = new Set(found.other.chosen.map(({ id }) => id));
  const mine = new Set(found.one.chosen.map(({ id }) => id));
  const dot = (action, side) => L.circleMarker([action.lat, action.lon], { radius: 8, pane: "actions", className: `plan-dot ${side}` }).bindPopup(() => make("div", { class: "card" }, make("strong", {}, titled(action)), make("p", {}, action.name), make("p", { class: "quiet" }, `${t("yuanOf", { n: number(action.cost) })} · ${t(`only_${side}`)}`)));
  drawn = L.featureGroup([
    ...found.one.chosen.map((action) => dot(action, theirs.has(action.id) ? "both" : "a")),
    ...found.other.chosen.filter(({ id }) => !mine.has(id)).map((action) => dot(action, "b")),
  ]).addTo(on);
  const bounds = drawn.getBounds();
  if (bounds.isValid()) fit(bounds.pad(0.1), 13);
}
