// What if: changes to stations, hosts, counties and roads, several at once, and what they change.

import { get } from "../api.js";
import { areas } from "../areas.js";
import { map } from "../chart.js";
import { byId, make, say, setText } from "../dom.js";
import { number, t, whenLanguage } from "../i18n.js";
import { stationField } from "../named.js";
import { ask, state, whenAsked } from "../state.js";

const VERBS = { station: ["removed", "shut", "open", "equipped", "trust"], host: ["shut", "open", "removed", "equipped", "trust"], county: ["trust", "shut", "open", "equipped", "removed"], road: ["closed"] };
const HOURS = ["", "night", "day", "weekends"];
const OTHER = "other";
const SPELLED = /^(host|county|station|road)[:：]\s*(.+?)\s+(shut|open|removed|equipped|trust|closed)(?:\s+(.+))?$/;
const DIGITS = 6; // of a degree: a decimetre

const form = byId("suppose-form");
const fields = form.elements;
const station = stationField(fields.name, byId("station-names"), (asked) => get("search", asked), () => fields.of.value !== "station");
const named = station.names;
let picking = false;

export function startSuppose() {
  fields.of.addEventListener("change", () => {
    fields.verb.replaceChildren(); // what is usual for it stands first
    choices();
  });
  fields.verb.addEventListener("change", rest);
  fields.hours.addEventListener("change", rest);
  form.addEventListener("submit", add);
  byId("pick").addEventListener("click", () => setPicking(!picking));
  byId("suppose-none").addEventListener("click", () => ask({ what: [], view: "real" }));
  map.on("click", pick);
  whenAsked(list, "what", "layer");
  whenLanguage(() => {
    choices();
    list();
  });
}

// The areas have come: they can be chosen, and are told by their names.
export function nameAreas() {
  choices();
  list();
}

// Suppose one more change, and show what it changes.
export function suppose(text, name) {
  const found = SPELLED.exec(text);
  if (name && found?.[1] === "station") named.set(found[2], name);
  const others = state.what.filter((each) => each !== text);
  return ask({ what: [...others, text], view: "then", tab: "what" });
}

function choices() {
  const of = fields.of.value || "station";
  options(fields.of, Object.keys(VERBS).map((each) => [each, t(`of_${each}`)]));
  options(fields.verb, VERBS[of].map((verb) => [verb, t(`verb_${verb}`)]));
  options(fields.hours, [...HOURS, OTHER].map((each) => [each, t(`what_${each || "always"}`)]));
  options(fields.county, [...areas].map(([code, { name }]) => [code, name]));
  byId("name-field").hidden = of === "county" || of === "road";
  setText(byId("name-label"), t(of === "host" ? "hostPart" : "stationName"));
  byId("county-field").hidden = of !== "county";
  byId("road-field").hidden = of !== "road";
  if (of !== "road") setPicking(false);
  rest();
}

function options(select, entries) {
  const before = select.value;
  select.replaceChildren(...entries.map(([value, text]) => make("option", { value }, text)));
  if (entries.some(([value]) => value === before)) select.value = before;
}

function rest() {
  const byHours = ["shut", "open"].includes(fields.verb.value);
  byId("hours-field").hidden = !byHours;
  byId("other-field").hidden = !byHours || fields.hours.value !== OTHER;
  byId("trust-field").hidden = fields.verb.value !== "trust";
}

// What the form says, as the API reads it; null where something is missing.
function written() {
  const { of, verb } = Object.fromEntries(new FormData(form));
  const typed = fields.name.value.trim();
  const name = { station: station.id(), host: typed, county: fields.county.value, road: fields.road.value.trim() }[of];
  if (!name || /[;；]/.test(name)) return null;
  const hours = fields.hours.value === OTHER ? fields.other.value.trim() : fields.hours.value;
  const more = verb === "trust" ? fields.trust.value : ["shut", "open"].includes(verb) ? hours : "";
  return `${of}:${name} ${verb}${more ? ` ${more}` : ""}`;
}

function add(event) {
  event.preventDefault();
  const text = written();
  say(byId("suppose-status"), text ? "" : t("supposeMissing"), { failed: !text });
  if (!text) return;
  setPicking(false);
  fields.name.value = "";
  fields.road.value = "";
  suppose(text);
}

// A change in words of the page's language; as written where it is not understood.
export function supposedText(text) {
  const found = SPELLED.exec(text);
  if (!found) return text;
  const [, of, name, verb, more = ""] = found;
  const who = { station: () => named.get(name) ?? name, county: () => areas.get(name)?.name ?? name }[of]?.() ?? name;
  const always = ["shut", "open"].includes(verb) ? t("what_always") : "";
  const when = HOURS.includes(more) && more ? t(`what_${more}`) : more || always;
  return t("supposedLine", { of: t(`of_${of}`), who, verb: t(`verb_${verb}`), more: when }).trim();
}

// Stations that an address names by id are told by their names.
async function nameThem() {
  const ids = state.what.map((text) => SPELLED.exec(text)).filter((found) => found?.[1] === "station" && !named.has(found[2])).map(([, , id]) => id);
  if (!ids.length) return;
  const told = await Promise.allSettled(ids.map((id) => get(`stations/${encodeURIComponent(id)}`)));
  told.forEach(({ value }, at) => named.set(ids[at], value?.name ?? ids[at]));
  list();
}

function list() {
  byId("supposed").replaceChildren(...state.what.map((text, at) => {
    const words = supposedText(text);
    const gone = () => {
      const what = state.what.filter((_, i) => i !== at);
      ask({ what, view: what.length ? state.view : "real" });
    };
    return make("li", {}, make("span", {}, words), make("button", { type: "button", class: "plain small", "aria-label": t("takeBack", { text: words }), onclick: gone }, t("away")));
  }));
  nameThem();
  byId("suppose-none").hidden = !state.what.length;
  setText(byId("supposed-count"), state.what.length ? t("supposedCount", { n: number(state.what.length) }) : t("supposedNone"));
}

function setPicking(on) {
  picking = on;
  byId("pick").setAttribute("aria-pressed", String(on));
  map.getContainer().classList.toggle("picking", on);
}

function pick({ latlng }) {
  if (!picking) return;
  const { lng, lat } = latlng.wrap();
  fields.road.value = `${fields.road.value} ${lng.toFixed(DIGITS)},${lat.toFixed(DIGITS)}`.trim();
}
