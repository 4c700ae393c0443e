// The hour of the week the map shows: a slider over 168 hours, with a button that lets them pass.

import { byId, make } from "./dom.js";
import { percent, t, whenLanguage } from "./i18n.js";
import { ask, state, whenAsked } from "./state.js";

const DAY = 24;
const WEEK = 7 * DAY;
const FIRST = DAY + 2; // where one begins: Tuesday, two in the morning
const STEP_MS = 600;

const bar = byId("week");
const slider = byId("week-hour");
const play = byId("week-play");
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
let week = null; // the API's answer
let playing = 0;

export function startWeek() {
  slider.addEventListener("input", () => ask({ hour: Number(slider.value) }));
  slider.addEventListener("keydown", jumpByDays);
  byId("week-all").addEventListener("click", () => ask({ hour: null }));
  play.addEventListener("click", () => (playing ? stop() : begin()));
  still.addEventListener("change", stop);
  document.addEventListener("visibilitychange", stop);
  whenAsked(show, "hour");
  whenLanguage(show);
}

// Take the week of an answer, or none.
export function setWeek(answer) {
  week = answer;
  if (!week) stop();
  show();
}

// An hour of the week as a clock shows it: 周二 02:00.
export function hourText(hour) {
  return t("hourOf", { day: t(`day${Math.floor(hour / DAY)}`), time: `${String(hour % DAY).padStart(2, "0")}:00` });
}

function show() {
  bar.hidden = !week;
  play.hidden = still.matches;
  if (!week) return;
  const hour = state.hour ?? FIRST;
  const share = state.hour == null ? null : week.total[hour];
  slider.value = hour;
  const time = state.hour == null ? t("wholeWeek") : hourText(hour);
  slider.setAttribute("aria-valuetext", time);
  byId("week-time").replaceChildren(time, share == null ? "" : make("strong", {}, ` ${percent(share)}`));
  byId("week-all").setAttribute("aria-pressed", String(state.hour == null));
  byId("week-days").replaceChildren(...Array.from({ length: 7 }, (_, day) => make("span", {}, t(`day${day}short`))));
  play.setAttribute("aria-label", t(playing ? "pause" : "play"));
  play.title = t(playing ? "pause" : "play");
  play.classList.toggle("playing", Boolean(playing));
}

// Page up and down go by days; the arrows and the ends are the slider's own.
function jumpByDays(event) {
  const days = { PageUp: 1, PageDown: -1 }[event.key];
  if (!days) return;
  event.preventDefault();
  ask({ hour: Math.min(WEEK - 1, Math.max(0, Number(slider.value) + days * DAY)) });
}

function begin() {
  playing = setInterval(() => ask({ hour: (state.hour + 1) % WEEK }), STEP_MS);
  ask({ hour: state.hour ?? FIRST });
}

function stop() {
  clearInterval(playing);
  playing = 0;
  show();
}
