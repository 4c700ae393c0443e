// The planner's page: from the question to coverage in truth, suppositions, a plan and its files.

import "../../words/map.js";
import "../../words/plan.js";
import { startAccount } from "../account.js";
import { get } from "../api.js";
import { loadAreas, showAll } from "../areas.js";
import { nameSources } from "../chart.js";
import { byId, say } from "../dom.js";
import { startLanguage, t, whenLanguage } from "../i18n.js";
import { startNeeds } from "../needs.js";
import { loadRegister, register } from "../register.js";
import { ask, state, whenAsked } from "../state.js";
import { goToPlace, startAddress } from "./address.js";
import { startCompare } from "./compare.js";
import { startDifference } from "./difference.js";
import { startFigures } from "./figures.js";
import { startGaps } from "./gaps.js";
import { startHeat } from "./heat.js";
import { measure, startMeasuring } from "./measure.js";
import { isOpen, setLayers, startQuestion } from "./question.js";
import { startScheme } from "./scheme.js";
import { startStations } from "./stations.js";
import { nameAreas, startSuppose } from "./suppose.js";
import { startTabs } from "./tabs.js";
import { show, startView } from "./view.js";
import { startWeek } from "./week.js";
import { startWish } from "./wish.js";

let ready = false; // whether all is here that a plan is asked with

startLanguage();
startAccount();
start();

async function start() {
  const notice = byId("notice");
  say(notice, t("loading"));
  try {
    const [{ layers }] = await Promise.all([get("layers"), loadRegister()]);
    nameSources("register", register.attribution);
    nameSources("layers", layers.flatMap(({ attribution }) => attribution));
    await begin(layers);
    say(notice, "");
  } catch (error) {
    say(notice, t("failed", { why: error.message }), { retry: { label: t("retry"), run: () => location.reload() } });
  }
}

async function begin(layers) {
  if (register.synthetic) byId("synthetic").hidden = false;
  if (window.matchMedia("(max-width: 899px)").matches) byId("rows-part").open = false;
  byId("question").open = !location.search; // who follows a link sees the answer
  startAddress();
  startQuestion();
  startNeeds();
  startTabs();
  setLayers(layers);
  if (!state.layer) await ask({ layer: (layers.find(({ name }) => name === "parks") ?? layers[0])?.name ?? "" });
  startMeasuring();
  startWeek();
  startHeat();
  startFigures();
  startGaps();
  startSuppose();
  startDifference();
  startStations();
  startView();
  startCompare(show);
  whenLanguage(tellClosed);
  whenAsked(tellClosed, "layer");
  if (!goToPlace()) showAll();
  await Promise.all([loadAreas().then(nameAreas).then(show), measure(), startWish(), startScheme().then(show)]);
  ready = true;
  tellClosed();
}

// A link may ask about a layer that is not open to whoever follows it.
function tellClosed() {
  const closed = byId("closed");
  closed.hidden = isOpen();
  byId("open-part").hidden = !isOpen();
  byId("go").disabled = !ready || !isOpen() || !byId("plan-job").hidden;
  if (isOpen()) return;
  const next = `/signin?next=${encodeURIComponent(location.pathname + location.search)}`;
  byId("closed-sign-in").href = next;
}
