// The planner's question: whom to serve, how near, with what, at which hours, on which terms.

import { byId, make, setText } from "../dom.js";
import { clockText, limitText, percent, t, titled, whenLanguage } from "../i18n.js";
import { register } from "../register.js";
import { ask, needParameters, state, whenAsked } from "../state.js";
import { showTerms, startTerms } from "../terms.js";

export const ASKED = ["layer", "within", "needs", "by", "hours", "date", "through", "floor", "profile"];
const HOURS = ["all", "day", "night", "weekends"];
const STAYS = ["0", "20", "60"]; // minutes
const FLOORS = ["0", "0.5", "0.8"];
const PROFILES = ["constant", "day", "shifts", "night"];
const TERMS = [
  ["hours", "hours", HOURS, (value) => t(`hours_${value}`)],
  ["through", "through", STAYS, (value) => t(`stay${value}`)],
  ["floor", "floor", FLOORS, (value) => (value === "0" ? t("anyTrust") : t("atLeast", { share: percent(Number(value)) }))],
  ["profile", "profile", PROFILES, (value) => t(`profile_${value}`)],
];

Object.assign(state, {
  hours: "all", // which hours count, as the API reads them
  date: "", // a day of a real week; "": the ordinary week
  through: "60", // how many minutes a door must stay open,
  floor: "0", // how sure a station must be,
  profile: "constant", // and when workers are there
  since: "", // a day of the register to compare with; "" none
  hour: null, // the hour of the week that is shown, 0 to 167; null: all that count
  view: "real", // or "paper", or "then": with the suppositions
  what: [], // suppositions, as the API reads them
});

let layers = [];

export function startQuestion() {
  startTerms(TERMS);
  byId("layer").addEventListener("change", ({ target }) => ask({ layer: target.value, hour: null }));
  for (const radio of byId("week-kind").querySelectorAll("input[type=radio]")) radio.addEventListener("change", chooseWeek);
  byId("date").addEventListener("change", ({ target }) => target.value && ask({ date: target.value }));
  byId("other-hours").addEventListener("change", ({ target }) => ask({ hours: target.value.trim() || "all" }));
  whenAsked(write, ...ASKED);
  whenLanguage(write);
}

export function setLayers(found) {
  layers = found;
  write();
}

// Whether the layer asked about is open to whoever is here.
export function isOpen() {
  return layers.some(({ name }) => name === state.layer);
}

export function layerOf(name = state.layer) {
  return layers.find((layer) => layer.name === name);
}

// The question as the API reads it.
export function question() {
  const hours = [state.date, state.hours === "all" && state.date ? "" : state.hours].filter(Boolean).join(" ");
  return { ...needParameters(), layer: state.layer, hours, stay: state.through, trust_floor: state.floor, profile: state.profile };
}

// The suppositions as one parameter.
export function supposed() {
  return state.what.join(";");
}

// The question in one line.
export function questionText() {
  const layer = layerOf();
  const within = limitText({ within: state.within.replace(/^([\d.]+)km$/, (_, km) => String(km * 1000)), unit: state.within.endsWith("min") ? "min" : "m", mode: state.by });
  const needs = register.amenities.filter(({ code }) => state.needs.has(code)).map(titled);
  const week = state.date ? t("weekOf", { date: clockText(`${state.date}T00:00`).replace(/[, ]*00:00$/, "") }) : "";
  return [layer ? titled(layer) : state.layer, t("inReach", { within }), needs.join(t("comma")), week, HOURS.includes(state.hours) ? t(`hours_${state.hours}`) : state.hours].filter(Boolean).join(" · ");
}

function chooseWeek({ target }) {
  const real = target.value === "real";
  byId("date").hidden = !real;
  if (!real) ask({ date: "" });
  else if (byId("date").value) ask({ date: byId("date").value });
  else byId("date").focus();
}

function write() {
  byId("layer").replaceChildren(...layers.map((layer) => make("option", { value: layer.name, selected: layer.name === state.layer }, titled(layer))));
  if (!isOpen()) byId("layer").selectedIndex = -1;
  const real = Boolean(state.date) || byId("week-kind").querySelector("[value=real]").checked;
  for (const radio of byId("week-kind").querySelectorAll("input[type=radio]")) radio.checked = (radio.value === "real") === real;
  byId("date").hidden = !real;
  if (state.date) byId("date").value = state.date;
  byId("other-hours").value = HOURS.includes(state.hours) ? "" : state.hours;
  showTerms();
  setText(byId("question-line"), layers.length ? questionText() : "");
}
