// What is asked of coverage: how far, on paper or in truth, and on which terms.

import { byId, make } from "./dom.js";
import { distance, minutes, percent, t } from "./i18n.js";
import { ask, DISTANCES, FLOORS, HOURS, MINUTES, PROFILES, REACH_MODES, state, STAYS, VIEWS, whenAsked } from "./state.js";

// The parts of the question that are chips: where they stand, their values, their words.
const CHOICES = [
  ["view", "view", VIEWS, (value) => t(value)],
  ["within", "within", DISTANCES, (value) => distance(parseFloat(value) * (value.endsWith("km") ? 1000 : 1))],
  ["minutes", "within", MINUTES, (value) => minutes(parseFloat(value))],
  ["by-mode", "by", REACH_MODES, (value) => t(value)],
  ["hours", "hours", HOURS, (value) => t(`hours_${value}`)],
  ["through", "through", STAYS, (value) => t(`stay${value}`)],
  ["floor", "floor", FLOORS, (value) => (value === "0" ? t("anyTrust") : t("atLeast", { share: percent(Number(value)) }))],
  ["profile", "profile", PROFILES, (value) => t(`profile_${value}`)],
];
const texts = []; // [element, its words]

export function startTerms() {
  for (const [place, part, values, words] of CHOICES) {
    for (const value of values) byId(place).append(chip(part, value, words));
  }
  whenAsked(showTerms, "within", "view");
}

export function showTerms() {
  for (const [element, words] of texts) element.textContent = words();
  byId("by-mode").hidden = !state.within.endsWith("min");
  byId("terms").hidden = state.view !== "real";
}

function chip(part, value, words) {
  const input = make("input", { type: "radio", name: part, value, onchange: () => ask({ [part]: value }) });
  input.checked = value === state[part];
  const text = make("span");
  texts.push([text, () => words(value)]);
  return make("label", {}, input, text);
}
