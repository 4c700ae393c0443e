// A plan on the page: figures, what is done and why, its files, accepted, kept by its account.

import { get, post, whoAmI } from "../api.js";
import { map } from "../chart.js";
import { byId, make, say, setText } from "../dom.js";
import { number, t, whenLanguage } from "../i18n.js";
import { ask, state, whenAsked } from "../state.js";
import { toMap } from "./reveal.js";

const { planView } = window;
const FILES = ["xlsx", "html", "gpkg", "geojson", "json"];
const TYPES = { xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", html: "text/html", gpkg: "application/geopackage+sqlite3", geojson: "application/geo+json", json: "application/json" };
const PLANNERS = new Set(["planner", "editor", "admin"]); // who may keep plans, and accept them

export const plans = new Map(); // id → { id, name, answer, job, kept }: those of this visit
let me = { role: "public", name: "" };
let shown = null; // one of them
let side = null; // what is drawn of it
let fresh = 0;
const dropped = new Set(); // actions not to be accepted
const listeners = [];

Object.assign(state, { side: "after", plan: "" });

export async function startScheme() {
  map.createPane("actions").style.zIndex = 450; // above the sites
  byId("accept").addEventListener("submit", accept);
  byId("keep").addEventListener("submit", keep);
  whenLanguage(write);
  whenAsked(open, "plan");
  me = await whoAmI();
  byId("keep").hidden = !mayKeep();
  byId("keep-hint").hidden = mayKeep();
  if (mayKeep()) await loadKept();
  await open();
}

// Call `listener` when plans come, go, or another is shown.
export function whenPlans(listener) {
  listeners.push(listener);
}

export function tellPlans() {
  for (const listener of listeners) listener();
}

export function mayKeep() {
  return PLANNERS.has(me.role);
}

export function shownPlan() {
  return shown;
}

// The plans the account keeps: what a list tells, the rest when one is opened.
async function loadKept() {
  const { plans: kept } = await get("site/plans");
  for (const each of kept) plans.set(each.id, { answer: plans.get(each.id)?.answer ?? null, job: "", ...each, kept: true });
  tellPlans();
}

export function addFresh(answer, job) {
  fresh += 1;
  const n = fresh;
  const id = `new-${n}`;
  plans.set(id, { id, get name() { return t("freshPlan", { n }); }, answer, job, kept: false });
  dropped.clear();
  return ask({ plan: id, tab: "plan", side: "after" }).then(() => byId("plan-shown").focus());
}

// A plan with its answer, asked for where the server keeps it.
export async function whole(id) {
  const plan = plans.get(id);
  if (plan && !plan.answer) plan.answer = await get(`site/plans/${id}`);
  return plan;
}

async function open() {
  const status = byId("plan-status");
  say(status, "");
  try {
    shown = state.plan ? ((await whole(state.plan)) ?? null) : null;
    if (state.plan && !shown) say(status, t(state.plan.startsWith("new-") ? "planNotKept" : "planNotYours"), { failed: true });
  } catch (error) {
    shown = null;
    say(status, t("failed", { why: error.message }), { failed: true });
  }
  side?.clear();
  side = null;
  write();
  tellPlans();
}

// Draw the plan on the map, as the switch says; null takes it off.
export function drawPlan(on) {
  side?.clear();
  side = null;
  if (!on || !shown?.answer) return;
  side = planView.fill(on, shown.answer.page, state.side);
  side.showDots();
}

export function framePlan() {
  const bounds = side?.shapes.getBounds();
  if (bounds?.isValid()) map.fitBounds(bounds.pad(0.08), { animate: false, maxZoom: 14 });
}

export function planLegend() {
  return make("ul", { class: "plan-legend" }, ...planView.legend(shown.answer.page));
}

function write() {
  byId("plan-shown").hidden = !shown?.answer;
  if (!shown?.answer) return;
  const { answer } = shown;
  setText(byId("plan-name"), shown.name);
  planView.tell(answer.page, { go: showAction, beside: mayKeep() ? tickToAccept : null });
  byId("files").replaceChildren(...FILES.filter((kind) => answer.files[kind]).map((kind) => make("button", { type: "button", class: "plain", onclick: () => take(kind) }, t(`plan_${kind}`))));
  byId("adopt").hidden = !mayKeep() || !answer.page.actions.length;
  byId("accept-who").hidden = me.name !== "staff"; // an account accepts in its own name
  byId("longer").hidden = me.role !== "public" || answer.status !== "time limit";
  byId("keep").hidden = !mayKeep() || shown.kept || !shown.job;
}

async function showAction(action) {
  if (state.side !== "after" || state.tab !== "plan") await ask({ side: "after", tab: "plan" });
  toMap();
  map.setView([action.lat, action.lon], Math.max(map.getZoom(), 13), { animate: false });
  side.marks[action.id].openPopup();
}

// What is not ticked is remembered while the language changes.
function tickToAccept({ id, name, restricted }) {
  if (restricted) return make("p", { class: "quiet" }, t("acceptRestricted"));
  const box = make("input", { type: "checkbox", name: "action", value: id, form: "accept", onchange: ({ target }) => (target.checked ? dropped.delete(id) : dropped.add(id)) });
  box.checked = !dropped.has(id);
  return make("label", { class: "check" }, box, make("span", {}, t("acceptThis"), make("span", { class: "unseen" }, ` ${name}`)));
}

async function accept(event) {
  event.preventDefault();
  const { who, why } = event.target.elements;
  const actions = [...document.querySelectorAll("#actions [name=action]:checked")].map(({ value }) => value);
  const place = shown.job ? `site/jobs/${shown.job}` : `site/plans/${shown.id}`;
  try {
    const { planned, revision } = await post(`${place}/accept`, { who: who.value, why: why.value, actions });
    say(byId("accepted"), revision == null ? t("acceptedAll") : t("acceptedSome", { n: number(planned), revision: number(revision) }));
  } catch (error) {
    say(byId("accepted"), error.message, { failed: true });
  }
}

async function keep(event) {
  event.preventDefault();
  const { name } = event.target.elements;
  try {
    const kept = await post("site/plans", { job: shown.job, name: name.value });
    plans.set(kept.id, { ...shown, ...kept, kept: true });
    plans.delete(shown.id);
    await ask({ plan: kept.id });
    say(byId("plan-status"), t("keptAs", { name: kept.name }));
  } catch (error) {
    say(byId("plan-status"), t("failed", { why: error.message }), { failed: true });
  }
}

function take(kind) {
  const bytes = Uint8Array.from(atob(shown.answer.files[kind]), (letter) => letter.charCodeAt(0));
  const href = URL.createObjectURL(new Blob([bytes], { type: TYPES[kind] }));
  make("a", { href, download: `plan.${kind}` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
