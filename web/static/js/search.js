// Search among the loaded stations and the areas; a combobox that works from the keyboard.

import { areas, showArea } from "./areas.js";
import { byId, make } from "./dom.js";
import { t } from "./i18n.js";
import { closeSheet } from "./panels.js";
import { records, showStation, sign } from "./stations.js";

const MOST = 8;
const input = byId("search");
const list = byId("found");
let found = [];
let current = -1;
let entered = false; // Enter was pressed before anything was found

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
  const wanted = input.value.trim().toLowerCase();
  if (!wanted) {
    close();
    return;
  }
  found = [...matchingAreas(wanted), ...matchingStations(wanted)].slice(0, MOST);
  draw();
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
  return hits.map((station) => ({ name: station.name, mark: sign(station.kind), go: () => showStation(station) }));
}

function draw() {
  current = found.length ? 0 : -1;
  const options = found.map(({ name, mark }, i) =>
    make("li", { role: "option", id: `found-${i}`, onclick: () => choose(i) }, mark, name),
  );
  const none = make("li", { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "quiet" }, t("searchNone"));
  list.replaceChildren(...(options.length ? options : [none]));
  list.hidden = false;
  input.setAttribute("aria-expanded", "true");
  mark();
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
