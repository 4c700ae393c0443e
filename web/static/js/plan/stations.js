// Stations in view, once somebody wants to see them; a card tells, and offers suppositions.

import { get } from "../api.js";
import { map } from "../chart.js";
import { byId, make, say } from "../dom.js";
import { number, t } from "../i18n.js";
import { term } from "../register.js";
import { suppose } from "./suppose.js";

const L = window.L;
const MOST = 2000; // dots at a time

export const stationsGroup = L.layerGroup();
let asking = null;

export function startStations() {
  stationsGroup.on("add", load).on("remove", forget);
  map.on("moveend", () => map.hasLayer(stationsGroup) && load());
}

function forget() {
  asking?.abort();
  stationsGroup.clearLayers();
  say(byId("notice"), "");
}

async function load() {
  asking?.abort();
  const { signal } = (asking = new AbortController());
  const box = map.getBounds();
  const bbox = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((each) => each.toFixed(5)).join(",");
  try {
    const { features, numberMatched } = await get("stations", { bbox, status: "active", limit: MOST }, signal);
    stationsGroup.clearLayers();
    for (const { geometry, properties } of features) stationsGroup.addLayer(dot(geometry.coordinates, properties));
    say(byId("notice"), numberMatched > features.length ? t("stationsSome", { n: number(features.length), total: number(numberMatched) }) : "");
  } catch (error) {
    if (error.name !== "AbortError") say(byId("notice"), t("failed", { why: error.message }), { retry: { label: t("retry"), run: load } });
  }
}

function dot([lon, lat], station) {
  return L.circleMarker([lat, lon], { radius: 5, pane: "sites", className: "station-dot" }).bindPopup(() => card(station), { minWidth: 220, maxWidth: 290 });
}

function card({ id, name, host, opening_hours: hours, amenities }) {
  const offer = (change, key) => make("button", { type: "button", class: "plain small", onclick: () => { map.closePopup(); suppose(`station:${id} ${change}`, name); } }, t(key));
  return make("article", { class: "card" },
    make("h3", {}, name),
    make("p", { class: "quiet" }, [host, hours || t("hoursUnknown")].filter(Boolean).join(" · ")),
    make("p", {}, amenities.map((code) => term("amenities", code)).join(t("comma"))),
    make("p", { class: "offers" }, offer("removed", "ifRemoved"), offer("open", "ifOpen"), offer("shut weekends", "ifShutWeekends")));
}
