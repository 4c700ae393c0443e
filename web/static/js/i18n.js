// Chinese first, English at a click; the choice is remembered in this browser. Texts come from the
// catalogues of web/words: the shared ones here, a page's own with its first script.

import { words } from "../words/shared.js";
import { make } from "./dom.js";

const KEY = "language";
const TAGS = { zh: "zh-CN", en: "en" };
const LONG_MIN = 119.5;
const listeners = new Set();
// The cookie knows what was chosen on pages without scripts, too.
const chosen = [/(?:^|; )language=(\w+)/.exec(document.cookie)?.[1], localStorage.getItem(KEY)];
let language = chosen.find((tongue) => Object.hasOwn(words, tongue ?? "")) ?? "zh";

export function t(key, values = {}) {
  return filled(language, key, values);
}

function filled(tongue, key, values) {
  return words[tongue][key].replace(/\{(\w+)\}/g, (_, name) => values[name]?.[tongue] ?? values[name] ?? "");
}

// The text in every language, as the API tells things: what `titled` reads. A value may be such, too.
export function inEach(key, values = {}) {
  return Object.fromEntries(Object.keys(words).map((tongue) => [tongue, filled(tongue, key, values)]));
}

// The text in every language, of which the page shows its own: what is written once stays right.
export function both(key, values = {}) {
  return Object.keys(words).map((tongue) => make("span", { lang: TAGS[tongue] }, filled(tongue, key, values)));
}

// The page's language as HTTP and HTML call it.
export function languageTag() {
  return TAGS[language];
}

// The name in the page's language of a thing that has `zh` and `en`.
export function titled(thing) {
  return thing[language];
}

export function number(value) {
  return value.toLocaleString(language);
}

export function percent(share) {
  return share.toLocaleString(language, { style: "percent", maximumFractionDigits: 1 });
}

// As one says how sure something is: no digit that nobody could know.
export function wholePercent(share) {
  return percent(Math.round(share * 100) / 100);
}

export function distance(metres) {
  if (metres < 999.5) return t("metres", { n: Math.round(metres) });
  const digits = metres < 99_950 ? 1 : 0;
  return t("kilometres", { n: (metres / 1000).toFixed(digits).replace(/\.0$/, "") });
}

export function minutes(value) {
  return t("minutes", { n: Math.max(1, Math.round(value)) });
}

// How long a way takes, as a person says it: beyond two hours in hours.
export function wayTime(value, { about = false } = {}) {
  if (value < LONG_MIN) return t(about ? "minutesAbout" : "minutes", { n: Math.max(1, Math.round(value)) });
  return t(about ? "hoursAbout" : "hoursLong", { n: number(Math.round(value / 6) / 10) });
}

// What a limit means: straight metres, or minutes of a mode. Of the API's `method`, or an area.
export function limitText({ within, unit, mode }) {
  if (unit === "min") return t(`${mode}Minutes`, { n: number(parseFloat(within)) });
  return distance(parseFloat(within));
}

// What minutes are made from: roads, or straight lines; nothing to say of metres.
export function basisText({ unit = "min", estimated }) {
  return unit === "min" ? t(estimated ? "estimate" : "byRoad") : "";
}

// A wall clock's time, such as 2026-11-25T08:00, in words.
export function clockText(time) {
  const shown = { year: "numeric", month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Date(`${time}Z`).toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { ...shown, timeZone: "UTC" });
}

// Call `listener` now and after every change of language.
export function whenLanguage(listener) {
  listeners.add(listener);
  listener();
}

export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem(KEY, language);
  document.cookie = `${KEY}=${language}; path=/; max-age=31536000; samesite=lax`; // for pages without scripts
  for (const listener of listeners) listener();
}

export function translatePage() {
  document.documentElement.lang = languageTag();
  for (const element of document.querySelectorAll("[data-t]")) {
    element.textContent = t(element.dataset.t);
  }
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
  for (const element of document.querySelectorAll("[data-t-placeholder]")) {
    element.placeholder = t(element.dataset.tPlaceholder);
  }
  const other = document.getElementById("language");
  other.textContent = t("otherLanguage");
  other.lang = language === "zh" ? "en" : "zh-CN";
}

// Let the page change its language; `write` writes what its script made.
export function startLanguage(write = () => {}) {
  whenLanguage(() => {
    translatePage();
    write();
  });
  const other = document.getElementById("language");
  other.addEventListener("click", switchLanguage);
  other.disabled = false;
}
