// The stations on the map: all of them, or those in view where there are very many.

import { follow, get } from "./api.js";
import { stationCard } from "./cards.js";
import { cluster, goTo, map } from "./chart.js";
import { byId, makeSvg, say } from "./dom.js";
import { number, t, whenLanguage } from "./i18n.js";
import { register } from "./register.js";
import { whenAsked } from "./state.js";

const L = window.L;
const PAGE = 5000;
const MANY = 10_000; // above this, only what is in view is loaded
const ZOOM_FOR_VIEW = 11;
const ZOOM_APART = 16; // from here on the cluster lets every marker stand alone
const SHAPES = {
  standard: ["circle", { cx: 14, cy: 14, r: 8 }],
  smart: ["path", { d: "M14 4 24 14 14 24 4 14z" }],
  mobile: ["path", { d: "M14 4 24.5 22.5h-21z" }],
};

export const records = new Map(); // id → the station's properties, with `lon` and `lat`
let pending = null;

cluster.options.iconCreateFunction = (group) => {
  const count = group.getChildCount();
  const size = count < 10 ? "small" : count < 100 ? "medium" : "large";
  return L.divIcon({ html: String(count), className: `bunch ${size}`, iconSize: null });
};

// A kind's sign, for markers, lists and the legend.
export function sign(kind, attributes = {}) {
  const [tag, shape] = SHAPES[kind] ?? SHAPES.standard;
  return makeSvg("svg", { viewBox: "0 0 28 28", class: `sign ${kind}`, "aria-hidden": "true", ...attributes }, makeSvg(tag, shape));
}

export async function loadStations() {
  if (register.stations > MANY) {
    map.on("moveend", loadView);
    await loadView();
  } else {
    await loadAll({ limit: PAGE });
  }
}

async function loadAll(question) {
  const notice = byId("notice");
  pending?.abort();
  const { signal } = (pending = new AbortController());
  try {
    let page = await get("stations", question, signal);
    for (;;) {
      add(page.features);
      const next = page.links.find((link) => link.rel === "next");
      if (!next) break;
      say(notice, t("loadingStations", { n: number(records.size), total: number(page.numberMatched) }));
      page = await follow(next.href, signal);
    }
    say(notice, register.stations ? "" : t("noStations"));
  } catch (error) {
    if (error.name === "AbortError") return;
    const retry = { label: t("retry"), run: () => loadAll(question) };
    say(notice, t("failed", { why: error.message }), { retry });
  }
}

async function loadView() {
  clear();
  if (map.getZoom() < ZOOM_FOR_VIEW) {
    pending?.abort();
    say(byId("notice"), t("zoomToSee", { n: number(register.stations) }));
    return;
  }
  const view = map.getBounds().pad(0.1);
  const edges = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()];
  await loadAll({ limit: PAGE, bbox: edges.map((edge) => edge.toFixed(5)).join(",") });
}

function clear() {
  cluster.clearLayers();
  records.clear();
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
  const marker = L.marker([station.lat, station.lon], { icon, title: station.name, alt: station.name });
  marker.bindPopup("", cardSize());
  return marker.on("popupopen", ({ popup }) => fill(popup, station));
}

// Show one station with its card, whether its marker is on the map, in a cluster or not loaded.
export function showStation(station) {
  const at = [station.lat, station.lon];
  goTo(at, ZOOM_APART);
  const popup = L.popup({ ...cardSize(), offset: [0, -8] }).setLatLng(at).setContent(" ").openOn(map);
  fill(popup, station);
}

// A card may grow: when more of it has come, and when something in it is opened.
function fill(popup, station) {
  const card = stationCard(station, () => popup.update());
  card.addEventListener("toggle", () => popup.update(), { capture: true });
  popup.setContent(card);
}

// The size of a card: clear of what stands at the map's edges, scrolled within where that is little.
function cardSize() {
  const height = Math.max(200, map.getSize().y - 150);
  return { minWidth: 230, maxWidth: 290, maxHeight: height, autoPanPaddingTopLeft: [8, 60], autoPanPaddingBottomRight: [8, 60] };
}

whenLanguage(() => map.closePopup());
whenAsked(() => map.closePopup(), "at"); // what an open card says is of another time
