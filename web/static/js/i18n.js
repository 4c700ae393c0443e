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
  document.title = t("title");
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
