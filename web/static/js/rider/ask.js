// Where to go now: asked of the server, or, without a network, of what this phone keeps.

import { get } from "../api.js";
import { byId, make, say, setText } from "../dom.js";
import { tellActivities } from "../happening.js";
import { hitItem } from "../hits.js";
import { distance, t, whenLanguage } from "../i18n.js";
import { lifted } from "../press.js";
import { needsParameter, state, whenAsked } from "../state.js";
import { answerText, wayOut } from "../told.js";
import { ageText, isOld } from "./ages.js";
import { answerFrom, stationFrom } from "./away.js";
import { visitTime } from "./filters.js";
import { openPlace } from "./place.js";
import { packages, recall, takeAlong } from "./taken.js";

const HOW_MANY = 5;
const DIGITS = 6; // of a degree: a decimetre
const PATIENCE_MS = 15_000; // then what is kept is better than nothing
const ROUGH_M = 300;
const AGEING_MS = 60_000;

let asked = null; // { lon, lat, title, name?, accuracy? } of the last question
let answer = null; // with `toldAt`, `terms`
let pending = null;

const status = byId("near-status");
const title = byId("near-title");
const list = byId("near");
const button = byId("locate");

export function startAsking() {
  button.addEventListener("click", locate);
  whenAsked(() => asked && find(asked, { still: true }), "needs", "mode", "stay", "open", "at", "night");
  whenLanguage(show);
  setInterval(age, AGEING_MS);
  document.addEventListener("visibilitychange", age);
  window.addEventListener("online", () => answer?.offline && !byId("anew") && status.append(...offerAnew()));
  button.disabled = false;
}

function locate() {
  if (!navigator.geolocation) {
    refused("typeFailed");
    return;
  }
  say(status, t("locating"));
  button.setAttribute("aria-busy", "true");
  navigator.geolocation.getCurrentPosition(
    ({ coords: { longitude, latitude, accuracy } }) => find({ lon: longitude, lat: latitude, accuracy, title: "nearHere" }),
    (error) => refused(error.code === error.PERMISSION_DENIED ? "typeDenied" : "typeFailed"),
    { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
  );
}

function refused(word) {
  button.removeAttribute("aria-busy");
  say(status, t(word), { failed: true });
  openPlace();
}

// `still`: the conditions have changed, the page stays where it is.
export async function find(question, { still = false } = {}) {
  asked = question;
  byId("first").hidden = true;
  byId("map").href = `/map#at=${question.lon.toFixed(DIGITS)},${question.lat.toFixed(DIGITS)}`;
  say(status, t("loading"));
  list.setAttribute("aria-busy", "true");
  pending?.abort();
  pending = new AbortController();
  const { signal } = pending;
  const terms = { ...visitTime(), mode: state.mode, open: state.night ? "arrival" : state.open };
  try {
    const found = await askAnybody(question, terms, signal);
    await lifted();
    if (signal.aborted) return;
    answer = { ...found, terms, toldAt: Date.now() };
  } catch (error) {
    if (signal.aborted) return;
    answer = null;
    list.replaceChildren();
    const text = error.status >= 500 ? t("serverFailed", { why: error.message }) : error.words ?? t("failed", { why: error.message });
    say(status, text, { retry: { label: t("retry"), run: () => find(question) } });
  }
  button.removeAttribute("aria-busy");
  list.removeAttribute("aria-busy");
  show();
  if (!answer) return;
  if (!still) bring(title);
  if (!answer.offline) takeAlong(answer.stations);
}

// The server's answer; without one that of this phone. What is wrong with the question is thrown.
async function askAnybody(question, terms, signal) {
  let failed;
  if (navigator.onLine) {
    try {
      return await askServer(question, terms, signal);
    } catch (error) {
      if (signal.aborted || (error.status > 0 && error.status < 500)) throw error;
      failed = error;
    }
  }
  await recall();
  const found = packages().length ? answerFrom(packages(), ownQuestion(question, terms), Date.now()) : null;
  if (found) return { ...found, failed };
  if (failed?.status >= 500) throw failed;
  const names = packages().map(({ known }) => known.name).join(t("comma"));
  throw Object.assign(new Error(), { words: names ? t("noneNearKept", { names }) : t("noneKept") });
}

function askServer({ lon, lat }, { at, stay, mode, open }, signal) {
  const place = { lon: lon.toFixed(DIGITS), lat: lat.toFixed(DIGITS) };
  const parameters = { ...place, limit: HOW_MANY, needs: needsParameter(), mode, stay, open, at: at && `${at}+08:00`, by: "time" };
  return Promise.race([get("nearest", parameters, signal), tooLate(signal)]);
}

function tooLate(signal) {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(Object.assign(new Error(t("slowed")), { status: 0 })), PATIENCE_MS);
    signal.addEventListener("abort", () => clearTimeout(timer));
  });
}

