// Finished visits on their way: in order, photos first, each under its own key, so that what is
// sent twice counts once. A refusal keeps the visit and says why; a lost network keeps it waiting.

import { post, Problem, put } from "../api.js";
import { t } from "../i18n.js";
import { account, expired, known, recognise } from "./account.js";
import { erasePhotos, read } from "./store.js";
import { become, changed, keep, recall, stillWaits, waiting, work } from "./work.js";

const AGAIN_MS = 60_000;
const GONE = 410; // a refusal, as if the server had said it

export const sending = { running: false, why: "" };

const listeners = new Set();
let timer = null;

// Call `listener` with how many were sent and how many refused, each time there are any.
export function whenSent(listener) {
  listeners.add(listener);
}

// Send all that waits. One page sends at a time; who calls meanwhile need do nothing.
export async function sendAll() {
  if (sending.running || !waiting().length || !navigator.onLine) return;
  sending.running = true;
  sending.why = "";
  const done = { sent: 0, refused: 0 };
  changed();
  try {
    await alone(() => sendEach(done).finally(putAllBack));
  } catch (error) {
    sending.why = error.message;
  } finally {
    sending.running = false;
    changed();
    if (done.sent || done.refused) for (const listener of listeners) listener(done);
    later();
  }
}

// No two tabs send at once, where the browser can tell.
function alone(run) {
  if (!navigator.locks) return run();
  return navigator.locks.request("inspector-sending", { ifAvailable: true }, (lock) => (lock ? run() : undefined));
}

function later() {
  clearTimeout(timer);
  if (waiting().length && known !== false) timer = setTimeout(sendAll, AGAIN_MS);
}

async function sendEach(done) {
  for (const visit of waiting()) {
    await recognise();
    if (!known) return;
    if (visit.who !== account.name) {
      await recall(); // somebody else has signed in
      return;
    }
    if (!(await stillWaits(visit))) continue;
    await become(visit, "sending", { attempts: visit.attempts + 1 });
    try {
      const result = await sendOne(visit);
      await become(visit, "sent", { result, reason: "" });
      done.sent += 1;
      await erasePhotos(visit.key);
    } catch (error) {
      await putBack(visit, error);
      if (visit.state === "refused") done.refused += 1;
      if (mustStop(error)) throw error;
    }
  }
}

// What is still being sent when sending ends was left so by a page that is gone: it waits again.
// Only for who sends alone, or it would be taken from the tab that sends it.
async function putAllBack() {
  for (const visit of work.visits.filter(({ state }) => state === "sending")) {
    if ((await stillWaits(visit)) && visit.state === "sending") await become(visit, "waiting");
  }
}

async function sendOne(visit) {
  const station = visit.form.station.id;
  for (const photo of visit.photos.filter(({ sent }) => !sent)) {
    const kept = await read("photos", [visit.key, photo.sha256]);
    if (!kept) throw new Problem(GONE, t("photoGone", { name: photo.name }));
    await put(`photos/${photo.sha256}?station=${encodeURIComponent(station)}`, new Blob([kept.bytes], { type: photo.type }));
    photo.sent = true;
    await keep(visit);
  }
  return post("visits", {
    station,
    key: visit.sendKey ?? visit.key,
    form: visit.form.version,
    standard: visit.form.standard.id,
    at: visit.at,
    position: visit.position,
    answers: visit.answers,
    note: visit.note,
    photos: visit.photos.map(({ sha256, name, taken, question }) => ({ sha256, name, taken, question })),
  });
}

function putBack(visit, error) {
  if (isRefusal(error)) return become(visit, "refused", { reason: error.message });
  return become(visit, "waiting", { reason: error.status ? error.message : "" });
}

// The server will not take this visit as it is. What is busy, broken or unreachable may take it
// later, and so may one who has signed in.
function isRefusal({ status }) {
  return status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);
}

function mustStop(error) {
  if (error.status === 401) {
    expired();
    error.message = t("signInToSend");
  }
  return !error.status || [401, 408, 425, 429].includes(error.status);
}
