// When one goes and how, how long one stays, whether shut doors are of interest: part of every question.

import { byId, say } from "./dom.js";
import { t, whenLanguage } from "./i18n.js";
import { ask, state, whenAsked } from "./state.js";

const TYPING_MS = 400; // a year is typed digit by digit, and each digit makes another time
const BEIJING_MS = 8 * 3_600_000; // ahead of UTC, all the year

const form = byId("trip");
const time = byId("at");
let typing = 0;

export function startTrip() {
  form.addEventListener("change", read);
  time.addEventListener("input", readTime);
  byId("back-to-now").addEventListener("click", () => {
    chooseWhen("now");
    form.querySelector("[name=when][value=now]").focus();
  });
  whenAsked(show, "mode", "stay", "open", "at");
  whenLanguage(sayTime);
  show();
}

function read({ target }) {
  if (target.name === "mode") ask({ mode: target.value });
  else if (target.name === "stay") ask({ stay: Number(target.value) });
  else if (target.name === "when") chooseWhen(target.value);
  else if (target.name === "open") ask({ open: target.checked ? "arrival" : "any" });
}

function show() {
  for (const input of form.querySelectorAll("[name=mode], [name=stay]")) input.checked = input.value === String(state[input.name]);
  form.querySelector("[name=open]").checked = state.open === "arrival";
}

// "Then" starts from this minute, for the asker to change.
function chooseWhen(when) {
  clearTimeout(typing);
  form.querySelector(`[name=when][value=${when}]`).checked = true;
  byId("then").hidden = when === "now";
  if (when === "then") time.value = new Date(Date.now() + BEIJING_MS).toISOString().slice(0, 16);
  takeTime(when === "now" ? "" : time.value);
  if (when === "then") time.focus();
}

function readTime() {
  clearTimeout(typing);
  typing = setTimeout(() => takeTime(time.value), TYPING_MS);
}

function takeTime(at) {
  sayTime();
  if (at !== state.at) ask({ at });
}

// A time filled in by half is none: it would be no answer to keep silent about that.
function sayTime() {
  say(byId("at-status"), byId("then").hidden || time.value ? "" : t("timeMissing"));
}
