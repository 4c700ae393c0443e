// The siting form: money, aim, actions and prices for the question above; its plan as a job. All the
// form says stands in the page's address: a plan asked for by a link is the same plan.

import { get, post } from "../api.js";
import { byId, make, say, setText } from "../dom.js";
import { number, t, titled, whenLanguage } from "../i18n.js";
import { lookAfter } from "../jobs.js";
import { register } from "../register.js";
import { ask, state, whenAsked } from "../state.js";
import { isOpen, question } from "./question.js";
import { addFresh } from "./scheme.js";

const AIMS = ["most", "worst_county", "equal_prefectures"];
const COUNTS = ["sites", "per_county", "spacing", "time_limit"];
const TEXTS = ["budget", "objective", ...COUNTS];
const TICKS = ["cover_all", "frontier", "supposing"];
const STAGES = ["reach", "candidates", "solve", "study"];
const form = byId("wish");
const fields = form.elements;
let priced = { prices: [], kinds: [] };
let usual = {}; // what the form says untouched
let asking = null; // what ends the question under way

state.wish = {}; // what the form says otherwise than untouched

export async function startWish() {
  form.addEventListener("submit", submit);
  form.addEventListener("change", ({ target }) => target.name && ask({ wish: changed() }));
  byId("plan-cancel").addEventListener("click", () => asking?.abort());
  addEventListener("pagehide", () => asking?.abort()); // nobody waits for it any more
  priced = await get("site/prices");
  whenLanguage(write);
  usual = told();
  fill();
  whenAsked(fill, "wish");
}

function write() {
  const before = new Set([...byId("kinds").querySelectorAll("input:not(:checked)")].map(({ value }) => value));
  byId("kinds").replaceChildren(...priced.kinds.map((kind) => make("label", { class: "check" }, tick(kind.code, !before.has(kind.code)), make("span", {}, titled(kind)))));
  const aim = fields.objective.value || AIMS[0];
  fields.objective.replaceChildren(...AIMS.map((each) => make("option", { value: each, selected: each === aim }, t(`aim_${each}`))));
  writePrices();
}

function tick(code, checked) {
  const box = make("input", { type: "checkbox", name: "actions", value: code });
  box.checked = checked;
  return box;
}

function writePrices() {
  const typed = priceInputs().map(({ value }) => value);
  const word = (list, code) => titled(list.find((each) => each.code === code) ?? { zh: code, en: code });
  const rows = priced.prices.map((price, i) => {
    const label = [word(priced.kinds, price.action), price.item && word(register.amenities, price.item), t(`unit_${price.unit}`)].filter(Boolean).join(" ");
    const input = make("input", { type: "number", name: "price", min: 0, step: "1", value: typed[i] ?? price.yuan, placeholder: price.yuan, "aria-label": label });
    return make("tr", {}, make("th", { scope: "row" }, [word(priced.kinds, price.action), price.area, price.item && word(register.amenities, price.item)].filter(Boolean).join(" ")), make("td", {}, t(`unit_${price.unit}`)), make("td", { class: "number" }, input), make("td", { class: "quiet" }, price.basis));
  });
  const heads = ["action", "unit", "yuan", "basis"].map((each) => make("th", { scope: "col" }, t(`price_${each}`)));
  byId("prices").replaceChildren(make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
}

function priceInputs() {
  return [...byId("prices").querySelectorAll("input")];
}

function nameOfPrice({ action, item, area, unit }) {
  return ["yuan", action, item, area, unit].join(".");
}

// What the form says, as text by name: of actions those that are not to be used. A price that is
// left empty is the usual one.
function told() {
  const off = [...byId("kinds").querySelectorAll("input:not(:checked)")].map(({ value }) => value).join(",");
  const texts = Object.fromEntries(TEXTS.map((name) => [name, fields[name].value.trim()]));
  const ticked = Object.fromEntries(TICKS.map((name) => [name, fields[name].checked ? "1" : ""]));
  const inputs = priceInputs();
  const prices = Object.fromEntries(priced.prices.map((price, i) => [nameOfPrice(price), inputs[i].value || String(price.yuan)]));
  return { ...texts, ...ticked, ...prices, without: off };
}

function changed() {
  return Object.fromEntries(Object.entries(told()).filter(([name, value]) => value !== usual[name]));
}

// Take over what the address says.
function fill() {
  const wanted = { ...usual, ...state.wish };
  for (const name of TEXTS) if (fields[name].value.trim() !== wanted[name]) fields[name].value = wanted[name];
  for (const name of TICKS) fields[name].checked = Boolean(wanted[name]);
  priceInputs().forEach((input, i) => {
    const price = wanted[nameOfPrice(priced.prices[i])];
    if (input.value !== price) input.value = price;
  });
  const off = new Set(wanted.without.split(","));
  for (const box of byId("kinds").querySelectorAll("input")) box.checked = !off.has(box.value);
}

function wish() {
  const { hours, stay, trust_floor: floor, profile, layer, within, mode } = question();
  const whole = (name) => (fields[name].value === "" ? null : Number(fields[name].value));
  const money = fields.budget.value.split(/[,，;；\s]+/).filter(Boolean);
  const yuan = told();
  return {
    layer, within, hours, profile,
    ...(mode && { mode }),
    stay: Number(stay),
    trust_floor: Number(floor),
    needs: [...state.needs],
    what_if: fields.supposing.checked ? state.what : [],
    actions: [...byId("kinds").querySelectorAll("input:checked")].map(({ value }) => value),
    budget: money.length ? money.map(Number) : null,
    cover_all: fields.cover_all.checked,
    objective: fields.objective.value,
    frontier: fields.frontier.checked,
    ...Object.fromEntries(COUNTS.map((name) => [name, whole(name)])),
    prices: priced.prices.map((price) => ({ ...price, yuan: Number(yuan[nameOfPrice(price)]) })),
  };
}

async function submit(event) {
  event.preventDefault();
  asking?.abort();
  if (!isOpen()) return;
  const mine = (asking = new AbortController());
  trouble("");
  say(byId("plan-status"), "");
  busy(true);
  try {
    tell({ progress: { stage: "", done: 0, total: 0 } });
    const begun = await post("site/jobs", wish());
    const plan = await lookAfter(begun, mine.signal, tell);
    if (mine === asking) addFresh(plan, begun.id);
  } catch (error) {
    if (error.name !== "AbortError") trouble(error.message);
    else if (mine === asking) say(byId("plan-status"), t("jobCancelled"));
  } finally {
    if (mine === asking) busy(false);
  }
}

function busy(yes) {
  byId("plan-job").hidden = !yes;
  byId("go").disabled = yes;
}

function tell({ progress: { stage, done, total } }) {
  const bar = byId("plan-progress");
  if (total) Object.assign(bar, { max: total, value: done });
  else bar.removeAttribute("value");
  const seconds = stage === "solve" && total ? t("secondsOf", { done: number(done), total: number(total) }) : "";
  setText(byId("stage"), `${t(STAGES.includes(stage) ? `stage_${stage}` : "jobQueued")} ${seconds}`);
}

function trouble(text) {
  say(byId("trouble"), text, { failed: true });
}
