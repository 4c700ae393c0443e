// The nearest without a network: `nearest` of the API again, over the stations of the packages kept,
// simplified. Minutes are the estimate from straight metres; the order is that of expected minutes:
// the way, and by the chance that the door is shut the way on to another, or giving up.

import { inEach } from "../i18n.js";
import { changeText, stateWord, worst } from "./lines.js";

const LOOKED_AT = 40; // of the nearest that may do
const FARTHEST_M = 100_000;
const RADIUS_M = 6_378_137;
const FLATTENING_2 = 0.00669438; // eccentricity squared, WGS 84
const STEP = 1e-5;
const WIDE = { amap_name: [[",", "，"]], geo_name: [["(", "（"], [")", "）"]] };

// `asked`: { lon, lat, needs (codes), mode, stay, open, at (instant or ""), limit }. The answer is
// shaped as the API's, with `offline` and `names`; null where nothing kept is near enough.
export function answerFrom(packages, asked, now) {
  const instant = asked.at ? Date.parse(asked.at) : now;
  const all = packages.flatMap(({ known, at }) => stands(known, at, asked, instant));
  const near = all.filter(({ metres }) => metres <= FARTHEST_M);
  if (!near.length) return null;
  const fit = near.filter((stand) => asked.needs.every((code) => stand.amenities.includes(code)));
  const viable = fit.filter(({ state }) => asked.open === "any" || state !== 0).sort((a, b) => a.minutes - b.minutes);
  const hits = best(viable.slice(0, LOOKED_AT).map((stand) => expected(stand, fit)), asked);
  const [code, why] = fit.length ? ["shut", "noneOpenKept"] : ["none_fits", "noneFits"];
  return {
    at: new Date(instant).toISOString(),
    offline: Math.min(...near.map(({ toldAt }) => toldAt)),
    synthetic: hits.some(({ stand }) => stand.synthetic),
    stations: hits.map(told),
    why_none: hits.length ? null : { code, ...inEach(why) },
  };
}

// Every place of a package as it is for this question; stations that stand elsewhere are left out.
function stands(known, toldAt, asked, instant) {
  const { stations, few, lines, days, origin } = known;
  const clock = (instant - Date.parse(`${known.first_day}T00:00+08:00`)) / 60_000;
  const perMetre = known.minutes_per_m[asked.mode];
  const made = [];
  for (let n = 0; n < stations.id.length; n++) {
    const lon = origin[0] + stations.east[n] * STEP;
    const lat = origin[1] + stations.north[n] * STEP;
    const metres = metresBetween(asked, { lon, lat });
    const minutes = metres * perMetre;
    const amenities = stations.amenities[n].map((i) => known.amenities[i]);
    const own = asked.needs.map((code) => few.amenity_hours[n]?.[code]).filter((line) => line != null);
    const doors = [stations.hours[n], ...own].map((line) => lines[line]);
    const stateAt = (after) => doorState(doors, clock + after, asked.stay, days);
    const there = few.there[n];
    if (there != null && worst(lines[there], Math.floor(clock + minutes), Math.floor(clock + minutes), days) !== 1) continue;
    made.push({ known, toldAt, n, id: stations.id[n], lon, lat, metres, minutes, perMetre, amenities, stateAt, state: stateAt(minutes), clock, doors, trust: stations.trust[n], synthetic: Boolean(stations.synthetic[n]), mode: asked.mode });
  }
  return made;
}

function doorState(doors, arrival, stay, days) {
  const first = Math.floor(arrival);
  const last = Math.max(Math.ceil(arrival + stay) - 1, first);
  const found = doors.map((line) => worst(line, first, last, days));
  return found.includes(0) ? 0 : found.includes(2) ? 2 : 1;
}

function chance({ known, trust }, state) {
  return trust * [0, 1, known.unknown_share][state];
}

// The expected minutes of going to a stand, and where to go if its door is shut.
function expected(stand, others) {
  const giveUp = stand.known.give_up_min;
  let next = null;
  for (const other of others) {
    if (other.id === stand.id) continue;
    const metres = metresBetween(stand, other);
    const way = metres * stand.perMetre;
    const least = way + (1 - other.trust) * giveUp;
    if (next && least >= next.cost) continue;
    const state = other.stateAt(stand.minutes + way);
    const cost = way + (1 - chance(other, state)) * giveUp;
    if (state !== 0 && (!next || cost < next.cost || (cost === next.cost && other.id < next.other.id))) next = { other, metres, way, state, cost };
  }
  const lost = 1 - chance(stand, stand.state);
  return { stand, next, minutes: stand.minutes + lost * Math.min(next?.cost ?? giveUp, giveUp) };
}

