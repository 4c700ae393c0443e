// Chinese first, English at a click; the choice is remembered in this browser.

import { words } from "./words.js";

const KEY = "language";
const listeners = new Set();
let language = localStorage.getItem(KEY) === "en" ? "en" : "zh";

export function t(key, values = {}) {
  return words[language][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
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

export function distance(metres) {
  const unit = language === "zh" ? ["米", "公里"] : ["m", "km"];
  if (metres < 999.5) return `${Math.round(metres)} ${unit[0]}`;
  const digits = metres < 99_950 ? 1 : 0;
  return `${(metres / 1000).toFixed(digits).replace(/\.0$/, "")} ${unit[1]}`;
}

export function minutes(value) {
  return t("minutes", { n: Math.max(1, Math.round(value)) });
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
  for (const listener of listeners) listener();
}

export function translatePage() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = t(document.body.dataset.title ?? "title");
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
  other.textContent = language === "zh" ? "English" : "中文";
  other.lang = language === "zh" ? "en" : "zh-CN";
}
