// Search among the stations and the areas; a combobox that works from the keyboard.

import { get } from "./api.js";
import { areas, showArea } from "./areas.js";
import { byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { closeSheet } from "./panels.js";
import { lifted } from "./press.js";
import { sign } from "./signs.js";
import { allLoaded, known, records, showStation } from "./stations.js";

const MOST = 8;
const PAUSE_MS = 150; // so long after a key the server is asked
const input = byId("search");
const list = byId("found");
let found = [];
let current = -1;
let entered = false; // Enter was pressed before anything was found
let asking = null; // what ends the question to the server
let pause = 0;

export function startSearch() {
  input.addEventListener("input", search);
  input.addEventListener("keydown", onKey);
  input.addEventListener("blur", () => close());
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // keep the focus
}

// More has come to search in: look again if somebody is waiting.
export function searchAgain() {
  if (list.hidden) return;
  const chosen = entered;
  search();
  if (chosen && found.length) choose(0);
  else entered = chosen;
}

function search() {
  entered = false;
  asking?.abort();
  clearTimeout(pause);
  const wanted = input.value.trim().toLowerCase();
  if (!wanted) {
    close();
    return;
  }
  if (allLoaded()) {
    show(wanted, matchingStations(wanted));
    return;
  }
  show(wanted, []);
  pause = setTimeout(() => askServer(wanted), PAUSE_MS);
}

function show(wanted, stations) {
  const hits = stations.map((station) => ({ name: station.name, mark: sign(station.kind), go: () => showStation(station) }));
  found = [...matchingAreas(wanted), ...hits].slice(0, MOST);
  draw();
}

async function askServer(wanted) {
  const { signal } = (asking = new AbortController());
  try {
    const { stations } = await get("search", { q: wanted, limit: MOST }, signal);
    await lifted();
    if (signal.aborted) return;
    const chosen = entered;
    show(wanted, stations.map(known));
    if (chosen && found.length) choose(0);
  } catch (error) {
    if (error.name !== "AbortError") list.replaceChildren(note(t("failed", { why: error.message })));
  }
}

function matchingAreas(wanted) {
  const hits = [...areas].filter(([, { name }]) => name.toLowerCase().includes(wanted)).slice(0, 3);
  return hits.map(([code, { name }]) => ({ name, mark: null, go: () => showArea(code) }));
}

function matchingStations(wanted) {
  const hits = [];
  for (const station of records.values()) {
    if (station.name.toLowerCase().includes(wanted)) hits.push(station);
    if (hits.length === MOST) break;
  }
  return hits;
}

function draw() {
  current = found.length ? 0 : -1;
  const options = found.map(({ name, mark }, i) =>
    make("li", { role: "option", id: `found-${i}`, onclick: () => choose(i) }, mark, name),
  );
  list.replaceChildren(...(options.length ? options : [note(t("searchNone"))]));
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  mark();
}

// A line that cannot be chosen.
function note(text) {
  return make("li", { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "quiet" }, text);
}

function mark() {
  [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === current)));
  if (current >= 0) input.setAttribute("aria-activedescendant", `found-${current}`);
  else input.removeAttribute("aria-activedescendant");
}

function onKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && found.length && !list.hidden) {
    current = (current + step + found.length) % found.length;
    mark();
    event.preventDefault();
  } else if (event.key === "Enter" && !list.hidden) {
    if (current >= 0) choose(current);
    else entered = true;
    event.preventDefault();
  } else if (event.key === "Escape") {
    close();
  }
}

function choose(i) {
  const { name, go } = found[i];
  input.value = name;
  close();
  closeSheet();
  go();
}

function close() {
  list.hidden = true;
  current = -1;
  entered = false;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}