// The best of each station, unknown doors last where open ones are asked for; ties go by id.
function best(visits, { open, limit }) {
  const late = ({ stand }) => (open !== "any" && stand.state === 2 ? 1 : 0);
  visits.sort((a, b) => late(a) - late(b) || a.minutes - b.minutes || (a.stand.id < b.stand.id ? -1 : 1));
  const seen = new Set();
  return visits.filter(({ stand: { id } }) => !seen.has(id) && seen.add(id)).slice(0, limit);
}

function told({ stand, next, minutes }) {
  const { known, n } = stand;
  const { stations, few, lines } = known;
  const arrival = Math.floor(stand.clock + stand.minutes);
  const others = Object.entries(few.ways[n] ?? {}).filter(([, line]) => worst(lines[line], arrival, arrival, known.days) === 1);
  return {
    id: stand.id,
    name: stations.name[n],
    kind: stations.kind[n],
    amenities: stand.amenities,
    area_code: "",
    lon: stand.lon,
    lat: stand.lat,
    synthetic: stand.synthetic,
    offline: true,
    distance_m: stand.metres,
    road_m: null,
    minutes: stand.minutes,
    estimated: true,
    mode: stand.mode,
    expected_minutes: minutes,
    open: stateWord(stand.state),
    open_text: changeText(stand.doors.find((line) => doorState([line], arrival, 0, known.days) === stand.state) ?? stand.doors[0], arrival, Math.floor(stand.clock), known.first_day),
    way_in: others[0]?.[0] ?? stations.access[n],
    door_asks: few.asks[n] ?? [],
    trust: stand.trust,
    trust_text: known.told[stations.told[n]],
    why: [{ zh: "", en: "" }],
    fallback: next && fallbackOf(next),
    links: linksTo(stand),
  };
}

function fallbackOf({ other, metres, way, state }) {
  const name = other.known.stations.name[other.n];
  return { id: other.id, name, lon: other.lon, lat: other.lat, distance_m: metres, road_m: null, minutes: way, estimated: true, open: stateWord(state), trust: other.trust };
}

// One station by its id, as an answer shows it; undefined where it is not kept.
export function stationFrom(packages, id, asked, now) {
  const all = packages.flatMap(({ known, at }) => stands(known, at, asked, asked.at ? Date.parse(asked.at) : now));
  const stand = all.find((each) => each.id === id);
  return stand && told(expected(stand, all));
}

function linksTo({ known, n, lon, lat }) {
  const { stations, few } = known;
  const [east, north] = few.door[n] ?? [0, 0];
  const end = { lon: lon + east * STEP, lat: lat + north * STEP };
  const name = stations.name[n];
  const values = {
    lon: end.lon.toFixed(6),
    lat: end.lat.toFixed(6),
    gcj_lon: (end.lon + stations.gcj_east[n] * STEP).toFixed(6),
    gcj_lat: (end.lat + stations.gcj_north[n] * STEP).toFixed(6),
    name: encodeURIComponent(name.toWellFormed?.() ?? name),
    source: known.source,
  };
  for (const [key, pairs] of Object.entries(WIDE)) values[key] = encodeURIComponent(pairs.reduce((text, [from, to]) => text.replaceAll(from, to), name.toWellFormed?.() ?? name));
  return known.links.map((form) => ({ ...form, url: form.url.replace(/\{(\w+)\}/g, (_, key) => values[key]) }));
}

// Straight metres by the Earth's curvature in the middle: within a metre of the geodesic at 50 km.
export function metresBetween(a, b) {
  const middle = (((a.lat + b.lat) / 2) * Math.PI) / 180;
  const bend = 1 - FLATTENING_2 * Math.sin(middle) ** 2;
  const meridian = (RADIUS_M * (1 - FLATTENING_2)) / bend ** 1.5;
  const across = (RADIUS_M / Math.sqrt(bend)) * Math.cos(middle);
  const degree = Math.PI / 180;
  return Math.hypot((b.lon - a.lon) * degree * across, (b.lat - a.lat) * degree * meridian);
}
