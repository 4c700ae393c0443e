// What the pages of accounts share: both languages side by side, of which one is seen.

import { make } from "../dom.js";
import { switchLanguage, titled, whenLanguage } from "../i18n.js";

export const ROLES = [["inspector", "巡检员", "inspector"], ["planner", "规划员", "planner"], ["editor", "登记员", "editor"], ["admin", "管理员", "admin"]];

export function both(zh, en) {
  return [make("span", { lang: "zh-CN" }, zh), make("span", { lang: "en" }, en)];
}

// Say something where it is looked for; nothing: say no more.
export function tell(element, parts = [], failed = false) {
  element.replaceChildren(...parts);
  element.classList.toggle("failed", failed);
}

export function fail(element, error) {
  tell(element, error.status === 0 ? both("网络不通，请再试。", "No connection; please try again.") : both(`没有成功：${error.message}`, `That failed: ${error.message}`), true);
}

// An instant in the reader's own clock; the same in both languages.
export function clock(iso) {
  const at = new Date(iso);
  const two = (n) => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function roleWords(role) {
  const [, zh, en] = ROLES.find(([code]) => code === role);
  return both(zh, en);
}

// How somebody is called: the title, and the name one signs in with.
export function called({ name, title }) {
  return [make("strong", {}, title || name), title && ` ${name}`];
}

// Where somebody is responsible; of an area also its name.
export function areaWords({ area, area_name: name }) {
  return area ? [`${name} ${area}`] : both("全部地区", "everywhere");
}

// Translate what has one language at a time, and let the language be changed.
export function startPage(more = () => {}) {
  const language = document.getElementById("language");
  const { titleZh, titleEn } = document.body.dataset;
  whenLanguage(() => {
    document.documentElement.lang = titled({ zh: "zh-CN", en: "en" });
    document.title = `${titled({ zh: titleZh, en: titleEn })} · ${titled({ zh: "工会驿站", en: "Worker stations" })}`;
    language.textContent = titled({ zh: "English", en: "中文" });
    language.lang = titled({ zh: "en", en: "zh-CN" });
    more();
  });
  language.addEventListener("click", switchLanguage);
  language.disabled = false;
}

// Run `work` while `button` cannot be pressed again.
export async function once(button, work) {
  button.disabled = true;
  try {
    await work();
  } finally {
    button.disabled = false;
  }
}
