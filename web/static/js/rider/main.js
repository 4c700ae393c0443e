// The rider's page: light enough for a slow phone, and without a network it still works.

import "../../words/rider.js";
import { startAccount } from "../account.js";
import { byId, setText } from "../dom.js";
import { startLanguage, t, whenLanguage } from "../i18n.js";
import { startNeeds } from "../needs.js";
import { useRegister } from "../register.js";
import { deliverBy } from "../report.js";
import { startTrip } from "../trip.js";
import { find, startAsking } from "./ask.js";
import { recallFilters, startFilters } from "./filters.js";
import { startPlace } from "./place.js";
import { deliverLater, startQueue } from "./queue.js";
import { recall } from "./taken.js";

useRegister(JSON.parse(byId("words").textContent));
startLanguage();
startAccount();
recallFilters();
startTrip();
startNeeds();
startFilters();
startPlace(find);

byId("map").addEventListener("click", stay);
window.addEventListener("online", tellNetwork);
window.addEventListener("offline", tellNetwork);
whenLanguage(tellNetwork);

startAsking();
recall();
startQueue().then(() => deliverBy(deliverLater), () => {}); // who cannot keep a report sends it at once
keepPage();

function tellNetwork() {
  const bar = byId("network");
  bar.hidden = navigator.onLine;
  bar.classList.remove("called");
  setText(bar, navigator.onLine ? "" : t("offlineSearch"));
  byId("map").classList.toggle("off", !navigator.onLine);
}

// The answer stays on the screen: without a network the map would be an error of the browser's.
function stay(event) {
  if (navigator.onLine) return;
  event.preventDefault();
  byId("network").classList.add("called");
  setText(byId("network"), t("offlineMap"));
}

// A newer page that waits is taken over now: all scripts of this one are loaded already.
async function keepPage() {
  const held = await navigator.serviceWorker?.register("/worker.js").catch(() => null);
  held?.waiting?.postMessage("take over");
}
