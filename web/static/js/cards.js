// One station or one site, in words: what popups and lists show.

import { get } from "./api.js";
import { make } from "./dom.js";
import { distance, number, percent, t } from "./i18n.js";
import { term } from "./register.js";
import { chips, visitParts } from "./visit.js";

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

// A station's card. What only holds now, and what the map has no need of, is asked for here;
// `grown` is called when it has come.
export function stationCard(station, grown) {
  const card = make("article", { class: "card" }, ...stationParts(station));
  if (station.links) return card;
  const place = card.querySelector(".visit");
  get(`stations/${encodeURIComponent(station.id)}`).then(
    (told) => {
      card.replaceChildren(...stationParts(told));
      grown?.();
    },
    (error) => place.append(t("failed", { why: error.message })),
  );
  return card;
}

function stationParts(station) {
  const facts = [
    ["hours", station.opening_hours && hoursText(station.opening_hours)],
    ["hostHours", !station.opening_hours && station.host_hours && hoursText(station.host_hours)],
    ["amenityHours", entriesText("amenities", station.amenity_hours)],
    ["closures", station.closures?.map(closureText).join(t("comma"))],
    ["accessHours", entriesText("access", station.access_hours)],
    ["ebikeParking", station.ebike_parking && number(station.ebike_parking)],
    ["truckBays", station.truck_bays && number(station.truck_bays)],
    ["access", station.access && term("access", station.access)],
    ["host", station.host],
    ["capacity", station.capacity && t("people", { n: number(station.capacity) })],
    ["status", station.status !== "active" && term("statuses", station.status)],
    ["phone", station.phone && callLink(station.phone)],
    ["record", make("a", { href: `/api/v1/stations/${encodeURIComponent(station.id)}` }, station.id)],
  ];
  return [
    make("h3", {}, station.name),
    make("p", { class: "quiet" }, term("kinds", station.kind), " ", syntheticMark(station)),
    make("div", { class: "visit" }, ...(station.links ? visitParts(station) : [chips(station.amenities)])),
    factList(facts),
  ];
}

function entriesText(vocabulary, hours = {}) {
  return Object.entries(hours).map(([code, text]) => `${term(vocabulary, code)} ${hoursText(text)}`).join(t("comma"));
}

function closureText({ from, to, reason }) {
  return `${from} – ${to ?? t("untilFurther")}${reason ? ` ${reason}` : ""}`;
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
