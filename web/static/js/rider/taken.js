// Areas taken along: after an answer, the stations of the prefectures it lies in come to this phone;
// of very many those around its first. What is asked for is an area, and a station: no position.

import { get } from "../api.js";
import { byId, setText } from "../dom.js";
import { t, whenLanguage } from "../i18n.js";
import { ageText } from "./ages.js";
import { all, drop, put } from "./keep.js";

const MOST = 4; // areas kept
const FRESH_MS = 10 * 60_000; // younger ones are not asked for again
const AREAS_OF_ANSWER = 2;
const NEAR_M = 50_000; // what is farther is not where this phone is about
const DIGITS = 4; // of an area code: a prefecture

let kept = []; // the newest first: { area, at, known }
let recalled = null;

// What is kept, as the API gave it, with `at`: when the server last said so.
export function packages() {
  return kept;
}

// Settles when what is kept is known.
export function recall() {
  recalled ??= reread();
  return recalled;
}

async function reread() {
  kept = (await all("areas").catch(() => kept)).sort((a, b) => b.at - a.at);
  tell();
}

export async function takeAlong(stations) {
  await recall();
  if (navigator.connection?.saveData && kept.length) return;
  const firsts = new Map();
  for (const { area_code: code, id } of stations.filter((each) => each.distance_m <= NEAR_M)) {
    const area = code.slice(0, DIGITS);
    if (area && !firsts.has(area)) firsts.set(area, id);
  }
  for (const [area, id] of [...firsts].slice(0, AREAS_OF_ANSWER)) await take(area, id).catch(() => {});
}

async function take(area, id) {
  const known = kept.find((each) => each.area === area);
  const holds = (each) => each && (!each.known.left_out || each.known.stations.id.includes(id));
  if (holds(known) && Date.now() - known.at < FRESH_MS) return;
  let record = { area, known: await get("offline", { area }) };
  if (!holds(record)) record = { area, known: await get("offline", { area, around: id }) };
  await put("areas", { ...record, at: Date.now() });
  await reread();
  for (const old of kept.splice(MOST)) await drop("areas", old.area);
}

function tell() {
  setText(byId("kept"), kept.length ? t("keptArea", { names: kept.map(({ known }) => known.name).join(t("comma")), age: ageText(Math.min(...kept.map(({ at }) => at))) }) : "");
}

whenLanguage(tell);
