// The stations of one's area, searched on the server, a page at a time.

import { get } from "../api.js";
import { session } from "../audit/session.js";
import { byId, make, say as tell } from "../dom.js";
import { both, number, t } from "../i18n.js";
import { register } from "../register.js";
import { worded } from "./parts.js";

const TYPING_MS = 300;
const form = byId("filters");
const list = byId("list");
const summary = byId("summary");
let asking = null;
let after = "";
let choose = () => {};
let current = "";

export function startList(whenChosen) {
  choose = whenChosen;
  let typing = 0;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    clearTimeout(typing);
    typing = setTimeout(load, target.type === "search" ? TYPING_MS : 0);
  });
  byId("more").addEventListener("click", () => load({ more: true }));
}

export function fillFilters() {
  const all = () => make("option", { value: "", "data-t": "regAll" }, t("regAll"));
  const options = (name, pairs) => form.elements[name].replaceChildren(all(), ...pairs);
  options("kind", register.kinds.map((each) => worded("option", { value: each.code }, each)));
  options("status", register.statuses.map((each) => worded("option", { value: each.code }, each)));
  options("area", session.counties.map(([code, name]) => make("option", { value: code }, name)));
}

export async function load({ more = false } = {}) {
  asking?.abort();
  const mine = (asking = new AbortController());
  list.setAttribute("aria-busy", "true");
  const asked = Object.fromEntries(["q", "kind", "status", "area"].map((name) => [name, form.elements[name].value.trim()]));
  try {
    const told = await get("edits/stations", { ...asked, after: more === true ? after : "" }, mine.signal);
    after = told.after ?? "";
    byId("more").hidden = !told.after;
    summary.replaceChildren(...(told.total ? both("regCount", { n: number(told.total) }) : both("regNoneFound")));
    summary.classList.remove("failed");
    const rows = told.stations.map(row);
    if (more === true) list.append(...rows);
    else list.replaceChildren(...rows);
    markRow(current);
  } catch (error) {
    if (error.name === "AbortError") return;
    tell(summary, t("failed", { why: error.message }), { retry: { label: t("retry"), run: () => load({ more }) } });
  } finally {
    if (mine === asking) list.removeAttribute("aria-busy");
  }
}

function row({ id, name, kind, status, area_code: code }) {
  const named = (vocabulary, each) => worded("span", {}, register[vocabulary].find((term) => term.code === each) ?? { zh: each, en: each });
  const parts = [named("kinds", kind), status === "active" ? null : named("statuses", status), nameOf(code)].filter(Boolean);
  const told = make("span", { class: "quiet" }, id, ...parts.flatMap((part) => [" · ", part]));
  const button = make("button", { type: "button", class: "row", "data-id": id, onclick: () => choose(id) }, make("span", { class: "title" }, name), told);
  return make("li", {}, button);
}

function nameOf(code) {
  return session.counties.find(([each]) => each === code)?.[1] ?? code;
}

export function markRow(id) {
  current = id;
  for (const button of list.querySelectorAll("button.row")) {
    if (button.dataset.id === id) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

export function rowOf(id) {
  return [...list.querySelectorAll("button.row")].find((button) => button.dataset.id === id);
}
