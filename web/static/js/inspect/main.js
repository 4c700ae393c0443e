// The inspector's page: a list of stops, a form for each, and what was recorded on its way.
// The list is at the address itself, a visit's form at `#` and its key, so that a reload comes back.

import "../../words/visit.js";

import { byId, setText } from "../dom.js";
import { number, startLanguage, t } from "../i18n.js";
import { account, expired, known, recognise } from "./account.js";
import { writeBanners } from "./banners.js";
import { hideForm, showForm } from "./form.js";
import { showLists } from "./list.js";
import { startWorker } from "./offline.js";
import { sendAll, whenSent } from "./send.js";
import { formsOf, list, listNearest, takeAlong, wish } from "./stops.js";
import { begin, drop, recall, visitOf, whenWorkChanges, work } from "./work.js";

const status = byId("status");
let ready = false;
let shown = null; // the visit whose form is on the page

start();

async function start() {
  startLanguage(write);
  byId("nearest").addEventListener("click", () => chosen(listNearest));
  byId("named").addEventListener("submit", nameStops);
  byId("take").addEventListener("click", () => attempt(takeAlong, "taken"));
  byId("tidy").addEventListener("click", tidy);
  whenSent(({ sent, refused }) => tell(t(refused ? "sentRefused" : "sentAll", { sent: number(sent), refused: number(refused) }), refused > 0));
  for (const event of ["online", "offline"]) addEventListener(event, connected);
  await attempt(settle);
  byId("list").removeAttribute("aria-busy");
  await sendAll();
}

// Who is it, what is kept here, what does the address ask for.
async function settle() {
  startWorker(writeBanners);
  await recall();
  await attempt(whoIsIt);
  ready = true;
  whenWorkChanges(writeAll);
  addEventListener("hashchange", route);
  write();
  route();
  const asked = wish(location.search);
  if (asked && known && navigator.onLine) await list(asked);
}

async function whoIsIt() {
  const before = account?.name;
  if (!navigator.onLine) return;
  try {
    await recognise();
  } catch (error) {
    if (error.status) throw error; // no network: it goes on as whoever it was
  }
  if (account?.name !== before) await recall();
  writeAll();
}

async function connected() {
  writeAll();
  if (!navigator.onLine) return;
  await attempt(whoIsIt);
  await sendAll();
}

// In another language; a form under way is written anew only for that.
function write() {
  writeAll();
  if (shown) draw(shown);
}

function writeAll() {
  writeBanners();
  setText(byId("who"), account ? account.title || account.name : "");
  byId("choose").hidden = !ready || !account;
  byId("stops-tools").hidden = !work.stops.length;
  writeTake();
  byId("stops-state").textContent = !ready ? t("loading") : !account ? t("stopsSignIn") : work.stops.length ? "" : t("stopsNone");
  showLists(goTo, startVisit);
  if (shown && !visitOf(shown.key)) goBack(); // it belongs to somebody else, or is gone
}

function writeTake() {
  const lacking = work.stops.some(({ id }) => !work.forms.has(id));
  byId("take").disabled = !navigator.onLine;
  byId("take").textContent = t(lacking ? "take" : "takeAgain");
  byId("take").className = lacking ? "primary wide" : "plain wide";
}

// The form of the address's visit, or the lists.
function route() {
  const visit = visitOf(location.hash.slice(1));
  const draft = visit?.state === "draft" ? visit : null;
  if (draft === shown && !byId("list").hidden === !draft) return;
  const left = shown;
  shown = draft;
  byId("list").hidden = Boolean(draft);
  tell("");
  if (draft) {
    draw(draft);
    byId("form-title").focus();
  } else {
    hideForm();
    writeAll();
    if (left) byId("stops-title").focus();
  }
  scrollTo(0, 0);
}

function draw(visit) {
  showForm(visit, { leave: goBack, finished });
}

function goTo(visit) {
  location.hash = visit.key;
}

function goBack() {
  if (location.hash) location.hash = "";
  else route();
}

function finished() {
  goBack();
  route();
  tell(t(navigator.onLine ? "finishedOnline" : "finishedOffline"));
  sendAll();
}

function startVisit(stop) {
  return attempt(async () => {
    const form = work.forms.get(stop.id)?.form ?? (await fetched(stop));
    goTo(await begin(form, stop.links));
  });
}

async function fetched(stop) {
  try {
    const { forms } = await formsOf([stop.id]);
    if (forms.length) return forms[0];
  } catch (error) {
    if (error.status === 0) throw new Error(t("formNotTaken"));
    throw error;
  }
  throw new Error(t("formsMissing", { ids: stop.id }));
}

function nameStops(event) {
  event.preventDefault();
  const asked = wish(byId("names").value);
  if (asked) chosen(() => list(asked));
}

// Stops chosen by hand: the address no longer tells which.
function chosen(how) {
  history.replaceState(null, "", location.pathname);
  return attempt(how, "");
}

async function tidy() {
  for (const visit of work.visits.filter(({ state }) => state === "sent")) await drop(visit);
  byId("stops-title").focus();
}

// Do something that may fail, and say how it went.
async function attempt(doing, done = null) {
  tell(t("working"));
  try {
    await doing();
    if (done !== null) tell(done && t(done));
    else if (status.textContent === t("working")) tell("");
  } catch (error) {
    if (error.status === 401) expired();
    if (!ready) byId("stops-state").textContent = "";
    tell(t("went", { why: ["denied", "failed"].includes(error.message) ? t(`place_${error.message}`) : error.message }), true);
    if (ready) writeAll();
  }
}

function tell(text, failed = false) {
  setText(status, text);
  status.classList.toggle("failed", failed);
}
