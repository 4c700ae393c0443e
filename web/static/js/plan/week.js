// The hour of the week the map shows: a slider over 168 hours, with a button that lets them pass.

import { byId, make } from "../dom.js";
import { languageTag, percent, t, whenLanguage } from "../i18n.js";
import { ask, state, whenAsked } from "../state.js";
import { shareAt, shown, whenMeasured } from "./measure.js";

const DAY = 24;
const WEEK = 7 * DAY;
const FIRST = DAY + 2; // where one begins: Tuesday, two in the morning
const HOUR_MS = 3_600_000;
const STEP_MS = 600;

const bar = byId("week");
const slider = byId("week-hour");
const play = byId("week-play");
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
let playing = 0;

export function startWeek() {
  slider.addEventListener("input", () => ask({ hour: Number(slider.value) }));
  slider.addEventListener("keydown", jumpByDays);
  byId("week-all").addEventListener("click", () => ask({ hour: null }));
  play.addEventListener("click", () => (playing ? stop() : begin()));
  still.addEventListener("change", stop);
  document.addEventListener("visibilitychange", stop);
  whenMeasured(show);
  whenAsked(show, "hour", "view");
  whenLanguage(show);
}

// An hour of the week as a clock shows it: 周二 02:00.
export function hourText(hour) {
  return t("hourOf", { day: dayText(Math.floor(hour / DAY), "long"), time: `${String(hour % DAY).padStart(2, "0")}:00` });
}

// A day of the week shown: 周二, of a real week with its date.
export function dayText(day, length = "short") {
  if (!state.date) return t(length === "long" ? `day${day}` : `day${day}short`);
  const shownAs = length === "long" ? { month: "short", day: "numeric", weekday: "short" } : { month: "numeric", day: "numeric" };
  return new Date(mondayOf(state.date) + day * DAY * HOUR_MS).toLocaleDateString(languageTag(), { ...shownAs, timeZone: "UTC" });
}

function mondayOf(date) {
  const at = new Date(`${date}T00:00Z`);
  return at.getTime() - ((at.getUTCDay() + 6) % 7) * DAY * HOUR_MS;
}

function show() {
  const week = shown()?.week;
  bar.hidden = !week;
  play.hidden = still.matches;
  if (!week) {
    clearInterval(playing);
    playing = 0;
    return;
  }
  const hour = state.hour ?? FIRST;
  const share = state.hour == null ? null : shareAt(week, week.total, hour);
  slider.value = hour;
  const time = state.hour == null ? t("wholeWeek") : hourText(hour);
  slider.setAttribute("aria-valuetext", time);
  byId("week-time").replaceChildren(time, share == null ? "" : make("strong", {}, ` ${percent(share)}`));
  byId("week-all").setAttribute("aria-pressed", String(state.hour == null));
  byId("week-days").replaceChildren(...Array.from({ length: 7 }, (_, day) => make("span", {}, dayText(day))));
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