function ownQuestion({ lon, lat }, { at, stay, mode, open }) {
  return { lon, lat, needs: [...state.needs], mode, stay, open, at: at && `${at}+08:00`, limit: HOW_MANY };
}

function show() {
  if (!answer) return;
  const { terms, stations } = answer;
  setText(title, t(asked.title, { name: asked.name }));
  title.hidden = false;
  say(status, answerText(answer, terms));
  if (asked.accuracy > ROUGH_M) status.append(` ${t("accuracy", { far: distance(asked.accuracy) })}${t("stop")}`);
  if (answer.offline) status.append(...offlineTold());
  status.append(" ", wayOut(answer, terms) ?? "");
  byId("synthetic").hidden = !answer.synthetic;
  list.replaceChildren(...stations.map(item));
  if (!answer.offline && navigator.onLine) tellActivities([...list.children], ".actions");
}

function offlineTold() {
  const { offline, failed } = answer;
  const parts = [failed?.status >= 500 ? t("serverFailed", { why: failed.message }) : "", t("offlineAnswer", { age: ageText(offline) }), isOld(offline) ? t("offlineOld") : ""];
  const told = make("strong", { class: `offline${isOld(offline) ? " old" : ""}` }, parts.filter(Boolean).join(" "));
  return [told, ...(navigator.onLine ? offerAnew() : [])];
}

// There is a network again: the register knows better than this phone.
function offerAnew() {
  return [" ", make("button", { type: "button", id: "anew", class: "plain", onclick: () => find(asked) }, t("askAgain"))];
}

function item(hit) {
  const made = hitItem(hit, { follow });
  made.dataset.id = hit.id;
  const menu = made.querySelector(".report");
  menu.before(make("button", { type: "button", class: "plain confirm", "aria-label": `${t("worked")}: ${hit.name}`, onclick: (event) => confirm(menu, event.target) }, t("worked")));
  made.tabIndex = -1;
  return made;
}

// "It works" is one tap: the menu's own choice, made for the rider.
function confirm(menu, button) {
  menu.open = true;
  menu.querySelector("[data-outcome=worked]")?.click();
  menu.querySelector("summary").focus({ preventScroll: true });
  button.remove();
}

// The fallback is in the list, or comes to its end.
async function follow(next) {
  const here = [...list.children].find((each) => each.dataset.id === next.id);
  if (here) {
    bring(here);
    return;
  }
  const now = answer;
  const station = await toldOf(next);
  if (answer !== now || !station) return;
  answer.stations.push({ ...next, kind: "standard", amenities: [], why: [], ...station, fallback: null, minutes: next.minutes, distance_m: next.distance_m, road_m: next.road_m, estimated: next.estimated });
  list.append(item(answer.stations.at(-1)));
  bring(list.lastElementChild);
}

async function toldOf({ id }) {
  const { terms } = answer;
  const own = () => stationFrom(packages(), id, ownQuestion(asked, terms), Date.now());
  if (answer.offline) return own();
  return get(`stations/${encodeURIComponent(id)}`, { at: terms.at && `${terms.at}+08:00` }).catch(own);
}

function bring(element) {
  element.scrollIntoView({ block: "start" });
  element.focus({ preventScroll: true });
}

// An answer grows old on the screen: say so, and offer a new one.
function age() {
  if (!answer || document.hidden) return;
  const old = Date.now() - answer.toldAt > 15 * AGEING_MS;
  const note = byId("aged");
  if (!old || note) return;
  status.append(" ", make("span", { id: "aged" }, t("answerOld", { age: ageText(answer.toldAt) }), " ", make("button", { type: "button", class: "plain", onclick: () => find(asked) }, t("askAgain"))));
}
