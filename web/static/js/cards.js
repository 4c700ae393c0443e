// One station or one site, in words: what popups and lists show.

import { get } from "./api.js";
import { make } from "./dom.js";
import { hoursText } from "./hourstext.js";
import { basisText, distance, limitText, minutes, number, percent, t } from "./i18n.js";
import { areaButton } from "./reach.js";
import { term } from "./register.js";
import { syntheticMark } from "./signs.js";
import { atParameter, state } from "./state.js";
import { chips, visitParts } from "./visit.js";

// A station's card. What only holds now, and what the map has no need of, is asked for here;
// `grown` is called when it has come.
export function stationCard(station, grown) {
  const card = make("article", { class: "card" }, ...stationParts(station));
  if (station.links) return card;
  const place = card.querySelector(".visit");
  const { at } = state;
  get(`stations/${encodeURIComponent(station.id)}`, { at: atParameter() }).then(
    (told) => {
      card.replaceChildren(...stationParts({ ...told, at }));
      grown?.();
    },
    (error) => place.append(t("failed", { why: error.message })),
  );
  return card;
}

function stationParts(station) {
  const facts = [
    ["standsAt", station.place && placeText(station.place)],
    ["allPlaces", station.places?.length > 1 && station.places.map(placeText).join(t("semicolon"))],
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
    areaButton(station),
  ];
}

function entriesText(vocabulary, hours = {}) {
  return Object.entries(hours).map(([code, text]) => `${term(vocabulary, code)} ${hoursText(text)}`).join(t("comma"));
}

// Where a mobile station stands on which days, at which hours.
function placeText({ lon, lat, name, from, until, hours }) {
  const days = from || until ? `${from ?? ""} – ${until ?? ""}` : "";
  const where = name || `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  return [where, days, hours && hoursText(hours)].filter(Boolean).join(" ");
}

function closureText({ from, to, reason }) {
  return `${from} – ${to ?? t("untilFurther")}${reason ? ` ${reason}` : ""}`;
}

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
  return site.estimated ? t("minutesAbout", { n: Math.max(1, Math.round(site.nearest_min)) }) : minutes(site.nearest_min);
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

function callLink(phone) {
  const digits = phone.replace(/[^\d+]/g, "");
  return digits.length < 3 ? phone : make("a", { href: `tel:${digits}` }, phone);
}

function factList(facts) {
  const rows = facts.filter(([, value]) => value);
  return make("dl", {}, ...rows.flatMap(([key, value]) => [make("dt", {}, t(key)), make("dd", {}, value)]));
}
