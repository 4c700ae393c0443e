// The map page: what is loaded, in which order.

import "../words/map.js";
import { startAccount } from "./account.js";
import { loadAreas, showAll } from "./areas.js";
import { nameSources } from "./chart.js";
import { startCoverage } from "./coverage.js";
import { byId, say } from "./dom.js";
import { startGrip } from "./grip.js";
import { number, startLanguage, t, whenLanguage } from "./i18n.js";
import { drawLegend, startLegend } from "./legend.js";
import { backToPlace, startNearby } from "./nearby.js";
import { startNeeds } from "./needs.js";
import { startPanels } from "./panels.js";
import { loadRegister, register } from "./register.js";
import { searchAgain, startSearch } from "./search.js";
import { loadStations } from "./stations.js";
import { startTrip } from "./trip.js";

startLanguage();
startPanels();
startGrip();
startSearch();
startAccount();
startLegend();
startTrip();
startNearby();
start();

async function start() {
  const notice = byId("notice");
  say(notice, t("loading"));
  try {
    await loadRegister();
  } catch (error) {
    say(notice, t("failed", { why: error.message }), { retry: { label: t("retry"), run: start } });
    return;
  }
  whenLanguage(() => {
    byId("count").textContent = t("count", { n: number(register.stations) });
  });
  nameSources("register", register.attribution);
  if (register.synthetic) byId("synthetic").hidden = false;
  startNeeds();
  drawLegend();
  showAll();
  backToPlace();
  const seen = loadStations();
  await Promise.all([seen.then(searchAgain), seen.then(loadAreas).then(searchAgain), startCoverage()]).catch((error) => {
    say(notice, t("failed", { why: error.message }), { retry: { label: t("retry"), run: () => location.reload() } });
  });
}
