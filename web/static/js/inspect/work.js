// The work of one account on this phone: its stops, the forms taken along, its visits.
// A visit is a draft, then waiting, sending, and sent or refused.

import { account } from "./account.js";
import { erase, erasePhotos, read, readAll, write, writeAll } from "./store.js";

export const work = { stops: [], forms: new Map(), visits: [] };

const listeners = new Set();

export function whenWorkChanges(listener) {
  listeners.add(listener);
}

export function changed() {
  for (const listener of listeners) listener();
}

// Read everything of the account this phone works for; of nobody, nothing.
export async function recall() {
  const who = account?.name;
  const [stops, forms, visits] = who ? await Promise.all([read("stops", who), readAll("forms", who), readAll("visits", who)]) : [];
  work.stops = stops?.stops ?? [];
  work.forms = new Map((forms ?? []).map((each) => [each.station, each]));
  work.visits = (visits ?? []).sort((a, b) => (a.begun < b.begun ? -1 : 1));
  changed();
}

export async function keepStops(stops) {
  await write("stops", { who: account.name, stops });
  work.stops = stops;
  changed();
}

// Forms of the stops listed stay, others go; those of drafts are in the drafts.
export async function keepForms(forms) {
  const at = new Date().toISOString();
  const records = forms.map((form) => ({ who: account.name, station: form.station.id, at, form }));
  await writeAll("forms", records);
  for (const record of records) work.forms.set(record.station, record);
  const listed = new Set(work.stops.map(({ id }) => id));
  for (const station of [...work.forms.keys()].filter((id) => !listed.has(id))) {
    await erase("forms", [account.name, station]);
    work.forms.delete(station);
  }
  changed();
}

export function visitOf(key) {
  return work.visits.find((visit) => visit.key === key);
}

// The newest visit to a station that is not over.
export function openVisit(station) {
  return work.visits.findLast((visit) => visit.form.station.id === station && visit.state !== "sent");
}

export function lastVisit(station) {
  return work.visits.findLast((visit) => visit.form.station.id === station);
}

// Begin a visit to a station by its form; `links` lead there.
export async function begin(form, links) {
  const visit = {
    key: newKey(), who: account.name, form, links, begun: new Date().toISOString(), at: null, state: "draft",
    position: null, placeAsked: false, answers: {}, note: "", photos: [], attempts: 0, reason: "", result: null,
  };
  await write("visits", visit);
  work.visits.push(visit);
  changed();
  return visit;
}

// Keep a visit as it now is; resolves when it is safe on this phone.
export function keep(visit) {
  return write("visits", visit);
}

export async function become(visit, state, more = {}) {
  Object.assign(visit, { state }, more);
  await keep(visit);
  changed();
}

// Once the server has answered, the same visit needs a new key to be taken for another one.
export function reopen(visit) {
  const anew = { attempts: 0, reason: "", at: null, photos: visit.photos.map((photo) => ({ ...photo, sent: false })) };
  return become(visit, "draft", visit.attempts ? { ...anew, sendKey: newKey() } : anew);
}

export async function drop(visit) {
  await erasePhotos(visit.key);
  await erase("visits", visit.key);
  work.visits = work.visits.filter((each) => each !== visit);
  changed();
}

// Another tab may have sent or deleted it meanwhile; tells whether it is still to be sent.
export async function stillWaits(visit) {
  const kept = await read("visits", visit.key);
  if (kept) Object.assign(visit, kept);
  else work.visits = work.visits.filter((each) => each !== visit);
  return Boolean(kept) && isWaiting(kept);
}

// The visit of a key as another tab may have left it, if it is still in that state; else null, and
// this page shows what is so.
export async function still(key, state) {
  const kept = await read("visits", key);
  if (kept?.state !== state || !visitOf(key)) {
    await recall();
    return null;
  }
  return Object.assign(visitOf(key), kept);
}

// Whether it may still be changed: what was finished, here or in another tab, is sent as it was.
export async function stillDraft(visit) {
  const kept = await read("visits", visit.key);
  return kept?.state === "draft" && visit.state === "draft";
}

function isWaiting({ state }) {
  return state === "waiting" || state === "sending";
}

export function waiting() {
  return work.visits.filter(isWaiting).sort((a, b) => (a.at < b.at ? -1 : 1));
}

// How many questions are answered, of how many.
export function progress(visit) {
  const { questions } = visit.form;
  const done = questions.filter(({ id, kind }) => (kind === "photo" ? visit.photos.some(({ question }) => question === id) : id in visit.answers));
  return { done: done.length, all: questions.length };
}

// Not crypto.randomUUID: a page served without TLS has none.
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
