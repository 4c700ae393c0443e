// The stations for me to go to, from here or from a point tapped on the map.

import { get } from "./api.js";
import { goTo, map, uncover } from "./chart.js";
import { byId, say, setText } from "./dom.js";
import { grow } from "./grip.js";
import { hitItem } from "./hits.js";
import { t, whenLanguage } from "./i18n.js";
import { closeSheet, openPanel } from "./panels.js";
import { lifted } from "./press.js";
import { registerLoaded } from "./register.js";
import { atParameter, needsParameter, state, whenAsked } from "./state.js";
import { known, showStation } from "./stations.js";
import { answerText, wayOut } from "./told.js";

const L = window.L;
const HOW_MANY = 5;
const MARGIN = 8;
const DIGITS = 6; // of a degree: a decimetre

let asked = null; // { lon, lat, title } of the last question
let answer = null;
let pending = null;
const here = L.circleMarker([0, 0], { radius: 8, className: "here", interactive: false });

export function startNearby() {
  byId("locate").addEventListener("click", locate);
  byId("locate-here").addEventListener("click", locate);
  askOnTap();
  whenAsked(() => asked && find(asked), "needs", "mode", "stay", "open", "at");
  whenLanguage(show);
  const place = linked();
  if (place) findAndLook(place);
}

function askOnTap() {
  let popupWasOpen = false;
  map.on("preclick", () => {
    popupWasOpen = Boolean(document.querySelector(".leaflet-popup"));
  });
  const tapped = ({ latlng }) => {
    const { lng, lat } = latlng.wrap();
    findAndLook({ lon: lng, lat, title: "nearPoint" });
  };
  map.on("click", (event) => popupWasOpen || tapped(event));
  map.on("contextmenu", tapped); // a long press
}

// A link from another page: `#at=102.7,25.04`. It stays in this browser: no fragment is sent.
function linked() {
  const [lon, lat] = (/^#at=([-\d.]+),([-\d.]+)$/.exec(location.hash) ?? []).slice(1).map(Number);
  return Math.abs(lon) <= 180 && Math.abs(lat) <= 85 ? { lon, lat, title: "nearPoint" } : null;
}

// Once the register has come the map shows all of it: back to the place asked about meanwhile.
export function backToPlace() {
  if (asked) goTo([asked.lat, asked.lon]);
}

function locate() {
  map.closePopup();
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
      findAndLook({ lon: coords.longitude, lat: coords.latitude, title: "nearHere" });
    },
    (error) => say(status, t(error.code === error.PERMISSION_DENIED ? "locateDenied" : "locateFailed"), { failed: true }),
    { enableHighAccuracy: true, timeout: 15_000, maximumAge: 30_000 },
  );
}

// A new place: bring its answer before the eyes. A change of conditions leaves the page where it is.
async function findAndLook(question) {
  await find(question);
  grow();
  byId("sheet").scrollTop += byId("near-title").getBoundingClientRect().top - byId("sheet").getBoundingClientRect().top - MARGIN;
}

async function find(question) {
  asked = question;
  openPanel("find");
  here.setLatLng([question.lat, question.lon]).addTo(map);
  const status = byId("near-status");
  say(status, t("loading"));
  pending?.abort();
  pending = new AbortController();
  const { signal } = pending;
  const { lon, lat } = question;
  const { mode, stay, open } = state;
  const place = { lon: lon.toFixed(DIGITS), lat: lat.toFixed(DIGITS) };
  const parameters = { ...place, limit: HOW_MANY, needs: needsParameter(), mode, stay, open, at: atParameter(), by: "time" };
  try {
    const [found] = await Promise.all([get("nearest", parameters, signal), registerLoaded]);
    await lifted();
    if (signal.aborted) return;
    answer = found;
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
  const title = byId("near-title");
  setText(title, t(asked.title));
  title.hidden = false;
  const status = byId("near-status");
  say(status, answerText(answer, state));
  status.append(" ", wayOut(answer, state) ?? "");
  byId("near").replaceChildren(...answer.stations.map((hit) => hitItem(hit, { choose: onMap, follow: onMap })));
}

// Only stations in use are answers.
function onMap(station) {
  closeSheet();
  showStation(known({ status: "active", ...station }));
}
