// The stations nearest to me, or to a point tapped on the map.

import { get } from "./api.js";
import { chips, hoursText, syntheticMark } from "./cards.js";
import { goTo, map, uncover } from "./chart.js";
import { byId, make, say } from "./dom.js";
import { distance, number, t, whenLanguage } from "./i18n.js";
import { closeSheet, openPanel } from "./panels.js";
import { term } from "./register.js";
import { needsParameter, whenAsked } from "./state.js";
import { showStation, sign } from "./stations.js";

const L = window.L;
const HOW_MANY = 5;

let asked = null; // { lon, lat, title } of the last question
let answer = null;
let pending = null;
const here = L.circleMarker([0, 0], { radius: 8, className: "here", interactive: false });

export function startNearby() {
  byId("locate").addEventListener("click", locate);
  byId("locate-here").addEventListener("click", locate);
  askOnTap();
  let needs = needsParameter();
  whenAsked(() => {
    if (needs === needsParameter()) return;
    needs = needsParameter();
    if (asked) find(asked);
  });
  whenLanguage(show);
}

function askOnTap() {
  let popupWasOpen = false;
  map.on("preclick", () => {
    popupWasOpen = Boolean(document.querySelector(".leaflet-popup"));
  });
  const tapped = ({ latlng }) => {
    const { lng, lat } = latlng.wrap();
    find({ lon: lng, lat, title: "nearPoint" });
  };
  map.on("click", (event) => popupWasOpen || tapped(event));
  map.on("contextmenu", tapped); // a long press
}

function locate() {
  openPanel("find");
  const status = byId("near-status");
  say(status, t("locating"));
  if (!navigator.geolocation) {
    say(status, t("locateFailed"), { failed: true });
    return;
  }
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      goTo([coords.latitude, coords.longitude]);
      find({ lon: coords.longitude, lat: coords.latitude, title: "nearHere" });
    },
    (error) => say(status, t(error.code === error.PERMISSION_DENIED ? "locateDenied" : "locateFailed"), { failed: true }),
    { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
  );
}

async function find(question) {
  asked = question;
  openPanel("find");
  here.setLatLng([question.lat, question.lon]).addTo(map);
  const status = byId("near-status");
  say(status, t("loading"));
  pending?.abort();
  pending = new AbortController();
  const { lon, lat } = question;
  try {
    answer = await get("nearest", { lon, lat, limit: HOW_MANY, needs: needsParameter() }, pending.signal);
    show();
    uncover([lat, lon]);
  } catch (error) {
    if (error.name === "AbortError") return;
    answer = null;
    byId("near").replaceChildren();
    say(status, t("failed", { why: error.message }), { retry: { label: t("retry"), run: () => find(question) } });
  }
}

function show() {
  if (!answer) return;
  const { stations } = answer;
  const title = byId("near-title");
  title.textContent = t(asked.title);
  title.hidden = false;
  say(byId("near-status"), stations.length ? t("nearCount", { n: number(stations.length) }) : t("nearNone"));
  byId("near").replaceChildren(...stations.map(item));
}

function item(station) {
  return make(
    "li",
    {},
    make(
      "button",
      { type: "button", class: "row", onclick: () => { closeSheet(); showStation(station); } },
      sign(station.kind),
      make("span", { class: "name" }, station.name),
      make("span", { class: "far" }, distance(station.distance_m)),
      make("span", { class: "quiet" }, term("kinds", station.kind), " · ", hoursText(station.opening_hours), " ", syntheticMark(station)),
    ),
    chips(station.amenities),
  );
}
