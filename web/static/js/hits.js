// One answer of `nearest` in the list: what decides whether to go there, and where else if not.

import { get } from "./api.js";
import { syntheticMark } from "./cards.js";
import { make } from "./dom.js";
import { distance, t, titled } from "./i18n.js";
import { closeSheet } from "./panels.js";
import { term } from "./register.js";
import { atParameter, state } from "./state.js";
import { showStation, sign } from "./stations.js";
import { visitParts } from "./visit.js";

export function hitItem(hit) {
  const item = make("li", { class: "hit" }, head(hit), make("div", { class: "hit-body" }, ...visitParts(hit, reasons(hit), fallback(hit))));
  item.addEventListener("toggle", ({ target }) => target.open && target.scrollIntoView({ block: "nearest" }), { capture: true });
  return item;
}

function head(hit) {
  return make(
    "button",
    { type: "button", class: "row", onclick: () => show(hit) },
    sign(hit.kind),
    make("span", { class: "name" }, hit.name),
    make("span", { class: "far" }, minutes(hit)),
    make("span", { class: "quiet" }, wayText(hit), " · ", term("kinds", hit.kind), " ", syntheticMark(hit)),
  );
}

// Metres along the road where it is known, else straight ones.
function wayText(hit) {
  return hit.road_m == null ? distance(hit.distance_m) : t("roadMetres", { distance: distance(hit.road_m) });
}

function minutes(hit) {
  return t(hit.estimated ? "minutesAbout" : "minutes", { n: Math.max(1, Math.round(hit.minutes)) });
}

// The first reason is the door's state, which stands above already.
function reasons({ why: [, ...closer] }) {
  if (!closer.length) return null;
  return make("ul", { class: "why quiet" }, ...closer.map((reason) => make("li", {}, titled(reason))));
}

function fallback({ fallback: next }) {
  if (!next) return null;
  const text = t("fallback", { name: next.name, minutes: minutes({ estimated: true, ...next }) });
  return make("button", { type: "button", class: "fallback", onclick: () => follow(next) }, text);
}

async function follow(next) {
  const { at } = state;
  show(await get(`stations/${encodeURIComponent(next.id)}`, { at: atParameter() }).then((told) => ({ ...told, at }), () => next));
}

function show(station) {
  closeSheet();
  showStation(station);
}
