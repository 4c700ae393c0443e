// What happened to a station, and taking it back.

import { get, post } from "../api.js";
import { make } from "../dom.js";
import { both, t } from "../i18n.js";
import { button, changesTable, check, field, instantText } from "./parts.js";

// `undone` is called with what to say of an undo that was recorded.
export function historyPart(id, undone) {
  const list = make("ol", { class: "steps", id: "history" });
  const status = make("p", { role: "status" });
  const part = make("details", { class: "part history" }, make("summary", {}, ...both("regHistory")), status, list);
  part.addEventListener("toggle", () => {
    if (part.open && !list.children.length) load();
  });
  async function load() {
    status.replaceChildren(...both("loading"));
    try {
      const told = await get(`stations/${encodeURIComponent(id)}/history`);
      status.replaceChildren();
      list.replaceChildren(...told.revisions.map((each, at) => line(each, told, at === told.revisions.length - 1)));
    } catch (error) {
      status.replaceChildren(t("failed", { why: error.message }), " ", button("retry", load));
    }
  }
  function line(each, told, first) {
    const place = make("div");
    const undo = told.mine ? first ? button("regUndoFirst", () => ask(each, told, place)) : button("regUndoThis", () => ask(each, told, place), { values: { n: each.revision } }) : null;
    const what = each.removed ? both("regRemoved") : first ? both("regBegan") : each.changes.length ? [] : both("regSame");
    return make(
      "li",
      {},
      make("p", {}, make("strong", {}, ...both("regRevision", { n: each.revision })), ` · ${instantText(each.at)} · ${each.who} `, ...what),
      make("p", { class: "why" }, each.why),
      first && !each.removed ? null : changesTable(each.changes),
      undo,
      place,
    );
  }
  function ask(each, told, place) {
    const why = make("textarea", { rows: 2, maxlength: 500, required: true, name: "undo-why" });
    const anyway = make("input", { type: "checkbox", name: "anyway" });
    const over = check(anyway, ...both("regAnyway"));
    over.hidden = true;
    const line = make("p", { role: "status" });
    const form = make("form", { class: "step-form" }, make("div", { class: "fields" }, field("regUndoWhy", why)), over, make("div", { class: "tools" }, make("button", { type: "submit", class: "primary" }, ...both("regUndo")), button("regCancel", () => place.replaceChildren())), line);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const send = form.querySelector("[type=submit]");
      send.disabled = true;
      line.replaceChildren(...both("sending"));
      try {
        const made = await post(`stations/${encodeURIComponent(id)}/undo`, { revision: each.revision, base: told.base, why: why.value, anyway: anyway.checked });
        undone(both("regUndone", made));
      } catch (error) {
        send.disabled = false;
        if (error.status === 409) over.hidden = false;
        line.classList.add("failed");
        line.replaceChildren(t("regDidNot", { why: error.message }));
      }
    });
    place.replaceChildren(form);
    why.focus();
  }
  return part;
}
