// One station in words: what popups and lists show.

import { get } from "./api.js";
import { make } from "./dom.js";
import { activityLines } from "./happening.js";
import { hoursText } from "./hourstext.js";
import { number, t } from "./i18n.js";
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
    ["record", make("a", { href: `/stations/${encodeURIComponent(station.id)}` }, station.id)],
  ];
  return [
    make("h3", {}, station.name),
    make("p", { class: "quiet" }, term("kinds", station.kind), " ", syntheticMark(station)),
    make("div", { class: "visit" }, ...(station.links ? visitParts(station) : [chips(station.amenities)])),
    ...activityLines(station.activities ?? []),
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

function callLink(phone) {
  const digits = phone.replace(/[^\d+]/g, "");
  return digits.length < 3 ? phone : make("a", { href: `tel:${digits}` }, phone);
}

function factList(facts) {
  const rows = facts.filter(([, value]) => value);
  return make("dl", {}, ...rows.flatMap(([key, value]) => [make("dt", {}, t(key)), make("dd", {}, value)]));
}
