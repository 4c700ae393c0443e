// One station in words: what popups and lists show.

import { get } from "./api.js";
import { make, say } from "./dom.js";
import { activityLines } from "./happening.js";
import { hoursText } from "./hourstext.js";
import { number, t } from "./i18n.js";
import { lifted } from "./press.js";
import { areaButton } from "./reach.js";
import { term } from "./register.js";
import { syntheticMark } from "./signs.js";
import { atParameter, state } from "./state.js";
import { chips, visitParts } from "./visit.js";

// A station's card. What the map has no need of, and what only holds now unless `station` is a hit of
// `nearest`, is asked for here. What stands on the card already stays.
export function stationCard(station) {
  const kind = make("p", { class: "quiet" }, ...kindParts(station));
  const visit = make("div", { class: "visit" }, ...(station.links ? visitParts(station) : [chips(station.amenities)]));
  const facts = make("dl", {}, ...factLines(station));
  const status = make("p", { role: "status", class: "message" });
  const card = make("article", { class: "card station", "aria-label": station.name }, make("h3", {}, station.name), kind, visit, status, facts, areaButton(station));
  const { at } = state;
  const tell = (told) => {
    if (!station.links) visit.replaceChildren(...filled(visitParts({ ...told, at })));
    kind.replaceChildren(...kindParts(told));
    visit.after(...activityLines(told.activities ?? []));
    facts.replaceChildren(...factLines(told));
    say(status, "");
  };
  const ask = async () => {
    if (card.contains(document.activeElement)) card.focus({ preventScroll: true }); // not on a button that goes
    card.classList.toggle("waiting", !station.links);
    say(status, station.links ? "" : t("loading"));
    const told = await get(`stations/${encodeURIComponent(station.id)}`, { at: atParameter() }).catch((error) => error);
    await lifted();
    card.classList.remove("waiting");
    if (told instanceof Error) say(status, t("failed", { why: told.message }), { retry: { label: t("retry"), run: ask } });
    else tell(told);
  };
  ask();
  return card;
}

function kindParts({ kind, synthetic }) {
  return filled([kind && term("kinds", kind), " ", syntheticMark({ synthetic })]);
}

function filled(parts) {
  return parts.filter(Boolean);
}

function factLines(station) {
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
  return facts.filter(([, value]) => value).flatMap(([key, value]) => [make("dt", {}, t(key)), make("dd", {}, value)]);
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
