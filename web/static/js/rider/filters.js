// What a rider wants of a station, kept in this browser: the few most asked for at one tap, the rest
// behind "more".

import { byId, make } from "../dom.js";
import { t, titled, whenLanguage } from "../i18n.js";
import { register } from "../register.js";
import { ask, state, STAYS, whenAsked } from "../state.js";

const KEY = "filters";
const QUICK = ["toilet", "water", "charging", "rest", "ebike_charging", "shower"];
const NIGHT = { begins: 22 * 60, ends: 6 * 60, lasts: 8 * 60 }; // minutes of a day in Beijing
const DAY = 1440;
const BEIJING_MS = 8 * 3_600_000;

const place = byId("filters");

// Take up what was chosen last time; what is no choice any more is left out.
export function recallFilters() {
  let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    // not ours: as if nothing had been chosen
  }
  const known = new Set(register.amenities.map(({ code }) => code));
  state.night = kept.night === true;
  state.needs = new Set((Array.isArray(kept.needs) ? kept.needs : []).filter((code) => known.has(code)));
  if (STAYS.includes(kept.stay)) state.stay = kept.stay;
  if (kept.open === "any") state.open = "any";
}

export function startFilters() {
  place.addEventListener("change", read);
  whenAsked(changed, "needs", "stay", "open", "night");
  whenLanguage(draw);
  place.disabled = false;
}

function draw() {
  const terms = QUICK.map((code) => register.amenities.find((term) => term.code === code)).filter(Boolean);
  const boxes = [...terms.map((term) => chip(term.code, titled(term), state.needs.has(term.code))), chip("night", t("allNight"), state.night)];
  place.replaceChildren(place.querySelector("legend"), ...boxes);
}

function chip(value, text, chosen) {
  const input = make("input", { type: "checkbox", value });
  input.checked = chosen;
  return make("label", {}, input, make("span", {}, text));
}

function read({ target }) {
  if (target.value === "night") {
    ask({ night: target.checked });
    return;
  }
  const needs = new Set(state.needs);
  if (target.checked) needs.add(target.value);
  else needs.delete(target.value);
  ask({ needs });
}

function changed() {
  const { needs, stay, open, night } = state;
  localStorage.setItem(KEY, JSON.stringify({ needs: [...needs], stay, open, night }));
  for (const box of place.querySelectorAll("input")) box.checked = box.value === "night" ? night : needs.has(box.value);
}

// When one sets out ("" now) and how long one stays. Open all night: from ten in the evening, or
// from now on if that is past, until six.
export function visitTime(now = Date.now()) {
  const { at, stay, night } = state;
  if (!night) return { at, stay };
  const clock = new Date(now + BEIJING_MS).toISOString();
  const minute = Number(clock.slice(11, 13)) * 60 + Number(clock.slice(14, 16));
  const day = minute >= NIGHT.ends && minute < NIGHT.begins;
  if (day) return { at: `${clock.slice(0, 10)}T22:00`, stay: NIGHT.lasts };
  return { at: "", stay: minute < NIGHT.ends ? NIGHT.ends - minute : DAY - minute + NIGHT.ends };
}
