// One site in words: what popups and lists show, and what figures are made from.

import { make } from "./dom.js";
import { basisText, distance, limitText, number, percent, t, wayTime } from "./i18n.js";
import { syntheticMark } from "./signs.js";

// Whether minutes come from roads or from straight lines, wherever a figure is made of them.
export function basisMark(made) {
  const text = basisText(made);
  return text && make("span", { class: `basis ${made.estimated ? "estimated" : "road"}` }, text);
}

export function siteMark(site, method) {
  return site.unreachable || !site.nearest_id ? "" : basisMark({ ...method, estimated: site.estimated });
}

// How far the nearest station is: in minutes where those were asked.
export function nearestText(site, { unit }) {
  if (!site.nearest_id) return t("noStationAtAll");
  if (unit === "min" && site.unreachable) return t("unreachable");
  if (site.nearest_m === 0) return t("inside", { name: site.nearest_name });
  return t("distanceTo", { name: site.nearest_name, distance: farText(site, unit) });
}

function farText(site, unit) {
  if (unit === "m") return distance(site.nearest_m);
  if (site.nearest_min == null) return t("noWay");
  return wayTime(site.nearest_min, { about: site.estimated });
}

// A site's card on paper; in truth `real` has its lines, and what is on paper is said to be.
export function siteCard(site, method, real = []) {
  const partly = site.share > 0 && site.share < 1;
  return make(
    "article",
    { class: "card" },
    make("h3", {}, site.name),
    make("p", {}, make("span", { class: `state ${siteClass(site)}` }, real.length ? `${t("paper")} ` : "", siteState(site)), " ", syntheticMark(site)),
    ...real,
    make("p", {}, nearestText(site, method), " ", siteMark(site, method)),
    partly ? make("p", {}, t("shareOfArea", { share: percent(site.share), within: limitText(method) })) : null,
    make("p", { class: "quiet" }, workersText(site)),
  );
}

export function workersText(site) {
  if (site.workers == null) return t("workersUnknown");
  return `${t("workers")} ${t("people", { n: number(site.workers) })}`;
}

export function siteClass(site) {
  if (site.share >= 1) return "in";
  return site.covered ? "part" : "out";
}

export function siteState(site) {
  return t({ in: "siteIn", part: "part", out: "siteOut" }[siteClass(site)]);
}
