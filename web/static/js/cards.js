// One station or one site, in words: what popups and lists show.

import { make } from "./dom.js";
import { distance, number, percent, t } from "./i18n.js";
import { term } from "./register.js";

const HOURS_ZH = [
  [/24\/7/g, "全天"],
  [/\bPH\b/g, "节假日"],
  [/\b(?:off|closed)\b/g, "不开"],
  ...["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"].map((day, i) => [new RegExp(`\\b${day}\\b`, "g"), `周${"一二三四五六日"[i]}`]),
  [/;\s*/g, "；"],
];

// Opening hours as the register has them, their few words in the page's language.
export function hoursText(hours) {
  if (!hours) return t("hoursUnknown");
  if (document.documentElement.lang === "en") return hours;
  return HOURS_ZH.reduce((text, [pattern, word]) => text.replace(pattern, word), hours);
}

export function syntheticMark(record) {
  return record.synthetic ? make("span", { class: "mark" }, t("synthetic")) : null;
}

export function chips(codes) {
  if (!codes.length) return null;
  return make("ul", { class: "chips" }, ...codes.map((code) => make("li", {}, term("amenities", code))));
}

export function stationCard(station) {
  const facts = [
    ["hours", station.opening_hours && hoursText(station.opening_hours)],
    ["access", station.access && term("access", station.access)],
    ["host", station.host],
    ["capacity", station.capacity && t("people", { n: number(station.capacity) })],
    ["status", station.status !== "active" && term("statuses", station.status)],
    ["phone", station.phone && callLink(station.phone)],
    ["record", make("a", { href: `/api/v1/stations/${encodeURIComponent(station.id)}` }, station.id)],
  ];
  return make(
    "article",
    { class: "card" },
    make("h3", {}, station.name),
    make("p", { class: "quiet" }, term("kinds", station.kind), " ", syntheticMark(station)),
    chips(station.amenities),
    station.opening_hours ? null : make("p", { class: "quiet" }, t("hoursUnknown")),
    factList(facts),
  );
}

export function nearestText(site) {
  if (!site.nearest_id) return t("noStationAtAll");
  if (site.nearest_m === 0) return t("inside", { name: site.nearest_name });
  return t("distanceTo", { name: site.nearest_name, distance: distance(site.nearest_m) });
}

export function siteCard(site, within) {
  const partly = site.share > 0 && site.share < 1;
  return make(
    "article",
    { class: "card" },
    make("h3", {}, site.name),
    make("p", {}, make("span", { class: `state ${siteClass(site)}` }, siteState(site)), " ", syntheticMark(site)),
    make("p", {}, nearestText(site)),
    partly ? make("p", {}, t("shareOfArea", { share: percent(site.share), within: distance(within) })) : null,
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

function callLink(phone) {
  const digits = phone.replace(/[^\d+]/g, "");
  return digits.length < 3 ? phone : make("a", { href: `tel:${digits}` }, phone);
}

function factList(facts) {
  const rows = facts.filter(([, value]) => value);
  return make("dl", {}, ...rows.flatMap(([key, value]) => [make("dt", {}, t(key)), make("dd", {}, value)]));
}
