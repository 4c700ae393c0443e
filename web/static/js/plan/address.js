// The address of the page: it holds the question, the hour, the suppositions, the tab and where the
// map is, so that a link shows somebody else the same, and back and forward work.

import { map } from "../chart.js";
import { ask, state, whenAsked } from "../state.js";
import { layerOf } from "./question.js";

const PARTS = ["layer", "within", "by", "hours", "date", "through", "floor", "profile", "since", "view", "tab", "side", "plan", "a", "b"];
const LISTS = { needs: { of: (needs) => [...needs].join(","), to: (text) => new Set(text.split(",").filter(Boolean)) } };
const WISH = "wish";
const DIGITS = 5; // of a degree: a metre
const usual = {};
let writing = true; // whether changes go into the address
let placed = null; // where the address said the map is when the page was opened

// Take the address's question, and from now on write what is asked into it.
export function startAddress() {
  for (const part of [...PARTS, "needs", "hour", "what", WISH]) usual[part] = state[part];
  Object.assign(state, read());
  placed = place();
  whenAsked(() => note(true), ...PARTS, "needs", "what", WISH);
  whenAsked(() => note(false), "hour");
  map.on("moveend", () => note(false));
  addEventListener("popstate", follow);
}

// Go where the address said the map is; false if it said nothing.
export function goToPlace() {
  if (placed) go(placed);
  return Boolean(placed);
}

export function wasPlaced() {
  return Boolean(placed);
}

function go([lon, lat, zoom]) {
  map.setView([lat, lon], zoom, { animate: false });
}

function place() {
  const at = new URLSearchParams(location.search).get("at")?.split(",").map(Number) ?? [];
  return at.length === 3 && at.every(Number.isFinite) && Math.abs(at[0]) <= 180 && Math.abs(at[1]) <= 85 ? at : null;
}

function read() {
  const given = new URLSearchParams(location.search);
  const found = { ...usual, needs: new Set(usual.needs), what: given.getAll("what") };
  for (const part of PARTS) if (given.has(part)) found[part] = given.get(part);
  for (const [part, { to }] of Object.entries(LISTS)) if (given.has(part)) found[part] = to(given.get(part));
  const hour = Number(given.get("hour") || NaN);
  found.hour = Number.isInteger(hour) && hour >= 0 && hour < 168 ? hour : null;
  found[WISH] = Object.fromEntries(given.getAll("w").map((each) => each.split(/:(.*)/s, 2)));
  return found;
}

async function follow() {
  writing = false;
  try {
    const at = place();
    await ask(read());
    if (at) go(at);
  } finally {
    writing = true;
  }
}

// A place on the map is left out of a restricted layer's address: it may tell where a site is.
function note(step) {
  if (!writing) return;
  const told = new URLSearchParams();
  for (const part of PARTS) if (state[part] && state[part] !== usual[part]) told.set(part, state[part]);
  for (const [part, { of }] of Object.entries(LISTS)) if (of(state[part])) told.set(part, of(state[part]));
  if (state.hour != null) told.set("hour", state.hour);
  for (const each of state.what) told.append("what", each);
  for (const [name, value] of Object.entries(state[WISH] ?? {})) told.append("w", `${name}:${value}`);
  if (!(layerOf()?.restricted ?? true)) {
    const { lng, lat } = map.getCenter();
    told.set("at", [lng.toFixed(DIGITS), lat.toFixed(DIGITS), map.getZoom()].join(","));
  }
  const now = `${location.pathname}?${told}`;
  if (now === location.pathname + location.search) return;
  if (step) history.pushState(null, "", now);
  else history.replaceState(null, "", now);
}
