// Two taps tell whether a station works: open the choices, choose one. Who wants to say more writes
// it before the second. No position is sent.

import { post } from "./api.js";
import { make, setText } from "./dom.js";
import { t, titled, wholePercent } from "./i18n.js";

const OUTCOMES = ["worked", "cannot_see", "cannot_find", "cannot_enter", "cannot_use"];
const RARER = ["wrong_hours", "missing_amenity", "wrong_place", "closed_for_good"];

const LONGEST_NOTE = 500;

const keys = new Map(); // "station outcome note" → the key of a report not yet known to have arrived

// How a report gets to the register: a page may have it wait for a network (`{ waits: true, later }`;
// `later` resolves with the register's answer).
let deliver = (station, report, key) => post(`stations/${encodeURIComponent(station.id)}/reports`, report, key);

export function deliverBy(way) {
  deliver = way;
}

export function reportMenu(station, whenTold) {
  const body = make("div", { class: "outcomes" });
  const status = make("p", { role: "status", class: "message" });
  const note = make("textarea", { rows: 3, maxlength: LONGEST_NOTE, "aria-label": t("addNote"), placeholder: t("noteHelp") });
  const tell = (outcome) => send(station, { outcome, note: note.value.trim() }, body, status, whenTold);
  body.append(
    make("details", { class: "note" }, make("summary", {}, t("addNote")), note),
    ...OUTCOMES.map((outcome) => choice(outcome, tell)),
    make("details", { class: "rarer" }, make("summary", {}, t("rarer")), make("div", { class: "outcomes" }, ...RARER.map((outcome) => choice(outcome, tell)))),
  );
  return make("details", { class: "more report" }, make("summary", { class: "plain" }, t("report")), body, status);
}

function choice(outcome, tell) {
  return make("button", { type: "button", class: `plain ${outcome}`, "data-outcome": outcome, onclick: () => tell(outcome) }, t(outcome));
}

async function send(station, { outcome, note }, body, status, whenTold) {
  const name = `${station.id} ${outcome} ${note}`;
  if (!keys.has(name)) keys.set(name, newKey());
  const controls = body.querySelectorAll("button, textarea");
  const focused = body.contains(document.activeElement) && document.activeElement;
  for (const control of controls) control.disabled = true;
  status.textContent = t("sending");
  status.classList.remove("failed");
  try {
    const answer = await deliver(station, { outcome, ...(note && { note }) }, keys.get(name));
    keys.delete(name);
    const summary = body.parentElement.querySelector("summary");
    body.remove();
    if (focused) summary.focus({ preventScroll: true });
    const said = note ? t("withNote", { outcome: t(outcome), note }) : t(outcome);
    const received = (told) => {
      setText(status, t("reported", { outcome: said, trust: wholePercent(told.trust), text: titled(told.trust_text) }));
      whenTold(told);
    };
    if (answer.waits) {
      setText(status, t("reportWaits", { outcome: said }));
      answer.later.then(received);
    } else {
      received(answer);
    }
  } catch (error) {
    for (const control of controls) control.disabled = false;
    if (focused) focused.focus({ preventScroll: true });
    status.classList.add("failed");
    setText(status, error.status === 429 ? t("tooMany") : t("notSent", { why: error.message }));
  }
}

// Not crypto.randomUUID: a page served without TLS has none.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
