// One station or one site, in words: what popups and lists show.

import { make } from "./dom.js";
import { distance, number, percent, t } from "./i18n.js";
import { term } from "./register.js";

export function syntheticMark(record) {
  return record.synthetic ? make("span", { class: "mark" }, t("synthetic")) : null;
}

export function chips(codes) {
  if (!codes.length) return null;
  return make("ul", { class: "chips" }, ...codes.map((code) => make("li", {}, term("amenities", code))));
}

export function stationCard(station) {
  const facts = [
    ["hours", station.opening_hours || t("noHours")],
    ["access", station.access && term("access", station.access)],
    ["host", station.host],
    ["capacity", station.capacity && t("people", { n: number(station.capacity) })],
    ["status", station.status !== "active" && term("statuses", station.status)],
    ["phone", station.phone && callLink(station.phone)],
  ];
  return make(
    "article",
    { class: "card" },
    make("h3", {}, station.name),
    make("p", { class: "quiet" }, term("kinds", station.kind), " ", syntheticMark(station)),
    chips(station.amenities),
    factList(facts),
  );
}

export function siteCard(site, within) {
  const nearest = site.nearest_id
    ? t("distanceTo", { name: site.nearest_name, distance: distance(site.nearest_m) })
    : t("noStationAtAll");
  const partly = site.share > 0 && site.share < 1;
  return make(
    "article",
    { class: "card" },
    make("h3", {}, site.name),
    make("p", {}, make("span", { class: `state ${siteClass(site)}` }, siteState(site)), " ", syntheticMark(site)),
    make("p", {}, nearest),
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
