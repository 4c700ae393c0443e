// The stations on the map: all of them, or, of very many, marks of what is in view.

import { follow, get } from "./api.js";
import { stationCard } from "./cards.js";
import { cluster, goTo, map } from "./chart.js";
import { byId, say, straight } from "./dom.js";
import { number, t, whenLanguage } from "./i18n.js";
import { openCard } from "./popups.js";
import { register } from "./register.js";
import { sign } from "./signs.js";
import { whenAsked } from "./state.js";
import { marksLayer } from "./tiles.js";

const L = window.L;
const PAGE = 5000;
const MANY = 10_000; // above this, the server makes the bunches, and finds names
const ZOOM_APART = 16; // from here on the cluster lets every marker stand alone

export const records = new Map(); // id → the station's properties, with `lon` and `lat`

cluster.options.iconCreateFunction = (group) => {
  const count = group.getChildCount();
  const said = `<span aria-hidden="true">${count}</span><span class="unseen">${t("count", { n: number(count) })}</span>`;
  return bunchIcon(said, count);
};

function bunchIcon(text, count) {
  const size = count < 10 ? "small" : count < 100 ? "medium" : "large";
  return L.divIcon({ html: text, className: `bunch ${size}`, iconSize: null });
}

// Whether all stations are in `records` once they are loaded.
export function allLoaded() {
  return register.stations <= MANY;
}

// Settles when the first stations are there to see, or cannot be had.
export function loadStations() {
  if (allLoaded()) return loadAll({ limit: PAGE });
  const notice = byId("notice");
  return new Promise((settle) => {
    const loaded = () => {
      say(notice, "");
      settle();
    };
    const failed = (error, again) => {
      say(notice, t("failed", { why: error.message }), { retry: { label: t("retry"), run: again } });
      settle();
    };
    marksLayer({ bunch: bunchOf, station: (mark) => markerOf(known(mark)), loaded, failed }).addTo(map);
  });
}

// Many stations, the count short enough for its disc; a tap goes where they come apart.
function bunchOf({ lon, lat, count }) {
  const icon = bunchIcon(count < 1000 ? String(count) : `${Math.round(count / 1000)}k`, count);
  const title = t("count", { n: number(count) });
  const marker = L.marker([lat, lon], { icon, title, alt: title });
  return chosen(marker, () => map.setView([lat, lon], map.getZoom() + 2, { animate: false }));
}

async function loadAll(question) {
  const notice = byId("notice");
  try {
    let page = await get("stations", question);
    for (;;) {
      add(page.features);
      const next = page.links.find((link) => link.rel === "next");
      if (!next) break;
      say(notice, t("loadingStations", { n: number(records.size), total: number(page.numberMatched) }));
      page = await follow(next.href);
    }
    say(notice, register.stations ? "" : t("noStations"));
  } catch (error) {
    const retry = { label: t("retry"), run: () => loadAll(question) };
    say(notice, t("failed", { why: error.message }), { retry });
  }
}

function add(features) {
  const added = features.map(({ geometry, properties }) => {
    const [lon, lat] = geometry.coordinates;
    const station = { ...properties, lon, lat };
    records.set(station.id, station);
    return markerOf(station);
  });
  cluster.addLayers(added);
}

function markerOf(station) {
  const idle = station.status === "active" ? "" : "idle";
  const icon = L.divIcon({ html: sign(station.kind), className: `pin ${idle}`, iconSize: [28, 28] });
  const marker = L.marker([station.lat, station.lon], { icon, title: straight(station.name), alt: straight(station.name) });
  return chosen(marker, () => showCard(station));
}

// By mouse, finger or keyboard.
function chosen(marker, run) {
  marker.on("keypress", ({ originalEvent: event }) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    run();
  });
  return marker.on("click", run);
}

// A station of which only the mark is known: its card asks for the rest.
export function known(mark) {
  return { amenities: [], ...mark };
}

// Show one station with its card, whether its marker is on the map, in a cluster or not loaded.
export function showStation(station) {
  goTo([station.lat, station.lon], ZOOM_APART);
  showCard(station);
}

function showCard(station) {
  openCard(stationCard(station), [station.lat, station.lon]);
}

whenLanguage(() => {
  map.closePopup();
  cluster.refreshClusters();
});
whenAsked(() => map.closePopup(), "at"); // what an open card says is of another time
