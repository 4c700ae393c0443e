// Small parts of the register's page: words in both languages, fields, tables.

import { make, setText } from "../dom.js";
import { hoursInEach } from "../hourstext.js";
import { both, t, titled, whenLanguage } from "../i18n.js";

const HOURS = ["opening_hours", "host_hours"];

// An element that says the same thing in the page's language, whatever that becomes.
export function worded(tag, attributes, thing) {
  const element = make(tag, { ...attributes, "data-zh": thing.zh, "data-en": thing.en });
  setText(element, titled(thing));
  return element;
}

whenLanguage(() => {
  for (const element of document.querySelectorAll("[data-zh][data-en]")) {
    setText(element, titled({ zh: element.dataset.zh, en: element.dataset.en }));
  }
});

// What names a control that has no visible label of its own.
export function labelled(key) {
  return { "data-t-label": key, "aria-label": t(key) };
}

export function field(key, control, values = {}) {
  return make("label", {}, make("span", {}, ...both(key, values)), control);
}

export function check(control, ...told) {
  return make("label", { class: "check" }, control, make("span", {}, ...told));
}

export function button(key, run, { primary = false, values = {}, ...more } = {}) {
  return make("button", { type: "button", class: primary ? "primary" : "plain", onclick: run, ...more }, ...both(key, values));
}

// A choice of [value, {zh, en}].
export function choice(name, options, value = "") {
  const select = make("select", { name });
  for (const [code, thing] of options) {
    const option = worded("option", { value: code }, thing);
    option.selected = code === value;
    select.append(option);
  }
  return select;
}

export function choiceOfKeys(name, options, value = "") {
  const select = make("select", { name });
  for (const [code, key] of options) {
    const option = make("option", { value: code, "data-t": key }, t(key));
    option.selected = code === value;
    select.append(option);
  }
  return select;
}

export function table(keys, rows, caption = "") {
  const head = make("tr", {}, ...keys.map((key) => make("th", { scope: "col" }, ...both(key))));
  const body = rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell))));
  return make("div", { class: "scroll", tabindex: "0", role: "region", ...(caption ? labelled(caption) : {}) }, make("table", { class: "table" }, make("thead", {}, head), make("tbody", {}, ...body)));
}

// What changed, field by field.
export function changesTable(changes) {
  const said = (name, thing) => {
    if (!thing.zh && !thing.en) return make("span", { class: "quiet" }, ...both("regEmpty"));
    return worded("span", {}, HOURS.includes(name) ? hoursInEach(thing.en) : thing);
  };
  return table(["regField", "regBefore", "regAfter"], changes.map(({ field: name, title, before, after }) => [worded("span", {}, title), said(name, before), said(name, after)]), "regChanges");
}

export function faultTable(faults, caption) {
  return table(["regRow", "regField", "regValue", "regProblem"], faults.map(({ row, field: name, value, problem }) => [row == null ? "–" : String(row), name, value, problem]), caption);
}

const SHANGHAI = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" };

// An instant as a clock in Beijing shows it, the same in both languages.
export function instantText(instant) {
  return new Intl.DateTimeFormat("sv-SE", SHANGHAI).format(new Date(instant));
}

export function stamp() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
