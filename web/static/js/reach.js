// From where a station is in reach: its area on the map, and a line that says what it is.

import { get } from "./api.js";
import { fit, goTo, map } from "./chart.js";
import { byId, make, say } from "./dom.js";
import { basisText, limitText, t, whenLanguage } from "./i18n.js";
import { closeSheet } from "./panels.js";
import { state, whenAsked } from "./state.js";

const L = window.L;
const WITHIN = "10min";
const BAR = { above: 150, below: 100 }; // pixels kept free for the line: above on a phone, else below

const shape = L.geoJSON(null, { pane: "reach", interactive: false, style: ({ properties }) => ({ className: `reach ${properties.estimated ? "estimated" : ""}` }) }).addTo(map);
const target = L.circleMarker([0, 0], { pane: "target", radius: 15, interactive: false, className: "target" });
let shown = null; // { station, fields } on the map, or asked for
let pending = null;

export function areaButton(station) {
  if (station.status !== "active") return null;
  const text = limitText({ within: WITHIN, unit: "min", mode: state.mode });
  return make("button", { type: "button", class: "plain wide", onclick: () => showArea(station) }, t("areaOf", { within: text }));
}

async function showArea(station) {
  closeSheet();
  map.closePopup();
  const bar = byId("area-bar");
  say(bar, t("loading"));
  pending?.abort();
  const { signal } = (pending = new AbortController());
  try {
    const area = await get(`stations/${encodeURIComponent(station.id)}/area`, { within: WITHIN, mode: state.mode }, signal);
    shown = { station, fields: area.properties };
    shape.clearLayers();
    target.setLatLng([station.lat, station.lon]).addTo(map);
    if (area.geometry) {
      shape.addData(area);
      fit(shape.getBounds(), 16, BAR);
    } else goTo([station.lat, station.lon]);
    tell();
    bar.querySelector("button").focus();
  } catch (error) {
    if (error.name === "AbortError") return;
    say(bar, t("failed", { why: error.message }), { retry: { label: t("retry"), run: () => showArea(station) } });
  }
}

function tell() {
  if (!shown) return;
  const { station, fields } = shown;
  const text = fields.unreachable ? t("areaNone", { name: station.name }) : t("areaShown", { name: station.name, within: limitText(fields), basis: basisText(fields) });
  say(byId("area-bar"), text);
  byId("area-bar").append(" ", make("button", { type: "button", class: "plain", onclick: clear }, t("areaClear")));
}

function clear() {
  pending?.abort();
  shown = null;
  shape.clearLayers();
  target.remove();
  say(byId("area-bar"), "");
  map.getContainer().focus();
}

whenLanguage(tell);
whenAsked(() => shown && showArea(shown.station), "mode");
