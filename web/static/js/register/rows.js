// Small tables to fill in: one row a thing, each cell a control.

import { make } from "../dom.js";
import { both, t } from "../i18n.js";
import { button, labelled } from "./parts.js";

// `columns` are {name, key, type, ...attributes}; `records` the rows there are. `more(row)` adds
// controls to a row. `read()` returns the filled rows as texts, without what is empty.
export function rowsEditor(columns, records, { more = () => [], caption } = {}) {
  const body = make("tbody");
  const head = make("tr", {}, ...columns.map(({ key }) => make("th", { scope: "col" }, ...both(key))), make("td"));
  const add = (record = {}) => {
    const row = make("tr");
    for (const { name, key, ...attributes } of columns) {
      const control = make("input", { type: "text", autocomplete: "off", ...attributes, ...labelled(key), "data-name": name });
      control.value = record[name] ?? "";
      row.append(make("td", {}, control));
    }
    const remove = make("button", { type: "button", class: "plain", onclick: () => {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      (next?.querySelector("input") ?? adding).focus();
      element.dispatchEvent(new Event("input", { bubbles: true }));
    } }, "✕");
    row.append(make("td", { class: "tools" }, ...more(row), remove));
    body.append(row);
    remove.setAttribute("aria-label", t("regRemoveRow", { n: body.rows.length }));
    return row;
  };
  const adding = button("regAddRow", () => add().querySelector("input").focus());
  records.forEach(add);
  const element = make("div", {}, make("div", { class: "scroll", tabindex: "0", role: "region", ...labelled(caption) }, make("table", { class: "table editor" }, make("thead", {}, head), body)), adding);
  const read = () => [...body.rows].map(valuesOf).filter((record) => Object.keys(record).length);
  return { element, read, rows: () => [...body.rows] };
}

export function valuesOf(row) {
  const pairs = [...row.querySelectorAll("input[data-name]")].map((control) => [control.dataset.name, control.value.trim()]);
  return Object.fromEntries(pairs.filter(([, value]) => value));
}
