// Where I am, typed: a county, a station's name, or coordinates. Names are asked of the server, or of
// what this phone keeps; coordinates of nobody.

import { get } from "../api.js";
import { byId, make, say } from "../dom.js";
import { number, t } from "../i18n.js";
import { sign } from "../signs.js";
import { packages } from "./taken.js";

const MOST = 8;
const PAIR = /^\s*([-+]?\d+(?:\.\d+)?)\s*[,，\s]\s*([-+]?\d+(?:\.\d+)?)\s*$/;
const STEP = 1e-5;

const form = byId("place");
const input = byId("where");
const opener = byId("type");
let chosen = () => {};
let asking = null;

export function startPlace(whenChosen) {
  chosen = whenChosen;
  opener.addEventListener("click", () => (form.hidden ? openPlace() : closePlace()));
  form.addEventListener("submit", lookUp);
  opener.disabled = false;
}

export function openPlace() {
  form.hidden = false;
  opener.setAttribute("aria-expanded", "true");
  input.focus();
}

export function closePlace() {
  form.hidden = true;
  opener.setAttribute("aria-expanded", "false");
}

async function lookUp(event) {
  event.preventDefault();
  const text = input.value.trim();
  const status = byId("place-status");
  byId("choices").replaceChildren();
  const pair = PAIR.exec(text);
  if (pair || !text) {
    const [lon, lat] = (pair ?? []).slice(1).map(Number);
    if (Math.abs(lon) <= 180 && Math.abs(lat) <= 90) choose({ lon, lat, name: `${lon}, ${lat}` });
    else say(status, t(text ? "badPlace" : "placeHint"), { failed: Boolean(text) });
    return;
  }
  say(status, t("loading"));
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const found = await search(text, signal).catch((error) => error);
  if (signal.aborted) return;
  if (found instanceof Error) {
    say(status, t("failed", { why: found.message }), { failed: true });
    return;
  }
  const places = [...found.areas, ...found.stations].slice(0, MOST);
  say(status, t(places.length ? "whichPlace" : "placeUnknown", { q: text }), { failed: !places.length });
  byId("choices").replaceChildren(...places.map(choice));
  byId("choices").querySelector("button")?.focus();
}

async function search(text, signal) {
  try {
    return await get("search", { q: text, limit: MOST }, signal);
  } catch (error) {
    if (error.status !== 0 || !packages().length) throw error;
    return searchKept(text.toLowerCase());
  }
}

function searchKept(wanted) {
  const holds = (name) => name.toLowerCase().includes(wanted);
  const areas = packages().map(({ known }) => ({ name: known.name, lon: known.origin[0], lat: known.origin[1], stations: known.stations.id.length })).filter(({ name }) => holds(name));
  const stations = packages().flatMap(({ known: { stations: { name, kind, east, north }, origin } }) =>
    name.flatMap((each, n) => (holds(each) ? [{ name: each, kind: kind[n], lon: origin[0] + east[n] * STEP, lat: origin[1] + north[n] * STEP }] : [])),
  );
  return { areas, stations };
}

function choice(place) {
  const text = "kind" in place ? place.name : t("areaPlace", { name: place.name, n: number(place.stations) });
  return make("li", {}, make("button", { type: "button", class: "plain wide", onclick: () => choose(place) }, "kind" in place ? sign(place.kind) : null, make("span", {}, text)));
}

function choose({ lon, lat, name }) {
  say(byId("place-status"), "");
  byId("choices").replaceChildren();
  closePlace();
  chosen({ lon, lat, title: "nearPlace", name });
}
