// The revisions that changed stations, and taking a whole one back.

import { get, post } from "../api.js";
import { byId, make } from "../dom.js";
import { both, number, t } from "../i18n.js";
import { button, field, instantText } from "./parts.js";

const status = byId("revision-status");
const list = byId("revision-list");
const more = byId("revision-more");
let before = "";
let undone = () => {};

export function startRevisions(whenUndone) {
  undone = whenUndone;
  more.addEventListener("click", () => load({ earlier: true }));
}

export async function openRevisions() {
  await load({});
}

async function load({ earlier = false }) {
  try {
    const told = await get("revisions", { before: earlier ? before : "" });
    before = told.before ?? "";
    more.hidden = !told.before;
    const lines = told.revisions.map(line);
    if (earlier) list.append(...lines);
    else list.replaceChildren(...lines);
  } catch (error) {
    status.classList.add("failed");
    status.replaceChildren(t("failed", { why: error.message }));
  }
}

function line({ revision, at, who, why, summary }) {
  const place = make("div");
  const counted = Object.fromEntries(["added", "changed", "removed"].map((name) => [name, number(summary[`stations_${name}`] ?? 0)]));
  return make(
    "li",
    {},
    make("p", {}, make("strong", {}, ...both("regRevision", { n: revision })), ` · ${instantText(at)} · ${who} · `, ...both("regSummary", counted)),
    make("p", { class: "why" }, why),
    button("regUndoWhole", () => ask(revision, place), { values: { n: revision } }),
    place,
  );
}

function ask(revision, place) {
  const why = make("textarea", { rows: 2, maxlength: 500, required: true, name: "undo-why" });
  const line = make("p", { role: "status" });
  const form = make("form", { class: "step-form fields" }, field("regUndoWhy", why), make("div", { class: "tools" }, make("button", { type: "submit", class: "primary" }, ...both("regUndo")), button("regCancel", () => place.replaceChildren())), line);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    line.replaceChildren(...both("sending"));
    try {
      const made = await post(`revisions/${revision}/undo`, { why: why.value });
      status.classList.remove("failed");
      await load({});
      status.replaceChildren(...both("regUndone", made));
      undone();
    } catch (error) {
      line.classList.add("failed");
      line.replaceChildren(t("regDidNot", { why: error.message }));
    }
  });
  place.replaceChildren(form);
  why.focus();
}
