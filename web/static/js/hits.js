// One answer of `nearest` in the list: what decides whether to go there, and where else if not.

import { make } from "./dom.js";
import { distance, t, titled, wayTime } from "./i18n.js";
import { term } from "./register.js";
import { sign, syntheticMark } from "./signs.js";
import { visitParts } from "./visit.js";

// `choose`: what a tap on the name does, if anything; `follow`: what a tap on the fallback does.
export function hitItem(hit, { choose, follow }) {
  const item = make("li", { class: "hit" }, head(hit, choose), make("div", { class: "hit-body" }, ...visitParts(hit, reasons(hit), fallback(hit, follow))));
  item.addEventListener("toggle", ({ target }) => target.open && target.scrollIntoView({ block: "nearest" }), { capture: true });
  return item;
}

function head(hit, choose) {
  const parts = [
    sign(hit.kind),
    make(choose ? "span" : "h3", { class: "name" }, hit.name),
    make("span", { class: "far" }, minutes(hit)),
    make("span", { class: "quiet" }, wayText(hit), " · ", term("kinds", hit.kind), " ", syntheticMark(hit)),
  ];
  if (!choose) return make("div", { class: "row" }, ...parts);
  return make("button", { type: "button", class: "row", onclick: () => choose(hit) }, ...parts);
}

// Metres along the road where it is known, else straight ones.
function wayText(hit) {
  return hit.road_m == null ? distance(hit.distance_m) : t("roadMetres", { distance: distance(hit.road_m) });
}

function minutes(hit) {
  return wayTime(hit.minutes, { about: hit.estimated });
}

// The first reason is the door's state, which stands above already.
function reasons({ why: [, ...closer] }) {
  if (!closer.length) return null;
  return make("ul", { class: "why quiet" }, ...closer.map((reason) => make("li", {}, titled(reason))));
}

function fallback({ fallback: next }, follow) {
  if (!next) return null;
  const text = t("fallback", { name: next.name, minutes: minutes({ estimated: true, ...next }) });
  return make("button", { type: "button", class: "fallback", onclick: () => follow(next) }, text);
}
