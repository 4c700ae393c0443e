// The visit to one station: where, what was found, photos. Kept after every answer.

import { byId, make, setText } from "../dom.js";
import { clockText, number, t, titled } from "../i18n.js";
import { photoField, photosKept } from "./photofield.js";
import { position } from "./place.js";
import { questionField } from "./questions.js";
import { stationHead } from "./stationhead.js";
import { become, keep, progress, stillDraft } from "./work.js";

const LONGEST_NOTE = 2000;

const section = byId("form");
let saved = Promise.resolve();

// Show the draft; `leave` is called when the inspector goes back, `finished` when it is to be sent.
export function showForm(visit, { leave, finished }) {
  const state = make("p", { id: "saved", role: "status" });
  const bar = make("progress", { "aria-label": t("progressLabel") });
  const trouble = make("p", { role: "alert", class: "message failed" });
  const tell = () => {
    tellProgress(visit, state, bar);
    saved = keep(visit).then(() => tellSaved(visit, state), failed);
  };
  const failed = () => {
    trouble.textContent = t("notKept");
  };
  const finish = async () => {
    over.disabled = true;
    trouble.textContent = t("waitPhotos");
    const lost = await photosKept(visit);
    await saved;
    const lacking = lost || lacks(visit);
    setText(trouble, lacking);
    over.disabled = false;
    if (lacking) return;
    await become(visit, "waiting", { at: new Date().toISOString(), reason: "", placeAsked: true }).then(finished, failed);
  };
  const over = make("button", { type: "button", class: "primary wide", id: "finish", onclick: finish }, t("finish"));
  section.replaceChildren(
    make("button", { type: "button", class: "plain back", onclick: leave }, t("backToList")),
    ...stationHead(visit),
    placeField(visit, tell),
    ...grouped(visit, tell),
    ending(visit, tell),
    make("div", { class: "finish" }, state, bar, trouble, over),
  );
  tellProgress(visit, state, bar);
  section.hidden = false;
}

export function hideForm() {
  section.hidden = true;
  section.replaceChildren();
}

function lacks({ answers, photos, note }) {
  return Object.keys(answers).length || photos.length || note ? "" : t("lacksAnswers");
}

function tellProgress(visit, state, bar) {
  const { done, all } = progress(visit);
  bar.max = all || 1;
  bar.value = done;
  tellOnce(state, t("answered", { done: number(done), all: number(all) }));
}

function tellSaved(visit, state) {
  const { done, all } = progress(visit);
  tellOnce(state, t("answeredSaved", { done: number(done), all: number(all) }));
}

// What is said already is not said again: screen readers would repeat it at every letter.
function tellOnce(state, text) {
  if (state.textContent !== text) setText(state, text);
}

// The questions under the headings of their groups, numbered through.
function grouped(visit, tell) {
  const { questions, groups } = visit.form;
  const parts = [];
  questions.forEach((question, i) => {
    const group = groups.find(({ id }) => id === question.group);
    if (question.group !== questions[i - 1]?.group) parts.push(make("h3", {}, titled(group)));
    parts.push(questionField(visit, question, i + 1, tell));
  });
  return parts;
}

function ending(visit, tell) {
  const note = make("textarea", { rows: 3, maxlength: LONGEST_NOTE, id: "note" }, visit.note);
  note.addEventListener("input", () => {
    visit.note = note.value.trim();
    tell();
  });
  return make(
    "fieldset",
    { class: "question" },
    make("legend", {}, t("noteAndPhotos")),
    make("label", { for: "note" }, t("visitNote")),
    note,
    make("p", {}, t("visitPhotos")),
    photoField(visit, "", t("visitPhotos"), tell),
  );
}

// The position is asked for once, when the visit begins; who will not give it goes without. Later,
// maybe elsewhere, only a tap takes it. One that comes after the visit is finished is too late.
function placeField(visit, tell) {
  const state = make("p", { role: "status" });
  const again = make("button", { type: "button", class: "plain" }, t("placeAgain"));
  const take = async () => {
    again.disabled = true;
    state.textContent = t("placing");
    const { found, why } = await position().then((found) => ({ found }), ({ message }) => ({ why: message }));
    if (!(await stillDraft(visit))) return;
    if (found) visit.position = found;
    const failed = why && t(why === "denied" ? "placeDenied" : "placeFailed");
    setText(state, [failed, visit.position && placeText(visit)].filter(Boolean).join(" "));
    visit.placeAsked = true;
    again.disabled = false;
    tell();
  };
  again.addEventListener("click", take);
  if (!visit.placeAsked) take();
  else setText(state, visit.position ? placeText(visit) : t("placeNone"));
  const begun = make("p", { class: "quiet" }, t("begun", { when: clockText(local(visit.begun)) }));
  return make("div", { class: "place" }, state, begun, again);
}

function placeText({ position: { accuracy_m: metres } }) {
  return t("placed", { metres: number(metres) });
}

// An instant as the clock of this phone shows it.
export function local(instant) {
  const when = new Date(instant);
  return new Date(when - when.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
