// Hours as people write them: read while they are written, and shown for the next seven days.

import { get } from "../api.js";
import { make } from "../dom.js";
import { both, t } from "../i18n.js";

const TYPING_MS = 350;

// Follow a text field; `understood` is called with what it means. Returns where that is told.
export function followHours(control, calendarOf, understood = () => {}) {
  const told = make("div", { class: "reading", role: "status" });
  let typing = 0;
  let asking = null;
  async function read() {
    asking?.abort();
    asking = new AbortController();
    const text = control.value.trim();
    if (!text) {
      told.replaceChildren();
      return;
    }
    try {
      const answer = await get("edits/hours", { text, calendar: calendarOf() }, asking.signal);
      if (answer.understood) understood(answer);
      told.replaceChildren(...parts(answer, text));
    } catch (error) {
      if (error.name !== "AbortError") told.replaceChildren(t("failed", { why: error.message }));
    }
  }
  control.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(read, TYPING_MS);
  });
  if (control.value) read();
  return { told, read };
}

function parts({ understood, expression, reason, days }, text) {
  if (!understood) return [make("p", { class: "doubt" }, ...both("regDoubt", { why: reason }))];
  const read = expression === text ? [] : [make("p", { class: "quiet" }, ...both("regRead", { text: expression }))];
  return [...read, make("dl", { class: "week" }, ...days.flatMap(dayParts))];
}

function dayParts({ date, spans }) {
  const day = (new Date(`${date}T00:00Z`).getUTCDay() + 6) % 7; // 0: Monday
  const open = spans.length ? spans.map(([from, to, state]) => make("span", {}, `${from}–${to}`, ...(state === "unknown" ? [" ", ...both("regMaybe")] : []), " ")) : both("regShut");
  return [make("dt", {}, ...both(`day${day}`), ` ${date.slice(5)}`), make("dd", {}, ...open)];
}
