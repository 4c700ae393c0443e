// Two taps tell whether a station works: open the choices, choose one. No position is sent.

import { post } from "./api.js";
import { make } from "./dom.js";
import { percent, t } from "./i18n.js";

const OUTCOMES = ["worked", "cannot_see", "cannot_find", "cannot_enter", "cannot_use"];
const RARER = ["wrong_hours", "missing_amenity", "wrong_place", "closed_for_good"];

const keys = new Map(); // "station outcome" → the key of a report not yet known to have arrived

export function reportMenu(station, whenTold) {
  const body = make("div", { class: "outcomes" });
  const status = make("p", { role: "status", class: "message" });
  const tell = (outcome) => send(station, outcome, body, status, whenTold);
  body.append(
    ...OUTCOMES.map((outcome) => choice(outcome, tell)),
    make("details", { class: "rarer" }, make("summary", {}, t("rarer")), make("div", { class: "outcomes" }, ...RARER.map((outcome) => choice(outcome, tell)))),
  );
  return make("details", { class: "more report" }, make("summary", { class: "plain" }, t("report")), body, status);
}

function choice(outcome, tell) {
  return make("button", { type: "button", class: `plain ${outcome}`, "data-outcome": outcome, onclick: () => tell(outcome) }, t(outcome));
}

async function send(station, outcome, body, status, whenTold) {
  const name = `${station.id} ${outcome}`;
  if (!keys.has(name)) keys.set(name, newKey());
  const buttons = body.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  status.textContent = t("sending");
  status.classList.remove("failed");
  try {
    const answer = await post(`stations/${encodeURIComponent(station.id)}/reports`, { outcome }, keys.get(name));
    keys.delete(name);
    body.remove();
    status.textContent = t("reported", { outcome: t(outcome), trust: percent(answer.trust) });
    whenTold(answer);
  } catch (error) {
    for (const button of buttons) button.disabled = false;
    status.classList.add("failed");
    status.textContent = error.status === 429 ? t("tooMany") : t("notSent", { why: error.message });
  }
}

// Not crypto.randomUUID: a page served without TLS has none.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
