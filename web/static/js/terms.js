// How near a station must be, as chips: of the map's question and the planner's.

import { byId, make, setText } from "./dom.js";
import { distance, minutes, t } from "./i18n.js";
import { ask, DISTANCES, MINUTES, REACH_MODES, state, whenAsked } from "./state.js";

// Choices that are chips: where they stand, the part of the question, its values, their words.
const NEAR = [
  ["within", "within", DISTANCES, (value) => distance(parseFloat(value) * (value.endsWith("km") ? 1000 : 1))],
  ["minutes", "within", MINUTES, (value) => minutes(parseFloat(value))],
  ["by-mode", "by", REACH_MODES, (value) => t(value)],
];
const chips = []; // { input, text, part, words }

export function startTerms(more = []) {
  const choices = [...NEAR, ...more];
  for (const [place, part, values, words] of choices) {
    for (const value of values) byId(place).append(chip(part, value, words));
  }
  whenAsked(showTerms, ...new Set(choices.map(([, part]) => part)));
}

export function showTerms() {
  for (const { input, text, part, words } of chips) {
    setText(text, words(input.value));
    input.checked = input.value === String(state[part]);
  }
  byId("by-mode").hidden = !state.within.endsWith("min");
}

function chip(part, value, words) {
  const input = make("input", { type: "radio", name: part, value, onchange: () => ask({ [part]: value }) });
  const text = make("span");
  chips.push({ input, text, part, words });
  return make("label", {}, input, text);
}
